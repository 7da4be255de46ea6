"""Cells: which (window, segment value) each row of a batch belongs to, and sums over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells"]

Counts = NDArray[Any]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """The cells of (n,) rows: ``key`` = window * V + segment value; ``ordered`` where it never falls."""

    shape: tuple[int, int]
    key: Ints
    weight: Floats | None
    ordered: bool

    @property
    def size(self) -> int:
        return self.shape[0] * self.shape[1]

    @cached_property
    def rows(self) -> Ints:
        """(W, V) rows, whatever their weight."""
        return np.bincount(self.key, minlength=self.size).reshape(self.shape)

    @cached_property
    def order(self) -> Ints:
        """(n,) rows sorted by cell, in their own order within a cell."""
        small = self.key.astype(np.uint16) if self.size <= 65_536 else self.key  # radix sort
        return np.argsort(small, kind="stable")

    @cached_property
    def starts(self) -> Ints:
        """First row of each cell that has rows; only where ``ordered``."""
        return np.flatnonzero(np.diff(self.key, prepend=-1))

    @cached_property
    def ends(self) -> Ints:
        return np.append(self.starts[1:], len(self.key))[: len(self.starts)]

    @cached_property
    def occupied(self) -> Ints:
        return self.key[self.starts]

    def only(self, chosen: NDArray[np.bool_]) -> Cells:
        """The cells of the chosen rows."""
        if chosen.all():
            return self
        weight = None if self.weight is None else self.weight[chosen]
        return Cells(self.shape, self.key[chosen], weight, self.ordered)

    def count(self, index: Ints | None = None, size: int = 1) -> Counts:
        """(W, V) or, with an index (n,) below ``size``, (W, V, size): rows, or sums of weights."""
        shape = self.shape if index is None else (*self.shape, size)
        if index is None and self.weight is None:
            return self.rows
        key = self.key if index is None else (self.key * size + index if self.size > 1 else index)
        return np.bincount(key, weights=self.weight, minlength=self.size * size).reshape(shape)

    def sum(self, values: Floats, index: Ints | None = None, size: int = 1) -> Floats:
        """Σ w·value, shaped as ``count``."""
        weighted = values if self.weight is None else values * self.weight
        if index is None and self.ordered:
            return self._reduce(np.add, weighted, 0.0)
        key = self.key if index is None else self.key * size + index
        shape = self.shape if index is None else (*self.shape, size)
        return (
            np.bincount(key, weights=weighted, minlength=self.size * size).astype(np.float64).reshape(shape)
        )

    def least(self, values: Floats) -> Floats:
        return self._reduce(np.minimum, values, np.inf)

    def greatest(self, values: Floats) -> Floats:
        if self.ordered:
            return self._reduce(np.maximum, values, -np.inf)
        out = np.full(self.size, -np.inf)
        np.maximum.at(out, self.key, values)
        return out.reshape(self.shape)

    def _reduce(self, ufunc: np.ufunc, values: Floats, empty: float) -> Floats:
        """By slices rather than bins: adds pairwise, and at the speed of memory."""
        out = np.full(self.size, empty)
        if len(values):
            out[self.occupied] = ufunc.reduceat(values, self.starts)
        return out.reshape(self.shape)
