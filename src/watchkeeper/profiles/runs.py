"""Runs: how long one value comes in a row; a sensor that is stuck repeats itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.cells import Cells

__all__ = ["BUCKETS", "Runs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BUCKETS = 32


def _bucket(lengths: Ints) -> Ints:
    """Position of the highest set bit: lengths 2**j to 2**(j+1) - 1 share bucket j."""
    return np.frexp(np.maximum(lengths, 1).astype(np.float64))[1].astype(np.int64) - 1


def _among(values: Ints, ascending: Ints) -> NDArray[np.bool_]:
    """(n,) which values are among others that ascend; without the sort of ``np.isin``."""
    at = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return np.equal(ascending[at], values)


def _repeats(values: Floats, begin: Ints) -> tuple[Ints, Ints]:
    """First row and length of each run of at least two equal values that no cell begins within."""
    same = np.flatnonzero(values[1:] == values[:-1])
    if same.size:
        same = same[~_among(same + 1, begin)]
    opens = np.flatnonzero(np.diff(same, prepend=-2) != 1)
    return same[opens], np.diff(opens, append=len(same)) + 1


def _matched(ends: Ints, run_ends: Ints, length: Ints) -> Ints:
    """Length of the run that lies at each end of a cell: 1 where no longer one does."""
    out = np.ones(len(ends), dtype=np.int64)
    if run_ends.size:
        at = np.minimum(np.searchsorted(run_ends, ends), len(run_ends) - 1)
        found = run_ends[at] == ends
        out[found] = length[at[found]]
    return out


@dataclass(frozen=True)
class Runs:
    """Rows by the length of the run of equal values that they stand in, in the order of the rows.

    The first and the last run of a cell are kept apart, since the rows before and after may lengthen them:
    ``+`` is associative, and its left side must be the earlier rows. A cell of one single run has
    ``last_length`` 0; a missing value equals no other.

    Attributes
    ----------
    closed : (W, V, 32) int64, rows in the runs between the first and the last, by bucket of length
    first, last : (W, V) float64, the values of those two runs
    first_length, last_length : (W, V) int64
    """

    closed: Ints
    first: Floats
    first_length: Ints
    last: Floats
    last_length: Ints

    @classmethod
    def count(cls, rows: Cells, values: Floats) -> Runs:
        """Count the runs of ``values`` (n,), which are sorted by cell and in their own order within each."""
        shape, cells, where, begin, end = rows.shape, rows.size, rows.occupied, rows.starts, rows.ends
        start, length = _repeats(values, begin)  # runs of two or more; most numbers have hardly any
        of_first, of_last = _matched(begin, start, length), _matched(end, start + length, length)
        single = of_first == end - begin
        of_last = np.where(single, 0, of_last)
        inner = ~(_among(start, begin) | _among(start + length, end))
        cell = where[np.searchsorted(begin, start[inner], side="right") - 1]
        key = cell * BUCKETS + _bucket(length[inner])
        closed = np.bincount(key, weights=length[inner], minlength=cells * BUCKETS).astype(np.int64)
        closed = closed.reshape(cells, BUCKETS)
        closed[where, 0] = end - begin - of_first - of_last - closed[where].sum(axis=1)

        def placed(amounts: NDArray[Any], empty: Any) -> NDArray[Any]:
            out = np.full(cells, empty, dtype=amounts.dtype)
            out[where] = amounts
            return out.reshape(shape)

        last = np.where(single, np.nan, values[end - 1]) if begin.size else np.empty(0)
        return cls(
            closed.reshape(*shape, BUCKETS), placed(values[begin], np.nan), placed(of_first, 0),
            placed(last, np.nan), placed(of_last, 0),
        )  # fmt: skip

    @property
    def lengths(self) -> Ints:
        """(W, V, 32) int64; [..., j] rows in runs of 2**j to 2**(j+1) - 1 rows."""
        return self._with(self.closed, self.first_length, self.last_length)

    @staticmethod
    def _with(closed: Ints, *lengths: Ints) -> Ints:
        out = closed.copy()
        flat = out.reshape(-1, BUCKETS)
        for length in lengths:
            np.add.at(flat, (np.arange(len(flat)), _bucket(length).ravel()), length.ravel())
        return out

    def __add__(self, other: Runs) -> Runs:
        none_a, none_b = self.first_length == 0, other.first_length == 0
        one_a, one_b = self.last_length == 0, other.last_length == 0
        tail = np.where(one_a, self.first, self.last)
        tail_length = np.where(one_a, self.first_length, self.last_length)
        joined = (tail == other.first) & ~none_a & ~none_b
        both = ~none_a & ~none_b
        met = np.where(joined, tail_length + other.first_length, 0)  # one run across the border
        # Of a's tail, b's head or their union, whatever is neither first nor last of the whole is closed.
        inner_met = np.where(joined & ~one_a & ~one_b, met, 0)
        inner_tail = np.where(both & ~joined & ~one_a, tail_length, 0)
        inner_head = np.where(both & ~joined & ~one_b, other.first_length, 0)
        closed = self._with(self.closed + other.closed, inner_met, inner_tail, inner_head)
        first = np.where(none_a, other.first, self.first)
        first_length = np.where(none_a, other.first_length, np.where(joined & one_a, met, self.first_length))
        last = np.where(none_b, self.last, np.where(one_b & both, other.first, other.last))
        alone = np.where(joined, np.where(one_a, 0, met), other.first_length)
        last_length = np.where(none_b, self.last_length, np.where(one_b & both, alone, other.last_length))
        last = np.where(last_length == 0, np.nan, last)
        return Runs(closed, first, first_length, last, last_length)

    @classmethod
    def join(cls, parts: Sequence[Runs], positions: Sequence[NDArray[np.intp]], windows: int) -> Runs:
        """All parts in one, earlier rows first: window i of a part is ``positions[part][i]`` of ``windows``."""
        whole = cls._nothing(windows, parts[0].first.shape[1])
        for part, where in zip(parts, positions, strict=True):
            whole._put(where, whole.take(where) + part)  # no more is touched than the part's windows
        return whole

    @classmethod
    def _nothing(cls, windows: int, values: int) -> Runs:
        shape = (windows, values)
        first, last = np.full(shape, np.nan), np.full(shape, np.nan)
        none = np.zeros(shape, np.int64)
        return cls(np.zeros((*shape, BUCKETS), np.int64), first, none, last, none.copy())

    def _put(self, positions: NDArray[np.intp], part: Runs) -> None:
        for f in fields(self):
            getattr(self, f.name)[positions] = getattr(part, f.name)

    def take(self, positions: NDArray[np.intp] | slice) -> Runs:
        return Runs(
            self.closed[positions],
            self.first[positions],
            self.first_length[positions],
            self.last[positions],
            self.last_length[positions],
        )

    def total(self) -> Runs:
        """All windows joined in their order, neighbours in pairs: log2(windows) steps."""
        whole = self
        while (windows := len(whole.first)) > 1:
            even = windows - windows % 2
            pairs = whole.take(slice(0, even, 2)) + whole.take(slice(1, even, 2))
            odd = whole.take(slice(even, windows))
            whole = Runs(*(np.concatenate([getattr(p, f.name) for p in (pairs, odd)]) for f in fields(self)))
        return whole
