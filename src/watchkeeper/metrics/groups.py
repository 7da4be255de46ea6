"""Groups: the few bins that distances between distributions are measured on.

A number on its full grid is drawn together to groups of equal shares of the reference; where the reference
occupies no more bins than groups, each of those is one, and all other bins together are the last. In
segments the twelve coarse bins (below the plan's sample, ten deciles, above it) serve as they are. A
category has its values and "other".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Floats
from watchkeeper.metrics.share import row_count_of, worth
from watchkeeper.profiles import Histogram, Slice
from watchkeeper.profiles.plan import COARSE

__all__ = ["Grouped", "group_of", "grouped", "spanned"]

Counts = NDArray[Any]


def group_of(reference: NDArray[np.float64], groups: int) -> NDArray[np.intp]:
    """The group of each bin, by the reference's counts on them.

    Parameters
    ----------
    reference : (n,) counts of the reference on consecutive bins
    groups : how many at most, and one more for bins that the reference leaves empty

    Returns
    -------
    (n,) group, 0 to at most ``groups``

    >>> group_of(np.array([0.0, 3, 0, 1]), 2).tolist()
    [2, 0, 2, 1]
    >>> group_of(np.array([1.0, 1, 1, 1, 0]), 2).tolist()
    [0, 0, 1, 1, 1]
    """
    occupied = reference > 0
    if occupied.sum() <= groups:
        return np.where(occupied, np.cumsum(occupied) - 1, occupied.sum())
    middle = np.cumsum(reference) - reference / 2
    quantile = np.minimum((middle * groups / reference.sum()).astype(np.intp), groups - 1)
    # Without gaps in the numbering: a value that many rows share leaves groups empty.
    held = np.bincount(quantile, weights=reference, minlength=groups) > 0
    numbered: NDArray[np.intp] = (np.cumsum(held) - 1).clip(0)[quantile]
    return numbered


def spanned(current: Histogram, reference: Histogram) -> tuple[int, Counts, Counts]:
    """First bin and both counts on the bins that either occupies."""
    first, size = current.reach(reference)
    return first, current.on(first, size), reference.on(first, size)


def _number(current: Histogram, reference: Histogram, groups: int) -> tuple[Counts, Counts]:
    _, now, then = spanned(current, reference)
    if not then.shape[2]:
        return now, then
    group = group_of(then[0, 0].astype(np.float64), groups)
    member = np.zeros((group.size, group.max() + 1))
    member[np.arange(group.size), group] = 1.0  # a product in float64 counts exactly up to 2**53 rows
    return now @ member, then @ member


@dataclass(frozen=True)
class Grouped:
    """A column's effective counts on groups: now (W, V, G), then (1, V, G) in the reference; (W, V) valid rows."""

    column: str
    now: Floats
    then: Floats
    rows: NDArray[np.int64]


def grouped(context: Context, groups: int) -> Iterator[Grouped]:
    """Every column that the reference has as well."""
    cells, reference = context.slice, context.reference
    if reference is None:
        return
    for name, number in cells.numbers.items():
        if name in reference.numbers:
            then = reference.numbers[name].histogram
            if cells.segmentation is None:
                pair = _number(number.histogram, then, groups)
            else:
                pair = number.histogram.on(0, COARSE), then.on(0, COARSE)
            yield _effective(name, pair, number.valid, cells, reference)
    for name, category in cells.categories.items():
        if name in reference.categories:
            pair = category.counts, reference.categories[name].counts
            yield _effective(name, pair, category.counts.sum(axis=2), cells, reference)


def _effective(
    name: str, pair: tuple[Counts, Counts], valid: Counts, cells: Slice, reference: Slice
) -> Grouped:
    now, then = (np.asarray(counts, np.float64) for counts in pair)
    if not np.issubdtype(valid.dtype, np.integer):  # sums of weights
        now, then = worth(now, cells), worth(then, reference)
    return Grouped(name, now, then, row_count_of(valid, cells))
