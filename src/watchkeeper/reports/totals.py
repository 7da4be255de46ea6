"""Totals: numbers of the whole period, from the profiles added up: narrower intervals than any single window has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchkeeper.charts.choice import ends_of
from watchkeeper.charts.lines import Key, Lines

if TYPE_CHECKING:
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
    names = frozenset(metrics)
    if result.current is None or not names:
        return {}
    from watchkeeper.metrics.measure import measure

    found = {}
    for s in measure(result.current.total(), only=lambda metric, by: metric.name in names):
        e = s.estimate
        key = (s.metric.name, s.column, s.segment_by, s.segment)
        found[key] = Total(float(e.value[0]), float(e.low[0]), float(e.high[0]), int(e.count[0]))
    return found


def latest(lines: Lines) -> dict[Key, Total]:
    """The last window's number of each line that has any."""
    found = {}
    for line in lines.lines:
        i, value = ends_of(line)
        if i >= 0:
            found[line.key] = Total(value, float(line.low[i]), float(line.high[i]), int(line.count[i]))
    return found
