"""Sparkline: a line of numbers as small as a word, inline SVG without a script. The page's style colours it."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from watchkeeper.charts.lines import Line

__all__ = ["MOST_POINTS", "sparkline", "strip"]

Floats = NDArray[np.float64]
MOST_POINTS = 160  # more cannot be seen in so little room
PAD = 4.0


def sparkline(line: Line, width: int = 220, height: int = 44) -> Markup:
    """Value, band and alarms of a line."""
    value, band_low, band_high, alarm = _thinned(line)
    seen = np.isfinite(value)
    if not seen.any():
        return Markup("")
    x = np.linspace(PAD, width - PAD, len(value)) if len(value) > 1 else np.array([width / 2])
    low, high = _extent(value, band_low, band_high)
    y = _scaled(value, low, high, height)
    parts = [_band(x, _scaled(edge, low, high, height)) for edge in (band_low, band_high)]
    parts.append(f'<path class="spark-line" d="{_path(x, y)}"/>')
    alone = seen & ~np.r_[False, seen[:-1]] & ~np.r_[seen[1:], False] & ~alarm
    parts += [
        _marks("spark-dot", x[alone], y[alone]),
        _marks("spark-alarm", x[alarm & seen], y[alarm & seen]),
    ]
    return Markup(
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def _thinned(line: Line) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """The line on at most 160 points: means of values and bands, an alarm wherever there is one."""
    count = len(line.value)
    if count <= MOST_POINTS:
        return line.value, line.band_low, line.band_high, line.alarms
    starts = np.linspace(0, count, MOST_POINTS, endpoint=False).astype(np.int64)
    means = [_means(v, starts) for v in (line.value, line.band_low, line.band_high)]
    return means[0], means[1], means[2], np.asarray(np.add.reduceat(line.alarms, starts) > 0)


def _means(values: Floats, starts: NDArray[np.int64]) -> Floats:
    known = np.isfinite(values)
    total, count = (
        np.add.reduceat(np.where(known, values, 0), starts),
        np.add.reduceat(known.astype(float), starts),
    )
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))


def _extent(value: Floats, *bands: Floats) -> tuple[float, float]:
    """The values' range, stretched to a band's edge where that is near."""
    low, high = float(np.nanmin(value)), float(np.nanmax(value))
    size = (high - low) or max(abs(high), 1e-9)
    for edge in np.concatenate(bands):
        if low - 1.5 * size < edge < high + 1.5 * size:
            low, high = min(low, float(edge)), max(high, float(edge))
    return (low, high) if high > low else (low - 0.5 * size, high + 0.5 * size)


def _scaled(values: Floats, low: float, high: float, height: int) -> Floats:
    place = height - PAD - (values - low) / (high - low) * (height - 2 * PAD)
    return np.where((place >= 0) & (place <= height), place, np.nan)


def _marks(kind: str, x: Floats, y: Floats) -> str:
    """Strokes without length: round caps make them dots, which stay round when the picture is stretched."""
    marks = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x, y, strict=True))
    return f'<path class="{kind}" d="{marks}"/>' if marks else ""


def _band(x: Floats, y: Floats) -> str:
    return f'<path class="spark-band" d="{_path(x, y)}"/>' if np.isfinite(y).any() else ""


def _path(x: Floats, y: Floats) -> str:
    """Lifts the pen where a value is missing."""
    known = np.isfinite(y)
    starts = known & ~np.r_[False, known[:-1]]
    return "".join(
        f"{'M' if begin else 'L'}{a:.1f} {b:.1f}"
        for a, b, begin in zip(x[known], y[known], starts[known], strict=True)
    )


def strip(
    alarms: NDArray[np.int64], judged: NDArray[np.bool_], width: int = 1000, height: int = 36
) -> Markup:
    """Windows side by side, as high as they have alarms; calm ones a low grey bar, unjudged ones a gap.

    Parameters
    ----------
    alarms : (W,) number of alarming series
    judged : (W,) whether anything was judged
    """
    step = width / max(len(alarms), 1)
    bar = step * (0.84 if step > 3 else 1.0)
    most = max(int(alarms.max(initial=0)), 1)
    calm, loud = [], []
    for i, count in enumerate(alarms):
        tall = 3.0 if not count else 7 + (height - 7) * float(np.sqrt(count / most))
        shape = f"M{i * step:.2f} {height}v{-tall:.1f}h{bar:.2f}v{tall:.1f}z"
        if count:
            loud.append(shape)
        elif judged[i]:
            calm.append(shape)
    paths = f'<path class="strip-calm" d="{"".join(calm)}"/><path class="strip-alarm" d="{"".join(loud)}"/>'
    return Markup(
        f'<svg class="strip" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true">{paths}</svg>'
    )
