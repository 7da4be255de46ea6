"""Shares: a part of some rows, with Wilson's interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Estimate, Floats
from watchkeeper.metrics.intervals import wilson
from watchkeeper.profiles import Slice

__all__ = ["TOGETHER", "exact", "ratio", "row_count_of", "share", "shares", "stacks", "worth"]

Counts = NDArray[Any]
T = TypeVar("T")
TOGETHER = 1 << 21  # numbers in a stack: 16 MB, few enough for what is computed of them to stay in memory


def ratio(part: Counts, whole: Counts) -> Floats:
    """``part / whole``, NaN where the whole is nothing.

    >>> ratio(np.array([1, 0]), np.array([4, 0]))
    array([0.25,  nan])
    """
    a, b = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    out: Floats = np.divide(a, b, out=np.full(b.shape, np.nan), where=b > 0)
    return out


def row_count_of(counts: Counts, cells: Slice) -> NDArray[np.int64]:
    """(W, V) rows behind counts: themselves, or with weights the rows in proportion to their weight."""
    if np.issubdtype(counts.dtype, np.integer):
        return counts.astype(np.int64)
    rows = np.nan_to_num(ratio(counts, cells.weight)) * cells.rows
    return np.rint(rows).astype(np.int64)


def share(part: Counts, whole: Counts, cells: Slice, confidence: float) -> Estimate:
    """The share of ``part`` in ``whole``, both (W, V) counts of rows or sums of weights of these cells.

    The interval is Wilson's, with weights on the effective number of rows (Kish: (Σw)² / Σw²).

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    factor = cells.effective
    low, high = wilson(part * factor, whole * factor, confidence)
    return Estimate(ratio(part, whole), low, high, row_count_of(np.asarray(whole), cells))


def shares(
    parts: Iterable[tuple[str, Counts, Counts]], cells: Slice, confidence: float
) -> Iterator[tuple[str, Estimate]]:
    """``share`` of many columns, each (name, part, whole), computed together."""
    for batch in stacks(parts, lambda item: item[1].size):
        e = share(
            np.stack([part for _, part, _ in batch]), np.stack([w for _, _, w in batch]), cells, confidence
        )
        for i, (name, _, _) in enumerate(batch):
            yield name, Estimate(e.value[i], e.low[i], e.high[i], e.count[i])


def stacks(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in lists whose sizes add up to about two million, so that one call computes many columns."""
    batch: list[T] = []
    held = 0
    for item in items:
        batch.append(item)
        held += size(item)
        if held >= TOGETHER:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def worth(counts: Counts, cells: Slice) -> Floats:
    """(W, V, n) counts as effective numbers of rows: with weights, sums of weights × Σw / Σw²."""
    if np.issubdtype(counts.dtype, np.integer):
        return counts.astype(np.float64)
    scaled: Floats = counts * cells.effective[..., None]
    return scaled


def exact(value: Floats, count: NDArray[np.int64]) -> Estimate:
    """Numbers without an interval: they describe these rows and estimate nothing beyond them."""
    nothing = np.full(value.shape, np.nan)
    return Estimate(value, nothing, nothing, count)
