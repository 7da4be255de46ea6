"""Grids that seconds are counted on: the same for everyone, so that any two histograms of them add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["DELAY", "LATENCY", "SecondsGrid"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SecondsGrid:
    """Equal bins in each doubling: the leading bits of the floating-point number.

    Attributes
    ----------
    bits : 2^bits bins in each doubling
    least, octaves : from 2^least seconds on, so many doublings; what is less or more has a bin each
    """

    bits: int
    least: int
    octaves: int

    @property
    def size(self) -> int:
        return (self.octaves << self.bits) + 2

    @property
    def _base(self) -> int:
        return ((1023 + self.least) << self.bits) - 1

    def index(self, seconds: Floats) -> Ints:
        """(n,) bin of each number of seconds, which must be 0 or more.

        >>> LATENCY.index(np.array([0.0, 0.25, 0.2519, 0.252, 1e9])).tolist()
        [0, 2305, 2305, 2306, 5121]
        """
        code = np.ascontiguousarray(seconds, dtype=np.float64).view(np.int64) >> (52 - self.bits)
        code -= self._base
        bins: Ints = np.clip(code, 0, self.size - 1, out=code)
        return bins

    def ends(self, first: int, size: int) -> tuple[Floats, Floats]:
        """(size,) lower and upper ends of the bins from ``first`` on; the last bin of all has no end.

        >>> lower, upper = LATENCY.ends(2305, 2)
        >>> lower.tolist(), upper.tolist()
        ([0.25, 0.251953125], [0.251953125, 0.25390625])
        """
        codes = (np.arange(first, first + size + 1) + self._base) << (52 - self.bits)
        ends = codes.view(np.float64).copy()
        if first == 0:
            ends[0] = 0.0
        lower, upper = ends[:-1], ends[1:]
        return lower, np.where(np.arange(first, first + size) == self.size - 1, np.inf, upper)


LATENCY: Final = SecondsGrid(7, -20, 40)  # from 1 µs to 12 days; no bin is wider than 0.8 % of what it holds
DELAY: Final = SecondsGrid(6, -10, 39)  # from 1 ms to 17 years; 1.6 %
