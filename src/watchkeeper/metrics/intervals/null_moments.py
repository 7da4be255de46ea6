"""Null moments: mean and variance of a divergence's statistic between equal distributions, sparse bins included.

Given how many rows two samples have in a bin together, c, and the first sample's share of all rows, w, the first
has binomial(c, w) of them when nothing changed. So each bin's mean and variance follow from (c, w) alone. They tend
to 1 and 2, chi-square's, where both samples expect many rows, and are far from them where one expects few.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.intervals.kernels import Kernel

__all__ = ["null_moments"]

Floats = NDArray[np.float64]

SHARES = np.geomspace(1e-6, 0.5, 56)  # nodes of the smaller share
COUNTS = np.concatenate([np.arange(13.0), np.geomspace(15, 2e8, 76)])  # nodes of the rows in a bin
MANY = 40.0  # rows expected in the smaller sample, from where on a bin's moments are those at so many
SUPPORT = np.arange(128.0)


def null_moments(kernel: Kernel, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Mean (..., K) of each bin's kernel and variance (...) of their sum, given the rows of both samples together.

    Parameters
    ----------
    a, b : (..., K) rows by bin, of one shape
    """
    n, m = a.sum(-1, keepdims=True), b.sum(-1, keepdims=True)
    together = a + b
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num(n / (n + m), nan=0.5)
        # equal totals take away one direction: K − 1 where all bins are full
        free = 1 - np.nan_to_num(together / (n + m))
    first = share <= 0.5
    smaller = np.clip(np.where(first, share, 1 - share), SHARES[0], 0.5)
    mean, variance = _interpolate(_tables(kernel), together, np.broadcast_to(smaller, together.shape))
    return mean * free, (variance * free).sum(-1)


def _interpolate(tables: tuple[Floats, Floats], count: Floats, share: Floats) -> list[Floats]:
    """Bilinear in the logarithms of count and share."""
    row, row_part = _position(np.log(COUNTS + 1), np.log(count + 1))
    column, column_part = _position(np.log(SHARES), np.log(share))
    results = []
    for table in tables:
        left = table[row, column] * (1 - row_part) + table[row + 1, column] * row_part
        right = table[row, column + 1] * (1 - row_part) + table[row + 1, column + 1] * row_part
        results.append(left + column_part * (right - left))
    return results


def _position(nodes: Floats, values: Floats) -> tuple[NDArray[np.int64], Floats]:
    position = np.interp(values, nodes, np.arange(nodes.size, dtype=np.float64))
    index = np.minimum(position.astype(np.int64), nodes.size - 2)
    return index, position - index


@lru_cache(maxsize=8)
def _tables(kernel: Kernel) -> tuple[Floats, Floats]:
    """(counts, shares) mean and variance of one bin's kernel."""
    from scipy.special import gammaln

    share = SHARES[None, :, None]
    count = np.minimum(COUNTS[:, None, None], np.ceil(MANY / share))
    x = np.maximum(np.floor(count * share - 9 * np.sqrt(count * share)), 0.0) + SUPPORT
    rest = np.maximum(count - x, 0.0)
    log_mass = (
        gammaln(count + 1) - gammaln(x + 1) - gammaln(rest + 1) + x * np.log(share) + rest * np.log1p(-share)
    )
    mass = np.where(x <= count, np.exp(log_mass), 0.0)
    mass /= mass.sum(-1, keepdims=True)
    value = kernel.value(x * (1 - share), rest * share, share)
    mean = (mass * value).sum(-1)
    return mean, (mass * value**2).sum(-1) - mean**2
