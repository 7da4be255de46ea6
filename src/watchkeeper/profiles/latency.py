"""The grid that latencies are counted on: the same for everyone, so that any two histograms of seconds add up."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["SIZE", "latency_bin", "latency_ends"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BITS: Final = 7  # 128 equal bins in each doubling: none is wider than 1/128 (0.8 %) of what it holds
LEAST, OCTAVES = -20, 40  # from 2^-20 s (1 µs) to 2^20 s (12 days)
SIZE: Final = (OCTAVES << BITS) + 2  # with one bin below and one above
BASE: Final = ((1023 + LEAST) << BITS) - 1


def latency_bin(seconds: Floats) -> Ints:
    """(n,) bin of each number of seconds, which must be 0 or more: the leading bits of the floating-point number.

    >>> latency_bin(np.array([0.0, 0.25, 0.2519, 0.252, 1e9])).tolist()
    [0, 2305, 2305, 2306, 5121]
    """
    code = np.ascontiguousarray(seconds, dtype=np.float64).view(np.int64) >> (52 - BITS)
    code -= BASE
    bins: Ints = np.clip(code, 0, SIZE - 1, out=code)
    return bins


def latency_ends(first: int, size: int) -> tuple[Floats, Floats]:
    """(size,) lower and upper ends of the bins from ``first`` on, in seconds; the last bin of all has no end.

    >>> lower, upper = latency_ends(2305, 2)
    >>> lower.tolist(), upper.tolist()
    ([0.25, 0.251953125], [0.251953125, 0.25390625])
    """
    codes = (np.arange(first, first + size + 1) + BASE) << (52 - BITS)
    ends = codes.view(np.float64).copy()
    if first == 0:
        ends[0] = 0.0
    lower, upper = ends[:-1], ends[1:]
    return lower, np.where(np.arange(first, first + size) == SIZE - 1, np.inf, upper)
