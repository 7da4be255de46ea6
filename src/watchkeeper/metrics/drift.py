"""Drift of one column: how far its distribution is from the reference's.

Columns are the features, the prediction, the score and the outcome. Distances are between the valid values;
that more are missing is ``missing_rate``'s to tell. Every distance of a finite sample is above zero:
``bias`` says what it is expected to be where nothing changed, and ``low`` is zero where "nothing changed" is
not excluded. In segments, numbers are compared with the same segment of the reference on twelve coarse bins,
and have no distances that need more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import intervals
from watchkeeper.metrics.describe import variance
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.groups import grouped, spanned, unknown_by_chance
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.metrics.share import TOGETHER, ratio, row_count_of, stacks, worth
from watchkeeper.profiles import NumberColumn, Numbers, ValueGrid

__all__ = ["METRICS"]

Estimates = Iterator[tuple[str | None, Estimate]]
Interval = tuple[Floats, Floats, Floats, Floats]
Distance = Callable[[Floats, Floats, float], Interval]
GROUPS = 20  # of equal shares of the reference
DECILES = 10  # credit scoring's convention for the population stability index


def _distance(function: Distance, groups: int, context: Context) -> Estimates:
    for _, alike in groupby(grouped(context, groups), key=lambda g: g.now.shape[-1]):
        for batch in stacks(alike, lambda g: g.now.size):
            now, then = np.stack([g.now for g in batch]), np.stack([g.then for g in batch])
            columns = zip(*_in_pieces(function, now, then, context.confidence), strict=True)
            for g, (value, low, high, bias) in zip(batch, columns, strict=True):
                # the value overstates the distance by its bias; an interval that leaves it out would read as an error
                yield g.column, Estimate(value, np.minimum(low, value), np.maximum(high, value), g.rows, bias)


def _jensen_shannon(context: Context) -> Estimates:
    """With the values that the reference happens not to have in its bias: they are new in every other sample."""
    for column, e in _distance(intervals.jensen_shannon, GROUPS, context):
        unseen = _unseen(column, context)
        assert e.bias is not None
        yield column, e if unseen is None else replace(e, bias=np.hypot(e.bias, unseen))


def _unseen(column: str | None, context: Context) -> Floats | None:
    """(1, V) Jensen–Shannon distance of the reference's categories to its kind; None for numbers."""
    reference, category = context.reference, context.plan.categories.get(column or "")
    if reference is None or category is None:
        return None
    counts = worth(reference.categories[category.name].counts, reference)
    rate = unknown_by_chance(counts, category.complete)[..., None]
    known, rows = counts[..., :-1], counts.sum(axis=-1, keepdims=True)
    scaled = known * np.nan_to_num(ratio((1 - rate) * rows, known.sum(axis=-1, keepdims=True)))
    others = np.concatenate([scaled, rate * rows], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):  # of a row or none
        return np.nan_to_num(intervals.jensen_shannon(others, counts)[0])


def _in_pieces(function: Distance, now: Floats, then: Floats, confidence: float) -> Interval:
    """The function of (C, W, V, G) counts, some windows at a time: it takes ten times their memory."""
    windows = now.shape[1]
    step = max(1, 2 * TOGETHER * windows // max(now.size, 1))
    with np.errstate(divide="ignore", invalid="ignore"):  # cells of a row or none, which tell nothing
        parts = [function(now[:, i : i + step], then, confidence) for i in range(0, windows, step)]
    if len(parts) == 1:
        return parts[0]
    value, low, high, bias = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    return value, low, high, bias


def _chi_squared(context: Context) -> Estimates:
    if context.slice.segmentation is None:  # it says nothing of a segment that the other distances do not
        yield from _distance(intervals.chi2, GROUPS, context)


def _numbers(context: Context) -> Iterator[tuple[NumberColumn, Numbers, Numbers]]:
    """Numeric columns of all rows, with the reference's."""
    plan = context.plan.numbers
    if context.slice.segmentation is None and context.reference is not None:
        for name, numbers in context.slice.numbers.items():
            if name in context.reference.numbers:
                yield plan[name], numbers, context.reference.numbers[name]


def _on_the_grid(context: Context, now: Numbers, then: Numbers) -> tuple[int, Floats, Floats]:
    """The first bin, and effective counts of both on every bin that either occupies."""
    assert context.reference is not None
    first, current, reference = spanned(now.histogram, then.histogram)
    return first, worth(current, context.slice), worth(reference, context.reference)


def _kolmogorov_smirnov(context: Context) -> Estimates:
    for column, now, then in _numbers(context):
        rows = row_count_of(now.valid, context.slice)
        if not (rows.any() and then.valid.any()):
            yield column.name, _undefined(rows)
            continue
        _, current, reference = _on_the_grid(context, now, then)
        value, low, high, bias = intervals.kolmogorov_smirnov(current, reference, context.confidence)
        yield column.name, Estimate(value, low, high, rows, bias)


def _undefined(rows: NDArray[np.int64]) -> Estimate:
    nothing = np.full(rows.shape, np.nan)
    return Estimate(nothing, nothing, nothing, rows, nothing)


def _positions(column: NumberColumn, now: Numbers, then: Numbers, first: int, size: int) -> Floats:
    """(size,) the middle of each bin, as far as there are values."""
    least = min(float(part.min()) for part in (now.minimum, then.minimum) if part is not None)
    greatest = max(float(part.max()) for part in (now.maximum, then.maximum) if part is not None)
    bins = slice(first, first + size)
    lower, upper = (np.clip(ends[bins], least, greatest) for ends in (column.grid.lower, column.grid.upper))
    middle = 0.5 * lower + 0.5 * upper
    if isinstance(column.grid, ValueGrid) and now.sum is not None and then.sum is not None:
        counts = sum(part.histogram.on(first, size).sum(axis=(0, 1)) for part in (now, then))
        beyond = (lower < column.grid.values[0]) | (upper > column.grid.values[-1])
        total = float(now.sum.sum() + then.sum.sum())
        _place_gaps(middle, upper - lower, np.asarray(counts, np.float64), total, beyond)
    return middle


def _place_gaps(
    middle: Floats, width: Floats, counts: Floats, total: float, beyond: NDArray[np.bool_]
) -> None:
    """Move new values, from the middle of the gap between two known ones, to where the sum of all values says.

    All by the same part of their gap. Those beyond all known values stay in the middle of their range, unless no
    other gap holds any.
    """
    held = np.flatnonzero((width > 0) & (counts > 0))
    between = held[~beyond[held]]
    moved = between if between.size else held if held.size == 1 else held[:0]
    room = counts[moved] @ width[moved]
    if room > 0:
        middle[moved] += np.clip((total - counts @ middle) / room, -0.5, 0.5) * width[moved]


def _wasserstein(context: Context) -> Estimates:
    for column, now, then in _numbers(context):
        assert context.reference is not None
        rows = row_count_of(now.valid, context.slice)
        spread = np.sqrt(variance(then, context.reference))
        if not (rows.any() and (spread > 0).all()):
            yield column.name, _undefined(rows)
            continue
        first, current, reference = _on_the_grid(context, now, then)
        position = _positions(column, now, then, first, current.shape[2])
        with np.errstate(over="ignore", invalid="ignore"):
            shift = _shift(now, then)
            distances = intervals.wasserstein(current, reference, position, context.confidence, shift)
            value, low, high, bias = (part / spread for part in distances)
        yield column.name, Estimate(value, low, high, rows, bias)


def _shift(now: Numbers, then: Numbers) -> Floats:
    """(W, V) mean minus the reference's mean."""
    assert now.deviation is not None
    assert then.deviation is not None
    return ratio(now.deviation, now.valid) - ratio(then.deviation, then.valid)


def _mean_shift(context: Context) -> Estimates:
    reference = context.reference
    for column, now, then in _numbers(context):
        assert reference is not None
        if now.deviation is None or then.deviation is None:
            continue
        before, after = variance(then, reference), variance(now, context.slice)
        spread = np.where(before > 0, np.sqrt(before), np.nan)
        with np.errstate(over="ignore", invalid="ignore"):
            value = _shift(now, then) / spread
            error = ratio(after, now.valid * context.slice.effective) + ratio(
                before, then.valid * reference.effective
            )
            half = normal_score(context.confidence) * np.sqrt(error) / spread
        yield column.name, Estimate(value, value - half, value + half, row_count_of(now.valid, context.slice))


METRICS = (
    Metric("jensen_shannon", "drift", "Jensen–Shannon distance (base 2, the root of the divergence) on 20 "
           "groups of equal shares of the reference, or on the categories. What drift is judged by.",
           _jensen_shannon, "low", "distance", 0.1,
           source="scipy.spatial.distance.jensenshannon(base=2)"),
    Metric("population_stability_index", "drift", "Population stability index on 10 groups of equal shares "
           "of the reference, or on the categories; an empty group counts as half a row.",
           partial(_distance, intervals.psi, DECILES), "low", "distance", 0.2,
           source="Σ (p − q) ln(p / q), in base e"),
    Metric("hellinger", "drift", "Hellinger distance on 20 groups, or on the categories.",
           partial(_distance, intervals.hellinger, GROUPS), "low", "distance", 0.1, source="√(1 − Σ √(p q))"),
    Metric("total_variation", "drift", "Total variation distance on 20 groups, or on the categories: the "
           "share of rows that would have to change.", partial(_distance, intervals.total_variation,
           GROUPS), "low", "distance", 0.1,
           source="½ Σ |p − q|"),
    Metric("chi_squared", "drift", "Pearson's two-sample statistic on 20 groups, or on the categories; it "
           "grows with the rows. Its bias is the degrees of freedom.", partial(_distance, intervals.chi2,
           GROUPS), "low", "number",
           source="scipy.stats.chi2_contingency(correction=False)"),
    Metric("kolmogorov_smirnov", "drift", "Greatest distance of the distribution functions, on the full "
           "grid; exact for columns with at most 256 values, else to 0.005.", _kolmogorov_smirnov, "low",
           "distance", 0.1,
           source="scipy.stats.ks_2samp"),
    Metric("wasserstein", "drift", "Wasserstein's first distance (earth mover's) in standard deviations of "
           "the reference, on the full grid.", _wasserstein, "low", "distance", 0.1,
           source="scipy.stats.wasserstein_distance, divided by the reference's standard deviation"),
    Metric("mean_shift", "drift", "Mean minus the reference's mean, in standard deviations of the reference.",
           _mean_shift, "none", "number", 0.25, source="Glass's Δ"),
)  # fmt: skip
