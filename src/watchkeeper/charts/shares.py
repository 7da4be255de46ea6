"""Shares: what the profiles counted of one column, in the few bins or bars that a picture has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from watchkeeper.charts.definition import Row

if TYPE_CHECKING:
    from watchkeeper.profiles import Categories, CategoryColumn, NumberColumn, Numbers

__all__ = ["Shares", "category_shares", "number_shares"]

Floats = NDArray[np.float64]
BINS = 40
BARS = 12
CUT = 0.005  # of the rows at either end may stay outside the picture, where a tail is long
THIN = 80  # single values further apart than this many of their least gaps are drawn in bins: bars would be hairs
FARTHEST = 1e307  # drawn at most: the width of any picture must be a number too
LONG = 1.6  # a tail is long if the whole range is this many times the middle's


@dataclass(frozen=True)
class Shares:
    """Rows of a distribution's chart, and what it leaves out.

    Attributes
    ----------
    rows : fields as ``charts.distribution`` has them
    note : what is not in the picture, one sentence, or ""
    discrete : each row is a single value
    """

    rows: list[Row]
    note: str = ""
    discrete: bool = False


def number_shares(column: NumberColumn, reference: Numbers | None, current: Numbers) -> Shares:
    """At most 40 bins, or a bar for each value where there are few. Every window is added up.

    Parameters
    ----------
    reference, current : (W, 1) summaries on the column's full grid
    """
    first, size = current.histogram.reach(*([reference.histogram] if reference else []))
    lower, upper = (ends[first : first + size] for ends in (column.grid.lower, column.grid.upper))
    parts = [None if x is None else _shares(x.histogram.on(first, size)) for x in (reference, current)]
    unseen = _unseen(*parts)
    together = np.sum([p for p in parts if p is not None], axis=0)
    if not together.any():
        return Shares([], "no finite values")
    lower, upper, step = _points(lower, upper)
    lower, upper = (ends.clip(-FARTHEST, FARTHEST) for ends in _bounded(lower, upper, reference, current))
    held = np.flatnonzero(together)
    if step and held.size <= BINS and upper[held[-1]] - lower[held[0]] <= THIN * step:
        return Shares(_bars(lower, parts, together, step), unseen, discrete=True)
    edges = _edges(lower, upper, together, step)
    binned = [None if p is None else _rebin(lower, upper, p, edges) for p in parts]
    return Shares(_rows(edges, binned), " ".join(n for n in (unseen, _outside(binned)) if n))


def _shares(counts: NDArray[np.generic]) -> Floats:
    total = counts.sum(axis=(0, 1)).astype(np.float64)
    return np.asarray(total / max(total.sum(), 1e-300))


def _unseen(reference: Floats | None, current: Floats | None) -> str:
    """How much of current lies below or above every value of the reference; where exactly, no grid knows."""
    if reference is None or current is None or not reference.any():
        return ""
    seen = np.flatnonzero(reference)
    told = ((float(current[: seen[0]].sum()), "below"), (float(current[seen[-1] + 1 :].sum()), "above"))
    parts = [f"{share:.1%}".replace("%", " %") + f" {where}" for share, where in told if share > 0.0005]
    return f"Of current {' and '.join(parts)} everything in the reference." if parts else ""


def _bounded(lower: Floats, upper: Floats, *parts: Numbers | None) -> tuple[Floats, Floats]:
    """The outermost bins end at the least and the greatest value that were seen, instead of nowhere."""
    low = [float(p.minimum.min()) for p in parts if p is not None and p.minimum is not None]
    high = [float(p.maximum.max()) for p in parts if p is not None and p.maximum is not None]
    lower = np.where(np.isinf(lower), np.minimum(min(low, default=np.inf), upper), lower)
    return lower, np.where(np.isinf(upper), np.maximum(max(high, default=-np.inf), lower), upper)


def _points(lower: Floats, upper: Floats) -> tuple[Floats, Floats, float]:
    """Bins of one value get the width of the least gap between values, which is given too (0: there are none)."""
    point = lower == upper
    values = np.unique(lower[point])
    if not values.size:
        return lower, upper, 0.0
    if values.size > 1:
        with np.errstate(over="ignore"):
            step = min(float(np.diff(values).min()), FARTHEST)
    else:
        step = max(abs(float(values[0])), 1.0) * 0.1
    return np.where(point, lower - step / 2, lower), np.where(point, upper + step / 2, upper), step


def _bars(lower: Floats, parts: list[Floats | None], together: Floats, step: float) -> list[Row]:
    """One bar for each value that occurs; a gap between two values stands at its lower end."""
    rows: list[Row] = []
    for i in np.flatnonzero(together):
        at = float(lower[i]) + 0.1 * step
        r, c = (None if p is None else float(p[i]) for p in parts)
        rows.append({"x": at, "x2": at + 0.8 * step, "r": r, "c": c})
    return rows


def _edges(lower: Floats, upper: Floats, share: Floats, step: float) -> Floats:
    seen = np.flatnonzero(share)
    whole = float(lower[seen].min()), float(upper[seen].max())
    cumulated = np.cumsum(share) / share.sum()
    left, right = np.searchsorted(cumulated, (CUT, 1 - CUT))
    inner = slice(left, min(right, len(upper) - 1) + 1)
    middle = float(lower[inner].min()), float(upper[inner].max())
    low, high = whole if whole[1] - whole[0] <= LONG * (middle[1] - middle[0]) else middle
    if not high > low:
        low, high = low - 0.5, low + 0.5
    if step > 1e-9 * (high - low):  # bins that hold equally many values; anything else looks like a comb
        width = step * max(np.ceil((high - low) / step / BINS), 1)
        edges = low + width * np.arange(np.ceil((high - low) / width * (1 - 1e-9)) + 1)
        edges[-1] = max(edges[-1], high)
        return np.asarray(edges)
    return np.linspace(low, high, BINS + 1)


def _rebin(lower: Floats, upper: Floats, share: Floats, edges: Floats) -> Floats:
    """Each fine bin's share spread evenly over its width."""
    width = upper - lower
    left, right = np.maximum(lower[:, None], edges[:-1]), np.minimum(upper[:, None], edges[1:])
    part = np.clip(right - left, 0, None) / np.where(width > 0, width, 1.0)[:, None]
    place = np.searchsorted(edges, lower, side="right") - 1
    place[lower == edges[-1]] = len(edges) - 2  # the last bin holds its upper end
    inside = (width <= 0)[:, None] & (place[:, None] == np.arange(len(edges) - 1))
    return np.asarray(share @ np.where(inside, 1.0, part))


def _rows(edges: Floats, parts: list[Floats | None]) -> list[Row]:
    reference, current = parts
    closing = {
        "x": float(edges[-1]),
        "x2": float(edges[-1]),
        "r": None if reference is None else 0.0,
        "c": 0.0,
    }
    return [
        {
            "x": float(edges[i]),
            "x2": float(edges[i + 1]),
            "r": None if reference is None else float(reference[i]),
            "c": None if current is None else float(current[i]),
        }
        for i in range(len(edges) - 1)
    ] + [closing]


def _outside(parts: list[Floats | None]) -> str:
    names = ("the reference", "current")
    left = [(n, 1 - float(p.sum())) for n, p in zip(names, parts, strict=True) if p is not None]
    told = [f"{share:.1%} of {name}".replace("%", " %") for name, share in left if share > 0.0005]
    return f"Outside the picture: {' and '.join(told)}." if told else ""


def category_shares(column: CategoryColumn, reference: Categories | None, current: Categories) -> Shares:
    """The 12 most frequent values, the remaining ones together as "all others"."""
    parts = [None if x is None else _shares(x.counts) for x in (reference, current)]
    together = np.sum([p for p in parts if p is not None], axis=0)
    names = [*column.values, "new or rare"]
    order = [int(i) for i in np.argsort(-together, kind="stable") if together[i] > 0]
    shown, rest = (order, []) if len(order) <= BARS else (order[: BARS - 1], order[BARS - 1 :])
    rows: list[Row] = []
    for place, chosen in enumerate([[i] for i in shown] + ([rest] if rest else [])):
        name = names[chosen[0]] if len(chosen) == 1 else f"{len(chosen)} others"
        r, c = (None if p is None else float(p[chosen].sum()) for p in parts)
        rows.append({"name": name, "order": place, "r": r, "c": c})
    return Shares(rows, "" if rows else "no values")
