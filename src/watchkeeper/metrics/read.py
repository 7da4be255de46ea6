"""Read: what of a series enters its evidence, from the windows of the reference and from those that are watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import (
    NUMBER_WEIGHTS,
    Readings,
    category_scores,
    normal_place,
    number_scores,
    rate_scores,
)
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.metrics.share import worth
from watchkeeper.profiles import Numbers, Slice

__all__ = ["LEAKS", "PROPORTIONS", "is_proportion", "read", "read_columns"]

COMMON = 20  # categories of their own in the evidence; all others together are one more
ALIKE = 1.25  # windows of so many times the rows, or fewer, are of one size
EXPECTED = 5.0  # hits and misses in a window, from which an arcsine is nearly normal
SHOWN = 0.95
SQUARED = frozenset({"correlation_divergence"})  # squared distances to the whole reference
LEAKS = frozenset({"missing_rate", "nan_rate", "stuck_rate"})
"""Rates of a break that may come little by little; of what lies out of range the reference cannot have any."""
LEAK = 0.01  # of the rows
PROPORTIONS = frozenset({"accuracy", "precision", "recall", "specificity", "error_rate", "segment_share"})


def is_proportion(metric: Metric) -> bool:
    """Whether a number is so many of the rows that it rests on."""
    return metric.name in PROPORTIONS or (metric.family == "quality" and metric.unit == "rate")


def read(metric: Metric, reference: Estimate, current: Estimate) -> Readings | None:
    """Of a number by its own value, windows (Wr,) of the reference and (W,) that are watched.

    A proportion enters by its arcsine, anything else as it is and by ranks alone: its mean may be carried off by one
    row. What chance gives it in a window is taken from the intervals of the reference's windows.

    None where windows cannot be compared: of few hits, or of a squared distance, chance gives windows of unlike size
    unlike values, so that they are not exchangeable. Of a leak that the reference hardly has it counts how many rows it
    takes where it takes clearly more than in any window of the reference.
    """
    value = np.concatenate([reference.value, current.value])
    rows = np.concatenate([reference.count, current.count]).astype(np.float64)
    if metric.name in SQUARED:
        if not _alike(reference.count, current.count):
            return None
        value[: len(reference.value)] = _apart_from_itself(reference)
        return Readings(
            (value * rows)[None], rows, np.zeros(1), np.ones(1), len(reference.value), by_rank=True
        )
    known = np.isfinite(reference.value)
    share = float((reference.value * reference.count)[known].sum() / max(reference.count[known].sum(), 1))
    if metric.name in LEAKS and share * _typical(reference.count) < EXPECTED:
        return _beyond(value, rows, len(reference.value))
    size = min(_typical(reference.count), _typical(current.count))
    rare = metric.unit == "rate" and min(share, 1 - share) * size < EXPECTED
    if rare and not _alike(reference.count, current.count):
        return None
    if not is_proportion(metric):
        unit = np.array([_unit(reference)])
        return Readings(value[None], rows, unit, np.ones(1), len(reference.value), by_rank=True)
    scores = np.where(np.isfinite(value), rate_scores(value * rows, rows), np.nan)
    return Readings(scores[None], rows, np.array([0.25]), np.ones(1), len(reference.value), by_rank=rare)


def _beyond(share: Floats, rows: Floats, reference: int) -> Readings:
    """Of rare hits, whatever the windows' sizes: the share where it is clearly above any in the reference, else 0.

    Exchangeable windows lie above G others no more often than once in G + 1, so that their ranks are too low, if
    anything.
    """
    known = share[:reference][np.isfinite(share[:reference])]
    clearly = (share >= known.max(initial=0.0) + LEAK) & (share * rows >= EXPECTED)
    value = np.where(np.isfinite(share), np.where(clearly, share, 0.0), np.nan)
    return Readings(value[None], rows, np.zeros(1), np.ones(1), reference, by_rank=True)


def _typical(rows: NDArray[np.int64]) -> float:
    """Of windows that have any."""
    some = np.sort(rows[rows > 0])  # of a handful of windows ten times as fast as np.median
    middle = len(some) // 2
    return float(some[middle] + some[~middle]) / 2 if len(some) else 0.0


def _alike(reference: NDArray[np.int64], current: NDArray[np.int64]) -> bool:
    """Whether windows have about as many rows as those of the reference."""
    before, now = _typical(reference), _typical(current)
    return max(before, now) <= ALIKE * max(min(before, now), 1.0)


def _apart_from_itself(reference: Estimate) -> Floats:
    """(Wr,) a squared distance to the whole reference as one to all of it but the window itself.

    A window that holds a part w of the reference is (1 − w) times as far from it as from the rest; a watched window,
    no part of it, would look farther than any of these.
    """
    part = reference.count / max(reference.count.sum(), 1)
    return np.asarray(reference.value / np.maximum(1.0 - part, 0.5) ** 2)


def _unit(reference: Estimate) -> float:
    """Variance by chance of a window of one row."""
    error = (reference.high - reference.low) / (2 * normal_score(SHOWN))
    unit = error**2 * reference.count
    known = unit[np.isfinite(unit)]
    return float(np.median(known)) if len(known) else 0.0


def read_columns(
    reference: Context, current: Context, distances: Mapping[str | None, tuple[Floats, Floats]]
) -> Iterator[tuple[str, Readings]]:
    """Of each column by its distribution: ranks of numbers, shares of categories.

    Parameters
    ----------
    reference, current : the windows of the reference and the watched ones, of all rows, both beside the whole reference
    distances : by column, (Wr,) and (W,) distances to the whole reference, by which a window may be far from all others
    """
    whole = current.reference
    if whole is None:
        return
    both = (reference.slice, current.slice)
    for name, number in whole.numbers.items():
        if name in distances and number.valid.any():
            yield name, _number([s.numbers[name] for s in both], number, (*both, whole), distances[name])
    for name, category in whole.categories.items():
        if name in distances and category.counts.any():
            counts = [worth(s.categories[name].counts, s)[:, 0] for s in both]
            read_ = _category(counts, worth(category.counts, whole)[0, 0], distances[name])
            if read_ is not None:
                yield name, read_


def _number(
    both: Sequence[Numbers], whole: Numbers, slices: Sequence[Slice], distances: tuple[Floats, Floats]
) -> Readings:
    first, size = whole.histogram.reach(*(part.histogram for part in both))
    then, now, all_ = (
        worth(part.histogram.on(first, size), slice_)[:, 0]
        for part, slice_ in zip((*both, whole), slices, strict=True)
    )
    counts = np.concatenate([then, now])
    rows = counts.sum(axis=1)
    scores, variance = number_scores(all_[0], counts)
    places = np.stack([normal_place(all_[0], counts), _apart(distances, rows)])
    return Readings(scores, rows, variance, NUMBER_WEIGHTS, len(then), places=places)


def _category(both: Sequence[Floats], whole: Floats, distances: tuple[Floats, Floats]) -> Readings | None:
    """None where no value is common enough to be compared."""
    counts = np.concatenate(both)
    rows = counts.sum(axis=1)
    size = min(_typical(part.sum(axis=1)) for part in both)
    counts = _common(counts, whole, size)
    parts = counts.shape[1]
    if not parts:
        return None
    return Readings(
        np.asarray(category_scores(counts, rows)), rows, np.full(parts, 0.25), np.full(parts, 1 / parts), len(both[0]),
        places=_apart(distances, rows)[None],
    )  # fmt: skip


def _apart(distances: tuple[Floats, Floats], rows: Floats) -> Floats:
    """Distances on one scale: by chance they go with the root of 1/n."""
    return np.asarray(np.concatenate(distances) * np.sqrt(rows))


def _common(counts: Floats, whole: Floats, rows: float) -> Floats:
    """(W, C) the commonest categories, and all others as one; without those that a window holds too few rows of."""
    share = whole / whole.sum()
    order = np.argsort(-share, kind="stable")[:COMMON]
    kept = order[np.minimum(share[order], 1 - share[order]) * rows >= EXPECTED]
    others = np.setdiff1d(np.arange(len(share)), kept)
    rest = share[others].sum()
    if min(rest, 1 - rest) * rows < EXPECTED:
        return counts[:, kept]
    return np.column_stack([counts[:, kept], counts[:, others].sum(axis=1)])
