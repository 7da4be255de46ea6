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


FEW = 64  # cells up to which a loop over slices is faster than bins over all


@dataclass(frozen=True)
class Cells:
    """Which cell (window * V + segment value) each of (n,) rows is in.

    Rows that are sorted by cell are told by the ``borders`` between cells; others by their ``keys``.
    """

    shape: tuple[int, int]
    weight: Floats | None
    borders: Ints | None = None  # (W * V + 1,) first row of each cell, then n
    keys: Ints | None = None  # (n,)

    @classmethod
    def sorted(cls, shape: tuple[int, int], key: Ints, weight: Floats | None) -> Cells:
        """Of rows whose (n,) keys never fall."""
        return cls(shape, weight, borders=np.searchsorted(key, np.arange(shape[0] * shape[1] + 1)))

    @property
    def size(self) -> int:
        return self.shape[0] * self.shape[1]

    @cached_property
    def key(self) -> Ints:
        """(n,) the cell of each row."""
        if self.keys is not None:
            return self.keys
        assert self.borders is not None
        return np.repeat(np.arange(self.size), np.diff(self.borders))

    @cached_property
    def rows(self) -> Ints:
        """(W, V) rows, whatever their weight."""
        counts = np.bincount(self.key, minlength=self.size) if self.borders is None else np.diff(self.borders)
        return counts.reshape(self.shape)

    @cached_property
    def order(self) -> Ints:
        """(n,) rows sorted by cell, in their own order within a cell."""
        small = self.key.astype(np.uint16) if self.size <= 65_536 else self.key  # radix sort
        return np.argsort(small, kind="stable")

    @cached_property
    def occupied(self) -> Ints:
        """The cells that have rows."""
        return np.flatnonzero(self.rows)

    @cached_property
    def starts(self) -> Ints:
        """First row of each occupied cell; of sorted rows."""
        assert self.borders is not None
        return self.borders[self.occupied]

    @cached_property
    def ends(self) -> Ints:
        assert self.borders is not None
        return self.borders[self.occupied + 1]

    def only(self, chosen: NDArray[np.bool_]) -> Cells:
        """The cells of the chosen rows."""
        if chosen.all():
            return self
        weight = None if self.weight is None else self.weight[chosen]
        if self.borders is None:
            return Cells(self.shape, weight, keys=self.key[chosen])
        counts = np.zeros(self.size + 1, dtype=np.int64)
        if self.size <= FEW:
            parts = zip(self.starts, self.ends, strict=True)
            counts[self.occupied + 1] = [np.count_nonzero(chosen[start:end]) for start, end in parts]
        else:
            counts[self.occupied + 1] = np.add.reduceat(chosen, self.starts, dtype=np.int64)
        return Cells(self.shape, weight, borders=np.cumsum(counts))

    def count(self, index: Ints | None = None, size: int = 1) -> Counts:
        """(W, V) or, with an index (n,) below ``size``, (W, V, size): rows, or sums of weights."""
        if index is None:
            return self.rows if self.weight is None else self.sum(np.ones_like(self.weight))
        return self._binned(index, size, self.weight)

    def sum(self, values: Floats, index: Ints | None = None, size: int = 1) -> Floats:
        """Σ w·value, shaped as ``count``."""
        weighted = values if self.weight is None else values * self.weight
        if index is not None:
            return self._binned(index, size, weighted).astype(np.float64, copy=False)
        if self.borders is not None:
            return self._reduce(np.add, weighted, 0.0)
        return (
            np.bincount(self.key, weights=weighted, minlength=self.size)
            .astype(np.float64)
            .reshape(self.shape)
        )

    def _binned(self, index: Ints, size: int, weights: Floats | None) -> Counts:
        shape = (*self.shape, size)
        if self.borders is None or self.size > FEW:
            key = self.key * size + index if self.size > 1 else index
            return np.bincount(key, weights=weights, minlength=self.size * size).reshape(shape)
        out: Counts = np.zeros((self.size, size), dtype=np.int64 if weights is None else np.float64)
        for cell, start, end in zip(self.occupied, self.starts, self.ends, strict=True):
            part = None if weights is None else weights[start:end]
            out[cell] = np.bincount(index[start:end], weights=part, minlength=size)
        return out.reshape(shape)

    def least(self, values: Floats) -> Floats:
        return self._reduce(np.minimum, values, np.inf)

    def greatest(self, values: Floats) -> Floats:
        if self.borders is not None:
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
