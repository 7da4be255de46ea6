"""Ranges: the plan's many bins of a feature as a few that have a name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import CategoryColumn, NumberColumn

__all__ = ["Ranges"]

RANGES = 8  # of a number, by about equal numbers of reference rows
VALUES = 12  # of a category, the most frequent ones; the others are one


@dataclass(frozen=True)
class Ranges:
    """Of one feature.

    Attributes
    ----------
    table : (bins + 1,) range of each bin, then of −1 (missing)
    names : of the ranges
    """

    table: NDArray[np.intp]
    names: tuple[str, ...]

    @classmethod
    def of(cls, column: NumberColumn | CategoryColumn, bins: NDArray[np.int16]) -> Ranges:
        """By the reference's bins (n,)."""
        if isinstance(column, CategoryColumn):
            return cls._of_values(column, bins)
        grid = column.grid
        counts = np.bincount(bins[bins >= 0], minlength=grid.size)
        middle = (np.cumsum(counts) - counts / 2) / max(int(counts.sum()), 1)
        wanted = np.minimum((middle * RANGES).astype(np.intp), RANGES - 1)
        table = np.cumsum(np.diff(wanted, prepend=wanted[0]) > 0)
        last = int(table[-1])
        starts = np.searchsorted(table, np.arange(1, last + 1))
        edges = [f"{value:.4g}" for value in grid.lower[starts]]
        names = ["any value"]
        if edges:
            between = [f"{a} to {b}" for a, b in pairwise(edges)]
            names = [f"below {edges[0]}", *between, f"{edges[-1]} or more"]
        return cls(np.append(table, last + 1), (*names, "missing"))

    @classmethod
    def _of_values(cls, column: CategoryColumn, bins: NDArray[np.int16]) -> Ranges:
        size = len(column.values)
        counts = np.bincount(bins[(bins >= 0) & (bins < size)], minlength=size)
        often = np.argsort(-counts, kind="stable")[:VALUES]
        table = np.full(size + 2, len(often), np.intp)
        table[often] = np.arange(len(often))
        table[-1] = len(often) + 1
        return cls(table, (*(column.values[i] for i in often), "another value", "missing"))

    def __call__(self, bins: NDArray[np.int16]) -> NDArray[np.intp]:
        """(n,) range of each row."""
        return np.asarray(self.table[bins])

    def __len__(self) -> int:
        return len(self.names)
