"""Segments: how the rows are split, beside all of them together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from watchkeeper.errors import ModelError

__all__ = ["Bins", "Part", "Segment", "Split", "Where", "split_of"]

CROSS = " × "


@dataclass(frozen=True)
class Bins:
    """Segments of a number: below the first edge, between each two, from the last one up.

    A value equal to an edge belongs to the bin that starts there.

    Raises
    ------
    ModelError
        without a column or an edge, or where edges are not finite numbers in ascending order

    >>> Bins("age", [25, 40, 65]).labels
    ('< 25', '25 – 40', '40 – 65', '≥ 65')
    """

    column: str
    edges: Sequence[float]

    def __post_init__(self) -> None:
        if not isinstance(self.column, str) or not self.column:
            raise ModelError(f"segments: Bins needs a column's name, got {self.column!r}")
        object.__setattr__(self, "edges", _edges(self.column, self.edges))

    @property
    def by(self) -> str:
        return self.column

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the ``len(edges) + 1`` bins, in order."""
        written = [f"{e:.15g}" for e in self.edges]
        between = (f"{a} – {b}" for a, b in pairwise(written))
        return (f"< {written[0]}", *between, f"≥ {written[-1]}")


def _edges(column: str, edges: object) -> tuple[float, ...]:
    where = f"segments: Bins({column!r}, ...)"
    if isinstance(edges, str) or (not isinstance(edges, Sequence) and not hasattr(edges, "__iter__")):
        raise ModelError(f"{where} needs a list of edges such as [25, 40, 65], got {edges!r}")
    numbers = [e.item() if hasattr(e, "item") else e for e in edges]
    bad = [
        e for e in numbers if isinstance(e, bool) or not isinstance(e, int | float) or not math.isfinite(e)
    ]
    if bad or not numbers:
        raise ModelError(f"{where} needs finite numbers as edges, got {bad[0] if bad else 'none'!r}")
    if any(a >= b for a, b in pairwise(numbers)):
        raise ModelError(f"{where} needs edges in ascending order, each once, got {numbers!r}")
    return tuple(float(e) for e in numbers)


@dataclass(frozen=True)
class Where:
    """Two segments: the rows that a condition holds for, and the others.

    Rows for which the condition is null (a missing value in it) count among the others.

    Parameters
    ----------
    name : what the segment is called
    condition : a SQL predicate over the columns

    >>> Where("premium", "plan = 'gold'").labels
    ('premium', 'not premium')
    """

    name: str
    condition: str

    def __post_init__(self) -> None:
        for field, value in (("name", self.name), ("condition", self.condition)):
            if not isinstance(value, str) or not value.strip():
                raise ModelError(f"segments: Where needs a {field} as text, got {value!r}")

    @property
    def by(self) -> str:
        return self.name

    @property
    def labels(self) -> tuple[str, str]:
        return self.name, f"not {self.name}"


Part = str | Bins | Where
Segment = Part | Sequence[Part]


@dataclass(frozen=True)
class Split:
    """One way to split the rows: by one part, or by several crossed.

    >>> Split(("origin", Bins("age", [40]))).by
    'origin × age'
    """

    parts: tuple[Part, ...]

    @property
    def by(self) -> str:
        """Its name in ``segment_by``."""
        return CROSS.join(p if isinstance(p, str) else p.by for p in self.parts)


def split_of(segment: object) -> Split:
    """The split that a ``segments`` entry means: a part, or a list of parts to cross."""
    parts = (segment,) if isinstance(segment, str | Bins | Where) else segment
    if not isinstance(parts, list | tuple) or not parts:
        raise ModelError(
            f"segments: {segment!r} is not a segment; give a column's name, Bins(column, edges), "
            "Where(name, condition), or a list of these to cross them"
        )
    valid = [p for p in parts if isinstance(p, Bins | Where) or (isinstance(p, str) and p)]
    if len(valid) < len(parts):
        raise ModelError(f"segments: a crossed segment holds columns, Bins and Where, got {segment!r}")
    split = Split(tuple(valid))
    names = [p if isinstance(p, str) else p.by for p in valid]
    if len(set(names)) < len(names):
        raise ModelError(f"segments: {split.by!r} crosses {max(names, key=names.count)!r} with itself")
    return split
