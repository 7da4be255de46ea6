"""Shares: a part of some rows, with Wilson's interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Estimate, Floats
from watchkeeper.metrics.intervals import wilson
from watchkeeper.profiles import Slice

__all__ = ["exact", "ratio", "row_count_of", "share"]


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """``part / whole``, NaN where the whole is nothing.

    >>> ratio(np.array([1, 0]), np.array([4, 0]))
    array([0.25,  nan])
    """
    a, b = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    out: Floats = np.divide(a, b, out=np.full(b.shape, np.nan), where=b > 0)
    return out


def row_count_of(counts: NDArray[Any], cells: Slice) -> NDArray[np.int64]:
    """(W, V) rows behind counts: themselves, or with weights the rows in proportion to their weight."""
    if np.issubdtype(counts.dtype, np.integer):
        return counts.astype(np.int64)
    rows = np.nan_to_num(ratio(counts, cells.weight)) * cells.rows
    return np.rint(rows).astype(np.int64)


def share(part: NDArray[Any], whole: NDArray[Any], cells: Slice, confidence: float) -> Estimate:
    """The share of ``part`` in ``whole``, both (W, V) counts of rows or sums of weights of these cells.

    The interval is Wilson's, with weights on the effective number of rows (Kish: (Σw)² / Σw²).

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    worth = cells.effective
    low, high = wilson(part * worth, whole * worth, confidence)
    return Estimate(ratio(part, whole), low, high, row_count_of(np.asarray(whole), cells))


def exact(value: Floats, count: NDArray[np.int64]) -> Estimate:
    """Numbers without an interval: they describe these rows and estimate nothing beyond them."""
    nothing = np.full(value.shape, np.nan)
    return Estimate(value, nothing, nothing, count)
