"""Plot: metrics of a result over time, as an Altair chart or on somebody's matplotlib axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from watchkeeper.charts.choice import MOST, choose, ends_of, labels_of, worst_first
from watchkeeper.charts.definition import Row, with_rows
from watchkeeper.charts.dots import dots
from watchkeeper.charts.lines import ESTIMATED, Line, Lines, Windows, lines_of
from watchkeeper.charts.trend import Trend, panels, trend, trend_rows
from watchkeeper.errors import ModelError
from watchkeeper.verdicts.wording import name_of

if TYPE_CHECKING:
    from watchkeeper.charts.definition import Chart
    from watchkeeper.result import Result

__all__ = ["plot"]

PANELS = 9
LABEL_GAP = 15  # pixels between the names at the ends of lines


def plot(
    result: Result,
    metrics: Sequence[str],
    ylim: tuple[float, float] | None = None,
    ax: Any = None,
    segment_by: str | None = None,
    width: int = 720,
    height: int = 320,
    title: str | None = None,
) -> Any:
    """Metrics over time: value, 95 % interval as a ribbon, band as a dashed line, alarms as red diamonds.

    Estimates are dashed in a colour of their own; one number alone has its estimate beside it.

    Parameters
    ----------
    metrics : names of metrics (``accuracy``), or of single series (``missing_rate(visib)``, ``recall[carrier=UA]``)
    ylim : least and greatest value of the vertical axis
    ax : matplotlib axes to draw on instead
    segment_by : a panel for each segment of this segmentation, at most 9, those with most alarms
    width, height : in pixels, without axes and title
    title : above the chart; None names the metrics, "" leaves it out

    Returns
    -------
    an Altair chart, or ``ax``. Without windows, a dot with its interval for each number.

    Raises
    ------
    ModelError
        for no metric at all, a metric or segmentation that the result has not got, or an empty ``ylim``
    DependencyError
        with ``ax`` where matplotlib is not installed
    """
    if not metrics:
        raise ModelError("name at least one metric to plot, such as plot('accuracy')")
    domain = _limits(ylim)
    chosen = choose(result, [metrics] if isinstance(metrics, str) else list(metrics), segment_by)
    beside = _beside(result, chosen)
    lines = worst_first(chosen.lines, PANELS if segment_by is not None and ax is None else MOST)
    labels = labels_of(lines)
    heading = _title(lines, labels) if title is None else title
    if ax is not None:
        from watchkeeper.charts.axes import draw

        return draw(ax, chosen.windows, lines, labels, domain, heading, beside)
    subtitle = _subtitle(lines, len(chosen.lines), beside)
    if chosen.windows.count <= 1:
        return _single(lines, labels, domain, width, heading, subtitle)
    kind = _kind(chosen.windows, lines, labels, domain)
    kind = replace(kind, beside=beside is not None)
    rows = trend_rows(chosen.windows, lines, labels, beside)
    if kind.apart:
        return _titled(with_rows(panels(kind, width // 3 - 30, height // 2), rows), heading, subtitle)
    if kind.labels:
        _place_labels(rows, Lines(chosen.windows, tuple(lines)), labels, domain, height)
    return _titled(with_rows(trend(kind), rows, width=width, height=height), heading, subtitle)


def _beside(result: Result, chosen: Lines) -> Line | None:
    """The estimate of the only line."""
    if len(chosen.lines) != 1 or chosen.windows.count <= 1:
        return None
    line = chosen.lines[0]
    return lines_of(result, [line.metric, ESTIMATED + line.metric]).estimate_of(line)


def _limits(ylim: tuple[float, float] | None) -> tuple[float, float] | None:
    if ylim is None:
        return None
    low, high = (float(v) for v in ylim)
    if not low < high:
        raise ModelError(f"ylim: ({low:g}, {high:g}) is empty; give the lower end first, such as (0.8, 1)")
    return low, high


def _kind(windows: Windows, lines: Sequence[Line], labels: Sequence[str], domain: Any) -> Trend:
    units = {line.unit for line in lines}
    unit = units.pop() if len(units) == 1 else "number"
    apart = len(lines) > 2 and any(line.segment_by is not None for line in lines)
    few = len(lines) > 1 and not apart
    dashed = tuple(label for line, label in zip(lines, labels, strict=True) if line.is_estimate)
    return Trend.over(
        windows, series=tuple(labels), unit=unit, apart=apart, labels=few, domain=domain, dashed=dashed
    )


def _title(lines: Sequence[Line], labels: Sequence[str]) -> str:
    metrics = list(dict.fromkeys(name_of(line.metric) for line in lines))
    text = ", ".join(metrics[:-1]) + f" and {metrics[-1]}" if len(metrics) > 1 else metrics[0]
    text = text[:1].upper() + text[1:]
    if len(lines) == 1:
        return labels[0]
    by = {line.segment_by for line in lines}
    return f"{text} by {by.pop()}" if len(by) == 1 and lines[0].segment_by else text


def _subtitle(lines: Sequence[Line], known: int, beside: Line | None) -> str:
    parts = []
    if known > len(lines):
        parts.append(f"{len(lines)} of {known}, those with the most alarms")
    if any(np.isfinite(line.low).any() for line in lines):
        parts.append("ribbon: 95 % interval")
    if any(np.isfinite(line.band_low).any() or np.isfinite(line.band_high).any() for line in lines):
        parts.append("dashed: band")
    if beside is not None:
        parts.append("long dashes: estimated before the truth")
    elif any(line.is_estimate for line in lines):
        parts.append("long dashes: estimated")
    if any(line.alarms.any() for line in lines):
        parts.append("red diamond: alarm")
    return " · ".join(parts)


def _titled(chart: Chart, heading: str, subtitle: str) -> Chart:
    import altair as alt

    if not heading:
        return chart
    done = chart.properties(
        title=alt.TitleParams(text=heading, subtitle=[subtitle] if subtitle else alt.Undefined)
    )
    assert isinstance(done, alt.Chart | alt.LayerChart | alt.FacetChart)
    return done


def _single(
    lines: Sequence[Line], labels: Sequence[str], domain: Any, width: int, heading: str, subtitle: str
) -> Chart:
    units = {line.unit for line in lines}
    definition = dots(units.pop() if len(units) == 1 else "number", domain)
    rows: list[Row] = []
    for i, (line, label) in enumerate(zip(lines, labels, strict=True)):
        fields = {"v": line.value, "lo": line.low, "hi": line.high, "bl": line.band_low, "bh": line.band_high}
        numbers = {f: float(v[0]) if len(v) and np.isfinite(v[0]) else None for f, v in fields.items()}
        more = {"n": int(line.count.sum()), "a": int(line.alarms.any()), "all": None}
        rows.append({"name": label, "order": i, **numbers, **more})
    return _titled(with_rows(definition, rows, width=width), heading, subtitle.replace("ribbon", "bar"))


def _place_labels(
    rows: list[Row], lines: Lines, labels: Sequence[str], domain: tuple[float, float] | None, height: int
) -> None:
    """Write each line's name at its end, moved apart where two would overlap."""
    low, high = domain or _extent(lines.lines)
    ends = [ends_of(line) for line in lines.lines]
    known = [(i, value) for i, (place, value) in enumerate(ends) if place >= 0]
    places = spaced([min(max(v, low), high) for _, v in known], LABEL_GAP * (high - low) / height)
    for (i, _), place in zip(known, places, strict=True):
        rows[i * lines.windows.count + ends[i][0]] |= {"label": labels[i], "ly": place}


def _extent(lines: Sequence[Line]) -> tuple[float, float]:
    every = np.concatenate([a for x in lines for a in (x.value, x.low, x.high, x.band_low, x.band_high)])
    every = every[np.isfinite(every)]
    return (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)


def spaced(values: Sequence[float], gap: float) -> list[float]:
    """The same values moved as little as needed to stand ``gap`` apart, in the same order.

    >>> [round(v, 2) for v in spaced([0.5, 0.52, 0.9], 0.1)]
    [0.46, 0.56, 0.9]
    """
    order = np.argsort(values, kind="stable")
    groups: list[list[float]] = []  # (centre, members) of labels that touch
    for value in np.asarray(values, dtype=float)[order]:
        groups.append([float(value), 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (groups[-1][1] + groups[-2][1]) / 2:
            centre, size = groups.pop()
            before, count = groups.pop()
            groups.append([(centre * size + before * count) / (size + count), size + count])
    placed = [centre + gap * (i - (size - 1) / 2) for centre, size in groups for i in range(int(size))]
    out = [0.0] * len(placed)
    for place, i in zip(placed, order, strict=True):
        out[int(i)] = float(place)
    return out
