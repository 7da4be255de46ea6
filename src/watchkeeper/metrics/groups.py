"""Groups: the few bins that distances between distributions are measured on.

A number on its full grid is drawn together to groups of equal shares of the reference; where the reference
occupies no more bins than groups and knows them well, each of those is one, and all other bins together are
the last. In segments the twelve coarse bins (below the plan's sample, ten deciles, above it) serve as they are. A
category has its values and "other".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Floats
from watchkeeper.metrics.share import ratio, row_count_of, worth
from watchkeeper.profiles import Histogram, Slice
from watchkeeper.profiles.plan import COARSE

__all__ = ["Grouped", "group_of", "grouped", "spanned", "unknown_by_chance"]

Counts = NDArray[Any]
HELD = 2_000_000  # counts on groups that are kept for the next metric
WELL_KNOWN = 10  # rows for each occupied bin, from where on a value elsewhere is news and not only unseen


def group_of(reference: NDArray[np.float64], groups: int) -> NDArray[np.intp]:
    """The group of each bin, by the reference's counts on them.

    Parameters
    ----------
    reference : (n,) counts of the reference on consecutive bins, in effective rows
    groups : how many at most, and one more for bins that the reference leaves empty, where it has ten rows for each
        bin that it does not

    Returns
    -------
    (n,) group, 0 to at most ``groups``

    >>> group_of(np.array([0.0, 30, 0, 10]), 2).tolist()
    [2, 0, 2, 1]
    >>> group_of(np.array([1.0, 1, 1, 1, 0]), 2).tolist()
    [0, 0, 1, 1, 1]
    >>> group_of(np.array([1.0, 0, 1]), 2).tolist()  # two rows do not say that the value between them is new
    [0, 1, 1]
    """
    occupied = reference > 0
    if occupied.sum() <= min(groups, reference.sum() / WELL_KNOWN):
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


def unknown_by_chance(counts: Floats, complete: bool) -> Floats:
    """(...) rate of unknown values among other rows of a reference's kind, each of its own rows left out once.

    A value that the reference has once would be unknown without that row (Good and Turing's estimate), one that is
    among its commonest by a row would not be among them.

    Parameters
    ----------
    counts : (..., K + 1) effective rows of the reference by value, the last of all others together
    complete : whether the reference had no more than these values

    References
    ----------
    Good (1953), The population frequencies of species and the estimation of population parameters, Biometrika 40.

    >>> unknown_by_chance(np.array([7.0, 1, 1, 1, 0]), complete=True)
    array(0.3)
    """
    known, other = counts[..., :-1], counts[..., -1:]
    least = np.where(known > 0, known, np.inf).min(axis=-1, initial=np.inf, keepdims=True)
    rarest, next_ones = (known > 0) & (known <= least), (known > least) & (known <= least + 1)
    if complete:
        lost = np.where(known <= 1, known, 0.0)
    else:  # the next ones would tie with the rarest, of which at most so many are outside of the known
        outside = np.nan_to_num(ratio(other, least))
        tied = np.nan_to_num(ratio(outside, outside + rarest.sum(axis=-1, keepdims=True)))
        lost = known * (rarest + tied * next_ones)
    return np.asarray((lost.sum(axis=-1) + other[..., 0]) / np.maximum(counts.sum(axis=-1), 1e-300))


def _number(current: Histogram, reference: Histogram, groups: int, effective: float) -> tuple[Counts, Counts]:
    _, now, then = spanned(current, reference)
    if not then.shape[2]:
        return now, then
    group = group_of(then[0, 0] * effective, groups)
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
    """Every column that the reference has as well; of few windows all at once, for every metric that asks."""
    columns = len(context.slice.numbers) + len(context.slice.categories)
    if context.slice.rows.size * columns * groups <= HELD:
        return iter(context.once(_every, groups))
    return _grouped(context, groups)


def _every(context: Context, groups: int) -> list[Grouped]:
    return list(_grouped(context, groups))


def _grouped(context: Context, groups: int) -> Iterator[Grouped]:
    cells, reference = context.slice, context.reference
    if reference is None:
        return
    for name, number in cells.numbers.items():
        if name in reference.numbers:
            then = reference.numbers[name].histogram
            if cells.segmentation is None:
                pair = _number(number.histogram, then, groups, float(reference.effective[0, 0]))
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
