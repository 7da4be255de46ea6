"""Totals: numbers of the whole period, from the profiles added up: narrower intervals than any single window has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from watchkeeper.charts.choice import ends_of
from watchkeeper.charts.lines import Key, Lines, metrics_of

if TYPE_CHECKING:
    from watchkeeper.metrics import Context
    from watchkeeper.result import Result

__all__ = ["Total", "latest", "totals"]


@dataclass(frozen=True)
class Total:
    """A number with its 95 % interval (NaN: none) and the rows behind it."""

    value: float
    low: float
    high: float
    count: int


def totals(result: Result, metrics: Iterable[str]) -> dict[Key, Total]:
    """These metrics over all windows together, of all rows and of every segment; empty without profiles."""
    if result.current is None:
        return {}
    known = metrics_of(result)
    found: dict[Key, Total] = {}
    for by in result.current.slices:
        context, values = _context(result, by)
        for name in metrics:
            for column, e in known[name].compute(context) if name in known else ():
                arrays = [np.broadcast_to(x, (1, len(values)))[0] for x in (e.value, e.low, e.high, e.count)]
                for i, segment in enumerate(values):
                    value, low, high, count = (x[i] for x in arrays)
                    found[name, column, by, segment] = Total(float(value), float(low), float(high), int(count))
    return found


def _context(result: Result, by: str | None) -> tuple[Context, tuple[str | None, ...]]:
    from watchkeeper.metrics import Context

    current, reference = result.current, result.reference
    assert current is not None
    whole = current.slices[by].total()
    everything = whole if by is None else current.everything.total()
    before = None if reference is None or by not in reference.slices else reference.slices[by].total()
    base = None if reference is None else reference.everything.total()
    return Context(current.plan, whole, everything, before, base), whole.values


def latest(lines: Lines) -> dict[Key, Total]:
    """The last window's number of each line that has any."""
    found = {}
    for line in lines.lines:
        i, value = ends_of(line)
        if i >= 0:
            found[line.key] = Total(value, float(line.low[i]), float(line.high[i]), int(line.count[i]))
    return found
