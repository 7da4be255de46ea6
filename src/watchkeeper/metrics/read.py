"""Read: what of a series enters its evidence, from the windows of the reference and from those that are watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

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

__all__ = ["PROPORTIONS", "is_proportion", "read", "read_columns"]

COMMON = 20  # categories of their own in the evidence; all others together are one more
EXPECTED = 5.0  # hits and misses in a window, from which an arcsine is nearly normal
SHOWN = 0.95
SQUARED = frozenset({"correlation_divergence"})  # squared distances to the whole reference
PROPORTIONS = frozenset({"accuracy", "precision", "recall", "specificity", "error_rate", "segment_share"})


def is_proportion(metric: Metric) -> bool:
    """Whether a number is so many of the rows that it rests on."""
    return metric.name in PROPORTIONS or (metric.family == "quality" and metric.unit == "rate")


def read(metric: Metric, reference: Estimate, current: Estimate) -> Readings:
    """Of a number by its own value, windows (Wr,) of the reference and (W,) that are watched.

    A proportion enters by its arcsine, anything else as it is and by ranks alone: its mean may be carried off by one
    row. What chance gives it in a window is taken from the intervals of the reference's windows.
    """
    own = _apart_from_itself(reference) if metric.name in SQUARED else reference.value
    value = np.concatenate([own, current.value])
    rows = np.concatenate([reference.count, current.count]).astype(np.float64)
    if not is_proportion(metric):
        unit = _unit(reference)
        return Readings(value[None], rows, np.array([unit]), np.ones(1), len(reference.value), by_rank=True)
    scores = rate_scores(value * rows, rows)
    scores = np.where(np.isfinite(value), scores, np.nan)
    known = np.isfinite(reference.value)
    hits, total = (reference.value * reference.count)[known].sum(), reference.count[known].sum()
    rare = min(hits, total - hits) < EXPECTED * max(known.sum(), 1)
    return Readings(
        scores[None], rows, np.array([0.25]), np.ones(1), len(reference.value), by_rank=bool(rare)
    )


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
            yield name, _category(counts, worth(category.counts, whole)[0, 0], distances[name])


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


def _category(both: Sequence[Floats], whole: Floats, distances: tuple[Floats, Floats]) -> Readings:
    counts, whole = _common(np.concatenate(both), whole)
    rows = counts.sum(axis=1)
    expected = whole / whole.sum() * np.median(rows[: len(both[0])])
    rare = np.minimum(expected, expected.sum() - expected).min() < EXPECTED
    return Readings(
        category_scores(counts), rows, np.full(len(whole), 0.25), np.full(len(whole), 1 / len(whole)), len(both[0]),
        by_rank=bool(rare), places=_apart(distances, rows)[None],
    )  # fmt: skip


def _apart(distances: tuple[Floats, Floats], rows: Floats) -> Floats:
    """Distances on one scale: by chance they go with the root of 1/n."""
    return np.asarray(np.concatenate(distances) * np.sqrt(rows))


def _common(counts: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """The commonest categories, and all others as one; without those that never occur."""
    order = np.argsort(-whole, kind="stable")
    kept, rest = order[:COMMON], order[COMMON:]
    kept = kept[(whole[kept] > 0) | (counts[:, kept].sum(axis=0) > 0)]
    if counts[:, rest].sum() == 0:
        return counts[:, kept], whole[kept]
    return (
        np.column_stack([counts[:, kept], counts[:, rest].sum(axis=1)]),
        np.append(whole[kept], whole[rest].sum()),
    )
