"""Grids: how the values of a number are counted.

Both grids are frozen at first use, order their bins by value, and give every finite number one bin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Grid", "LogLinearGrid", "ValueGrid", "ascending", "centre_and_spread", "grid_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BITS = 6  # 64 bins in each doubling of 1 + |t|
OCTAVES = 20  # beyond a million scales from the centre all values share the outermost bin
BLOCK = 16_384  # values whose bins are told at once: twelve passes within the nearest caches
DISTINCT = 256  # a number with at most so many values in the reference is counted by value
BETWEEN = (
    6  # log2 of the bins in each doubling for new values beside few known ones; half for twice as many known
)
ATOM = 0.02  # of the reference in one value among many: a default, a zero, a code for missing


class Grid(Protocol):
    """What a number's histogram is counted on."""

    @property
    def size(self) -> int:
        """Number of bins."""

    @property
    def lower(self) -> Floats:
        """(size,) lower ends of the bins, ascending; the first is -inf."""

    @property
    def upper(self) -> Floats:
        """(size,) upper ends of the bins; the last is inf. A bin of one value has lower == upper."""

    def index(self, values: Floats) -> Ints:
        """(n,) bin of each finite value."""


@dataclass(frozen=True)
class LogLinearGrid:
    """Linear near the centre, logarithmic in the tails: ``2 ** bits`` equal bins per doubling of ``1 + |t|``,
    ``t = (x - centre) / scale``.

    The bin is read off the leading bits of the floating-point number ``1 + |t|``, so that every engine and
    processor counts alike, to the bit, and a coarser grid is a right shift of a finer one.

    >>> grid = LogLinearGrid(centre=0.0, scale=1.0)
    >>> grid.index(np.array([-0.02, 0.0, 0.01, 1e300])) - grid.size // 2
    array([  -2,    0,    0, 1280])

    Attributes
    ----------
    centre, scale : unit of the values
    bits : log2 of the bins in each doubling
    atoms : ascending values that many rows share: each has a bin of its own, between those of its neighbours
    """

    centre: float
    scale: float
    bits: int = BITS
    atoms: tuple[float, ...] = ()

    @property
    def half(self) -> int:
        return (OCTAVES << self.bits) + 1

    @property
    def size(self) -> int:
        return 2 * (self.half + len(self.atoms))

    def index(self, values: Floats) -> Ints:
        out = np.empty(len(values), dtype=np.int64)
        with np.errstate(over="ignore"):
            for start in range(0, len(values), BLOCK):
                self._index_into(out[start : start + BLOCK], values[start : start + BLOCK])
        return out

    def _index_into(self, code: Ints, values: Floats) -> None:
        t = code.view(np.float64)
        # not `values - centre`: a -0.0 must share the bin of 0.0, and -0.0 + 0.0 is 0.0
        np.add(values, 0.0 - self.centre, out=t)
        t /= self.scale
        sign = code >> 63
        np.abs(t, out=t)
        t += 1.0
        code >>= 52 - self.bits
        code -= 1023 << self.bits
        np.minimum(code, self.half - 1, out=code)
        code ^= sign
        code += self.half
        for atom in self.atoms:
            code += values >= atom
            code += values > atom

    @cached_property
    def _ends(self) -> Floats:
        codes = (np.arange(self.half) + (1023 << self.bits)) << (52 - self.bits)
        t = codes.view(np.float64) - 1.0
        with np.errstate(over="ignore"):
            ends = np.concatenate([self.centre - self.scale * t[:0:-1], self.centre + self.scale * t])
        atoms = np.array(self.atoms, dtype=np.float64)
        return _inserted(ends, replace(self, atoms=()).index(atoms), atoms) if self.atoms else ends

    @property
    def lower(self) -> Floats:
        return np.concatenate([[-np.inf], self._ends])

    @property
    def upper(self) -> Floats:
        return np.concatenate([self._ends, [np.inf]])


@dataclass(frozen=True)
class ValueGrid:
    """Known values each in a bin of its own, all others between and beyond them on a coarse grid.

    >>> grid = ValueGrid((1.0, 2.0), LogLinearGrid(centre=1.5, scale=1.0, bits=0))
    >>> grid.index(np.array([1.0, 1.4, 1.6, 2.0, 2.4])) - grid.index(np.array([0.9]))
    array([1, 2, 3, 4, 5])
    """

    values: tuple[float, ...]
    between: LogLinearGrid

    @classmethod
    def of(cls, distinct: Floats) -> ValueGrid:
        """For these ascending values. The fewer, the finer where a new one lies is told."""
        low, high = (float(v) for v in distinct[[0, -1]]) if distinct.size else (0.0, 0.0)
        centre = low / 2 + high / 2
        bits = max(0, BETWEEN - distinct.size.bit_length() + 1)
        between = LogLinearGrid(centre, _usable((high / 2 - low / 2,), centre), bits)
        return cls(tuple(distinct.tolist()), between)

    @property
    def size(self) -> int:
        return 2 * len(self.values) + self.between.size

    @cached_property
    def _sorted(self) -> Floats:
        return np.array(self.values, dtype=np.float64)

    @cached_property
    def _ends(self) -> Floats:
        return _inserted(self.between.lower[1:], self.between.index(self._sorted), self._sorted)

    @cached_property
    def _table(self) -> Ints | None:
        """Bins of all whole numbers from the least value to the greatest, where that is a short list."""
        values = self._sorted
        whole = len(values) > 0 and bool((values == np.floor(values)).all())
        wide = len(values) and values[-1] / 2 - values[0] / 2 > 32_768  # halved: the difference may overflow
        if not whole or wide or max(-values[0], values[-1]) > 2**52:  # beyond, x + 1 may be x
            return None
        return self._search(np.arange(values[0], values[-1] + 1))

    def _search(self, values: Floats) -> Ints:
        index = self.between.index(values)
        index += np.searchsorted(self._sorted, values, side="left")
        index += np.searchsorted(self._sorted, values, side="right")
        return index

    def index(self, values: Floats) -> Ints:
        table = self._table
        if table is None:
            return self._search(values)
        first, last = self._sorted[0], self._sorted[-1]
        if values.size and (values.min() < first or values.max() > last):
            return self._search(values)
        whole = values.astype(np.int64)
        if not np.array_equal(whole, values):
            return self._search(values)
        whole -= int(first)
        bins: Ints = table[whole]
        return bins

    @property
    def lower(self) -> Floats:
        return np.concatenate([[-np.inf], self._ends])

    @property
    def upper(self) -> Floats:
        return np.concatenate([self._ends, [np.inf]])


def _inserted(ends: Floats, bins: Ints, values: Floats) -> Floats:
    """Ends of a grid's bins with a bin for each of the values, inside the bin that rounding says it is in."""
    return np.maximum.accumulate(np.insert(ends, np.repeat(bins, 2), np.repeat(values, 2)))


def grid_of(values: Floats, bits: int = BITS) -> Grid:
    """The grid for numbers that look like these: by value where few, else fine where they are dense.

    The centre is the middle of the shortest interval that holds a quarter of the values, the scale twice its length.
    Of thirteen shapes (normal to Cauchy, lognormal to sigma 3, gamma, bimodal, offset) the worst error of
    Kolmogorov–Smirnov by this grid is 0.002; around the median in units of the interquartile range it is 0.07.

    Parameters
    ----------
    values : (n,) finite sample of the reference; may be empty

    >>> grid_of(np.array([3.0, 1.0, 3.0])).values
    (1.0, 3.0)
    """
    every = ascending(values)
    starts = np.append(0, np.flatnonzero(every[1:] != every[:-1]) + 1)[: every.size]
    distinct, counts = every[starts], np.diff(starts, append=every.size)
    if distinct.size <= DISTINCT:
        return ValueGrid.of(distinct)
    often = counts >= ATOM * values.size
    ordered = every if not often.any() else np.repeat(distinct[~often], counts[~often])
    # of the rest alone: a code for missing says nothing of the spread
    centre, length = shortest(ordered, 0.25)
    scale = _usable((2 * length, *_spreads(ordered)), centre)
    return LogLinearGrid(centre, scale, bits, tuple(distinct[often].tolist()))


def ascending(values: Floats) -> Floats:
    """Sorted; themselves where they are already, which is told in a twentieth of the time."""
    return values if bool((values[1:] >= values[:-1]).all()) else np.sort(values)


def shortest(ordered: Floats, share: float) -> tuple[float, float]:
    """Middle and length of the shortest interval that holds this share of the ascending values."""
    k = max(1, int(len(ordered) * share))
    with np.errstate(over="ignore"):
        lengths = ordered[k:] - ordered[:-k]
    first = int(lengths.argmin())
    return float(ordered[first] / 2 + ordered[first + k] / 2), float(lengths[first])


def centre_and_spread(values: Floats) -> tuple[float, float]:
    """Median and a robust standard deviation: of the middle half, else of the middle 98 %, else of all; else 1."""
    if not values.size:
        return 0.0, 1.0
    ordered = ascending(values)
    centre = 2 * float(np.median(ordered / 2))  # the mean of the middle two must not overflow
    return centre, _usable(_spreads(ordered), centre)


def _spreads(ordered: Floats) -> tuple[float, ...]:
    """Standard deviations of a normal distribution with these quartiles, percentiles, extremes."""
    q01, q25, q75, q99 = (float(v) for v in np.quantile(ordered / 4, (0.01, 0.25, 0.75, 0.99)))
    return 4 * (q75 - q25) / 1.349, 4 * (q99 - q01) / 4.653, float(ordered[-1] / 4 - ordered[0] / 4)


def _usable(spreads: tuple[float, ...], centre: float) -> float:
    return next((s for s in spreads if np.isfinite(s) and s > 1e-12 * abs(centre) and s > 1e-300), 1.0)
