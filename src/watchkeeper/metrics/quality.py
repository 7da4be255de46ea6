"""Data quality: is every column there, of its type and inside what the reference had?

Every rate is a share of rows with Wilson's interval. ``missing_rate``, ``nan_rate``, ``infinite_rate`` and
``retyped_rate`` are shares of all rows; the others of the rows that hold a valid value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.groups import unknown_by_chance
from watchkeeper.metrics.share import exact, ratio, row_count_of, share, shares, worth
from watchkeeper.profiles import Categories, CategoryColumn, Histogram, LogLinearGrid, NumberColumn, Numbers

__all__ = ["METRICS"]

Counts = NDArray[Any]
Estimates = Iterator[tuple[str | None, Estimate]]
EFFECT = 0.01  # one row in a hundred: what a break must reach to be told
DECILES = (1, 10)  # of the twelve coarse bins, those within the plan's sample
BEYOND = 0.5  # of the width of the reference's range: farther outside than a record of more days would lie
AT_THE_EDGE = 0.1  # a column that holds more than this at its edge has it as an ordinary value


def _row_count(context: Context) -> Estimates:
    rows = context.slice.rows
    yield None, exact(rows.astype(np.float64), rows)


def _missing_rate(context: Context) -> Estimates:
    cells, outcome = context.slice, context.plan.model.outcome
    columns: dict[str, Numbers | Categories] = {**cells.numbers, **cells.categories}
    # An outcome that is not known yet is not missing: that is `outcome_coverage`.
    parts = ((name, column.missing, cells.weight) for name, column in columns.items() if name != outcome)
    yield from shares(parts, cells, context.confidence)


def _number_rate(field: str, context: Context) -> Estimates:
    cells = context.slice
    parts = ((name, getattr(column, field), cells.weight) for name, column in cells.numbers.items())
    yield from shares(parts, cells, context.confidence)


def _retyped_rate(context: Context) -> Estimates:
    cells, plan = context.slice, context.plan
    labels = {n: c for n, c in cells.categories.items() if plan.kinds[n] == "number"}
    columns: dict[str, Numbers | Categories] = {**cells.numbers, **labels}
    if cells.segmentation is None:
        parts = ((name, column.retyped, cells.weight) for name, column in columns.items())
        yield from shares(parts, cells, context.confidence)


def _unknown_rate(complete: bool, context: Context) -> Estimates:
    plan, cells = context.plan.categories, context.slice
    parts = (
        (name, column.counts[..., -1], column.counts.sum(axis=2))
        for name, column in cells.categories.items()
        if plan[name].complete is complete
    )
    for name, e in shares(parts, cells, context.confidence):
        yield name, replace(e, bias=_unknown_by_chance(name, complete, context, e.value.shape))


def _unknown_by_chance(
    name: str, complete: bool, context: Context, shape: tuple[int, ...]
) -> NDArray[np.float64] | None:
    """(W, V) rate of unknown values where nothing changed; None without a reference."""
    reference = context.reference
    if reference is None or name not in reference.categories:
        return None
    counts = worth(reference.categories[name].counts, reference)
    return np.broadcast_to(unknown_by_chance(counts, complete), shape)


def _occupied(histogram: Histogram) -> tuple[int, int] | None:
    """The first and the last grid bin that hold anything; None where nothing does."""
    bins = np.flatnonzero(histogram.counts.any(axis=(0, 1)))
    return (histogram.first + int(bins[0]), histogram.first + int(bins[-1])) if bins.size else None


def _split(histogram: Histogram, first: int, last: int) -> tuple[Floats, Floats]:
    """(W, V) counts in the bins first..last, and outside of them."""
    size = histogram.counts.shape[2]
    start, stop = (min(max(b - histogram.first, 0), size) for b in (first, last + 1))
    below, inside, above = (part.sum(axis=2) for part in np.split(histogram.counts, [start, stop], axis=2))
    return inside, below + above


def _reach(context: Context) -> Iterator[tuple[str, tuple[int, int]]]:
    """The bins that the reference reaches in each column: on the full grid its own, of coarse bins the deciles."""
    reference = context.reference_everything
    if reference is None:
        return
    for name in context.slice.numbers:
        if name in reference.numbers:
            bins = _occupied(reference.numbers[name].histogram)
            if bins is not None:
                yield name, bins if context.slice.segmentation is None else DECILES


def _out_of_range_rate(context: Context) -> Estimates:
    cells = context.slice
    parts = (
        (name, _split(cells.numbers[name].histogram, *bins)[1], cells.numbers[name].valid)
        for name, bins in _reach(context)
    )
    for name, estimate in shares(parts, cells, context.confidence):
        yield name, estimate if cells.segmentation else replace(estimate, beyond=_beyond(name, context))


def _beyond(name: str, context: Context) -> Floats:
    """(W, 1) share of the rows that lie farther outside of the reference's range than half of its width."""
    assert context.reference_everything is not None
    now, then = context.slice.numbers[name], context.reference_everything.numbers[name]
    assert then.minimum is not None
    assert then.maximum is not None
    low, high = float(then.minimum.min()), float(then.maximum.max())
    with np.errstate(over="ignore"):
        margin = BEYOND * (high - low)
        grid, first = context.plan.numbers[name].grid, now.histogram.first
        bins = slice(first, first + now.histogram.counts.shape[2])
        far = (grid.lower[bins] > high + margin) | (grid.upper[bins] < low - margin)
    return ratio(now.histogram.counts[..., far].sum(axis=2), now.valid)


def _edges(context: Context) -> Iterator[tuple[str, Counts, Counts]]:
    """Rows in the reference's outermost bins, of columns of which the reference itself has few rows there."""
    reference, plan = context.reference_everything, context.plan.numbers
    for name, (first, last) in _reach(context):
        assert reference is not None
        then, now = reference.numbers[name], context.slice.numbers[name]
        held = (_split(then.histogram, bin_, bin_)[0].sum() for bin_ in (first, last))
        if (
            isinstance(plan[name].grid, LogLinearGrid)
            and first < last
            and sum(held) <= AT_THE_EDGE * then.valid.sum()
        ):
            low, high = (_split(now.histogram, bin_, bin_)[0] for bin_ in (first, last))
            yield name, low + high, now.valid


def _edge_rate(context: Context) -> Estimates:
    if context.slice.segmentation is None:
        yield from shares(_edges(context), context.slice, context.confidence)


def _commonest(context: Context, column: NumberColumn | CategoryColumn) -> float:
    """The greatest share that one bin or value has in the reference; 0 without a reference."""
    reference = context.reference_everything
    if reference is None:
        return 0.0
    if isinstance(column, NumberColumn):
        counts = reference.numbers[column.name].histogram.counts if column.name in reference.numbers else None
    else:
        counts = reference.categories[column.name].counts if column.name in reference.categories else None
    total = 0.0 if counts is None else float(counts.sum())
    return float(counts.max()) / total if counts is not None and total > 0 else 0.0


def _sameness(context: Context) -> Iterator[tuple[NumberColumn | CategoryColumn, Counts, NDArray[np.bool_]]]:
    """Columns, how many valid values they have, and where these are all equal."""
    cells = context.slice
    for column in context.plan.columns:
        if isinstance(column, NumberColumn) and column.name in cells.numbers:
            number = cells.numbers[column.name]
            if number.minimum is not None:  # slices of segments do not hold it
                yield column, number.valid, number.minimum == number.maximum
        elif isinstance(column, CategoryColumn) and column.name in cells.categories:
            counts = cells.categories[column.name].counts
            known, other = (counts[..., :-1] > 0).sum(axis=2), counts[..., -1] > 0
            yield column, counts.sum(axis=2), (known == 1) & ~other  # "other" may be many values


def _constant(context: Context) -> Estimates:
    for column, valid, same in _sameness(context):
        rows = row_count_of(valid, context.slice)
        value = np.where(rows > 1, same, np.nan).astype(np.float64)
        # Only where so many equal rows are improbable in the reference are they more than chance.
        chance = _commonest(context, column) ** rows.astype(np.float64) > 1 - context.confidence
        yield column.name, Estimate(value, np.where(chance, 0.0, value), value, rows)


def _invalid_score_rate(context: Context) -> Estimates:
    cells, score = context.slice, context.plan.model.score
    if cells.calibration is not None and isinstance(score, str):
        yield score, share(cells.calibration.invalid, cells.weight, cells, context.confidence)


def _distinct_count(context: Context) -> Estimates:
    cells = context.slice
    for name, column in cells.categories.items() if cells.segmentation is None else ():
        if context.plan.categories[name].complete:
            rows = row_count_of(column.counts.sum(axis=2), cells)
            yield name, exact(np.where(rows > 0, (column.counts > 0).sum(axis=2), np.nan), rows)


METRICS = (
    Metric("row_count", "quality", "Number of rows.", _row_count, unit="count"),
    Metric("missing_rate", "quality", "Share of the rows without a value. Of the outcome, see "
           "outcome_coverage.", _missing_rate, "low", "rate",
           EFFECT),
    Metric("nan_rate", "quality", "Share of the rows that hold NaN (not missing, but no number).",
           partial(_number_rate, "nan"),
           "low", "rate", EFFECT),
    Metric("infinite_rate", "quality", "Share of the rows that hold an infinity.", partial(_number_rate,
           "infinite"), "low",
           "rate", EFFECT),
    Metric("retyped_rate", "quality", "Share of the rows with text in a column of numbers.", _retyped_rate,
           "low", "rate", EFFECT),
    Metric("new_category_rate", "quality", "Share of the valid rows with a category that the reference "
           "never had.",
           partial(_unknown_rate, True), "low", "rate", EFFECT),
    Metric("other_rate", "quality", "Share of the valid rows outside the reference's 256 commonest "
           "categories, where it has more than those.", partial(_unknown_rate, False), "none", "rate",
           EFFECT),
    Metric("out_of_range_rate", "quality", "Share of the valid rows below or above everything in the "
           "reference, to the width of a bin (1/64 of the spread in the body); in segments beyond the "
           "sample that the plan was made from.", _out_of_range_rate, "low", "rate", EFFECT),
    Metric("edge_rate", "quality", "Share of the valid rows in the outermost bins of the reference's range: "
           "a sensor or a clip at its limit. Not for columns with at most 256 values, or that hold more "
           "than 10 % there.",
           _edge_rate, "low", "rate", EFFECT),
    Metric("constant", "quality", "1 where all valid values are equal, else 0. Its interval reaches 0 where "
           "so many equal rows can be chance, by the commonest value's share in the reference.", _constant,
           "low", "number", 0.5),
    Metric("invalid_score_rate", "quality", "Share of the rows whose score is missing or outside [0, 1].",
           _invalid_score_rate, "low", "rate", EFFECT, tasks=("binary",)),
    Metric("distinct_count", "quality", "Number of categories that occur, of columns with at most 256; unknown ones "
           "count as one.",
           _distinct_count, unit="count"),
)  # fmt: skip
