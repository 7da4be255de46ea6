"""Choice: which lines a user means by the names that he gives."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from watchkeeper.charts.lines import Line, Lines, lines_of
from watchkeeper.errors import ModelError
from watchkeeper.verdicts.wording import title_of

if TYPE_CHECKING:
    from watchkeeper.result import Result

__all__ = ["MOST", "choose", "ends_of", "labels_of", "worst_first"]

MOST = 6  # lines in one chart: as many as there are colours that stay apart


def choose(result: Result, metrics: Sequence[str], segment_by: str | None = None) -> Lines:
    """The lines of these metrics, in the order asked for.

    Parameters
    ----------
    metrics : names of metrics (``accuracy``), or of single series (``missing_rate(visib)``, ``recall[carrier=UA]``)
    segment_by : draw each segment of this segmentation instead of all rows together

    Raises
    ------
    ModelError
        for a name that the result has not got
    """
    stems = {name: name.split("(")[0].split("[")[0] for name in metrics}
    known = lines_of(result, sorted(set(stems.values())))
    chosen = [line for name in metrics for line in _matching(result, known, name, stems[name], segment_by)]
    return Lines(known.windows, tuple(_distinct(chosen)))


def _matching(result: Result, known: Lines, name: str, stem: str, by: str | None) -> list[Line]:
    if name != stem:
        found = [line for line in known.lines if line.name == name]
    else:
        found = list(known.of(stem, by))
        found = [line for line in found if line.column is None] or found
    if not found:
        raise ModelError(_missing(result, name, stem, by))
    return found


def _missing(result: Result, name: str, stem: str, by: str | None) -> str:
    names = sorted(set(pc.unique(result.metrics["metric"]).to_pylist()))
    if stem not in names:
        near = get_close_matches(stem, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names) or 'no metric at all'}"
        return f"metric {stem!r} is not in this result; {hint}"
    if by is not None:
        ways = [w for w in pc.unique(result.metrics["segment_by"]).to_pylist() if w]
        return f"metric {stem!r} is not known by segment {by!r}; valid are {', '.join(ways) or 'none'}"
    names = sorted({line.name for line in lines_of(result, [stem]).lines})
    near = get_close_matches(name, names, 3) or names[:3]
    return f"series {name!r} is not in this result; it has {', '.join(near)}"


def _distinct(lines: list[Line]) -> list[Line]:
    return list({line.key: line for line in lines}.values())


def worst_first(lines: Sequence[Line], most: int) -> list[Line]:
    """At most so many lines: those with the most alarms, then those with the most rows."""
    ranked = sorted(lines, key=lambda x: (-int(x.alarms.sum()), -int(x.count.sum())))[:most]
    kept = {line.key for line in ranked}
    return [line for line in lines if line.key in kept]


def labels_of(lines: Sequence[Line]) -> list[str]:
    """A short name for each line: only what distinguishes it from the others."""
    metrics = {line.metric for line in lines}
    places = {(line.column, line.segment_by, line.segment) for line in lines}
    labels = []
    for line in lines:
        parts = [title_of(line.metric)] if len(metrics) > 1 or len(places) == 1 else []
        if line.column is not None and (len(places) > 1 or len(metrics) == 1):
            parts.append(line.column)
        if line.segment is not None:
            parts.append(line.segment if len(metrics) == 1 else f"{line.segment_by} {line.segment}")
        elif len(places) > 1 and line.column is None:
            parts.append("all rows")
        labels.append(" · ".join(parts))
    return labels


def ends_of(line: Line) -> tuple[int, float]:
    """The last window with a number, and that number; (-1, NaN) without one."""
    where = np.flatnonzero(np.isfinite(line.value))
    return (int(where[-1]), float(line.value[where[-1]])) if len(where) else (-1, float("nan"))
