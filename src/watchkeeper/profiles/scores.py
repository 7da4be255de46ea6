"""Scores: probabilities counted by what happened, so finely that ranking metrics are exact to 1e-4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scores", "bin_scores"]

Counts = NDArray[Any]
Ints = NDArray[np.int64]

FINEST = 20  # bits of a bin within its octave, for cells of up to 4,096 rows
LEVELS = ((65_536, 9), (4_096, 12))  # more rows than this: only so many bits
DENSE = 6  # bins a row up to which a count of all of them is faster than a sort
OCTAVES = 1021  # of probability below one half, down to the least normal number
CODE_BITS = OCTAVES.bit_length() + FINEST + 1


def _bits(rows: Ints) -> Ints:
    """Bits of a bin for cells with so many rows: ranking errors fall with bins × rows of the rarer class."""
    return np.select([rows > limit for limit, _ in LEVELS], [bits for _, bits in LEVELS], FINEST)


def bin_scores(scores: NDArray[np.float64], bits: Any = FINEST) -> Ints:
    """(n,) bins of probabilities in [0, 1], ascending with the probability; ``bits`` is one for all or (n,)."""
    above = scores > 0.5
    code = np.where(above, 1.0 - scores, scores).view(np.int64)
    code >>= 52 - bits
    code -= (1023 - OCTAVES - 1) << bits
    np.maximum(code, 0, out=code)
    bins: Ints = np.where(above, _last(bits) - code, code)
    return bins


def _last(bits: Any) -> Any:
    return 2 * (OCTAVES << bits) + 1


def _coarsen(bin_: Ints, bits: Ints, target: Ints) -> Ints:
    """Bins at ``bits`` to bins at the fewer ``target`` bits."""
    above = bin_ > OCTAVES << bits
    code = np.where(above, _last(bits) - bin_, bin_) >> (bits - target)
    bins: Ints = np.where(above, _last(target) - code, code)
    return bins


@dataclass(frozen=True)
class Scores:
    """Sparse: one entry per (cell, bin) that occurs, sorted by cell, then by score.

    A bin is the leading bits of the probability, or of one minus it above a half, so that it is fine at both
    ends. The number of bits follows from the cell's row count alone (20 for up to 4,096 rows, 12 up to 65,536,
    then 9), so that merging in any order gives the same.

    Attributes
    ----------
    rows : (W, V) int64, rows with a valid score
    cell : (m,) int64, window * V + segment value, ascending
    bin : (m,) int64, ascending within a cell
    negative, positive, unknown : (m,) rows (or weights) by true class; unknown: no outcome
    """

    rows: Ints
    cell: Ints
    bin: Ints
    negative: Counts
    positive: Counts
    unknown: Counts

    @classmethod
    def count(
        cls,
        shape: tuple[int, int],
        cell: Ints,
        scores: NDArray[np.float64],
        truth: Ints,
        weight: Counts | None,
    ) -> Scores:
        """Count valid scores.

        Parameters
        ----------
        shape : (W, V)
        cell : (n,) window * V + segment value
        scores : (n,) in [0, 1]
        truth : (n,) 0 negative, 1 positive, 2 unknown
        weight : (n,) or None
        """
        rows = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
        levels = _bits(rows).ravel()
        bits = levels[cell] if not levels.size or np.ptp(levels) else levels[0]
        bins = bin_scores(scores, bits)
        octaves = np.flatnonzero(np.bincount(bins >> bits, minlength=1))
        if len(cell) and (len(octaves) << levels).sum() <= DENSE * len(cell):
            return cls._dense(rows, cell, bins, bits, octaves, truth, weight)
        key = ((cell << CODE_BITS) | bins) * 4 + truth
        if weight is None:
            key, found = np.unique(key, return_counts=True)
            amounts: Counts = found
        else:
            key, inverse = np.unique(key, return_inverse=True)
            amounts = np.bincount(inverse, weights=weight, minlength=key.size)
        parts = [np.where(key & 3 == t, amounts, amounts.dtype.type(0)) for t in range(3)]
        return cls._gather(rows, key >> 2, parts)

    @classmethod
    def _dense(
        cls, rows: Ints, cell: Ints, bins: Ints, bits: Any, octaves: Ints, truth: Ints, weight: Counts | None
    ) -> Scores:
        """Counted on all bins of the octaves that occur, where these are few: sorting takes five times as long."""
        levels = _bits(rows).ravel()
        ends = np.cumsum(len(octaves) << levels)
        size, begins = int(ends[-1]), ends - (len(octaves) << levels)
        rank = np.zeros(2 * OCTAVES + 1, dtype=np.int64)
        rank[octaves] = np.arange(len(octaves))
        place = bins - ((bins >> bits) << bits)
        place += rank[bins >> bits] << bits
        place += begins[cell]
        place += truth * size
        found = np.bincount(place, minlength=3 * size).reshape(3, size)
        entry = np.flatnonzero(found.sum(axis=0))
        if weight is not None:
            found = np.bincount(place, weights=weight, minlength=3 * size).reshape(3, size)
        at = np.searchsorted(ends, entry, side="right")
        level, within = levels[at], entry - begins[at]
        octave = octaves[within >> level]
        bin_ = (octave << level) | (within & ((1 << level) - 1))
        return cls(rows, at, bin_, *found[:, entry])

    @classmethod
    def _gather(cls, rows: Ints, key: Ints, parts: list[Counts]) -> Scores:
        """Add up entries of equal key; ``key`` ascending."""
        first = np.flatnonzero(np.diff(key, prepend=-1))
        if key.size:
            parts = [np.add.reduceat(part, first) for part in parts]
        key = key[first]
        return cls(rows, key >> CODE_BITS, key & ((1 << CODE_BITS) - 1), *parts)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows.shape[0], self.rows.shape[1]

    @property
    def score(self) -> NDArray[np.float64]:
        """(m,) the probability in the middle of each entry's bin."""
        bits = _bits(self.rows).ravel()[self.cell]
        above = self.bin > OCTAVES << bits
        code = np.where(above, _last(bits) - self.bin, self.bin)
        offset = np.left_shift(1023 - OCTAVES - 1, bits)
        low, high = (((code + end + offset) << (52 - bits)).view(np.float64) for end in (0, 1))
        exact_half = code == OCTAVES << bits
        middle = np.where(exact_half, 0.5, np.where(code == 0, 0.0, (low + high) / 2))
        return np.where(above, 1.0 - middle, middle)

    @classmethod
    def join(cls, parts: Sequence[Scores], positions: Sequence[NDArray[np.intp]], windows: int) -> Scores:
        """All parts in one: window i of a part is window ``positions[part][i]`` of ``windows``."""
        moved = [part._moved(where, windows) for part, where in zip(parts, positions, strict=True)]
        rows = np.sum([part.rows for part in moved], axis=0)
        target = _bits(rows).ravel()
        key = np.concatenate([part._key(target) for part in moved])
        order = np.argsort(key, kind="stable")
        counts = [
            np.concatenate([getattr(p, n) for p in moved])[order] for n in ("negative", "positive", "unknown")
        ]
        return cls._gather(rows, key[order], counts)

    def __add__(self, other: Scores) -> Scores:
        every = np.arange(len(self.rows))
        return self.join([self, other], [every, every], len(every))

    def _key(self, target: Ints) -> Ints:
        bits = _bits(self.rows).ravel()[self.cell]
        return (self.cell << CODE_BITS) | _coarsen(self.bin, bits, target[self.cell])

    def _moved(self, positions: NDArray[np.intp], windows: int) -> Scores:
        values = self.shape[1]
        rows = np.zeros((windows, values), dtype=np.int64)
        rows[positions] = self.rows
        cell = positions[self.cell // values] * values + self.cell % values
        return Scores(rows, cell, self.bin, self.negative, self.positive, self.unknown)

    def take(self, positions: NDArray[np.intp]) -> Scores:
        windows, values = self.shape
        place = np.full(windows, -1, dtype=np.int64)
        place[positions] = np.arange(len(positions))
        moved = place[self.cell // values]
        kept = moved >= 0
        parts = (p[kept] for p in (self.bin, self.negative, self.positive, self.unknown))
        return Scores(self.rows[positions], (moved * values + self.cell % values)[kept], *parts)

    def total(self) -> Scores:
        """All windows added into one."""
        rows = self.rows.sum(axis=0, keepdims=True)
        values = self.shape[1]
        target = np.tile(_bits(rows).ravel(), self.shape[0])
        bits = self._key(target) & ((1 << CODE_BITS) - 1)
        key = ((self.cell % values) << CODE_BITS) | bits
        order = np.argsort(key, kind="stable")
        return self._gather(
            rows, key[order], [p[order] for p in (self.negative, self.positive, self.unknown)]
        )
