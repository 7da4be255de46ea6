"""Data quality: is every column there, of its type and inside what the reference had?

Every rate is a share of rows with Wilson's interval. ``missing_rate``, ``nan_rate``, ``infinite_rate`` and
``retyped_rate`` are shares of all rows; the others of the rows that hold a valid value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.share import exact, row_count_of, share
from watchkeeper.profiles import CategoryColumn, Histogram, LogLinearGrid, NumberColumn

__all__ = ["METRICS"]

Counts = NDArray[Any]
Estimates = Iterator[tuple[str | None, Estimate]]
EFFECT = 0.01  # one row in a hundred: what a break must reach to be told
AT_THE_EDGE = 0.1  # a column that holds more than this at its edge has it as an ordinary value


def _row_count(context: Context) -> Estimates:
    rows = context.slice.rows
    yield None, exact(rows.astype(np.float64), rows)


def _missing_rate(context: Context) -> Estimates:
    cells, outcome = context.slice, context.plan.model.outcome
    for name, column in (*cells.numbers.items(), *cells.categories.items()):
        if name != outcome:  # not yet known is not missing: that is `outcome_coverage`
            yield name, share(column.missing, cells.weight, cells, context.confidence)


def _number_rate(field: str, context: Context) -> Estimates:
    cells = context.slice
    for name, column in cells.numbers.items():
        estimate = share(getattr(column, field), cells.weight, cells, context.confidence)
        yield name, estimate


def _nan_rate(context: Context) -> Estimates:
    yield from _number_rate("nan", context)


def _infinite_rate(context: Context) -> Estimates:
    yield from _number_rate("infinite", context)


def _retyped_rate(context: Context) -> Estimates:
    if context.slice.segmentation is None:  # segments do not hold it
        yield from _number_rate("retyped", context)


def _unknown_rate(complete: bool, context: Context) -> Estimates:
    plan, cells = context.plan.categories, context.slice
    for name, column in cells.categories.items():
        if plan[name].complete is complete:
            valid = column.counts.sum(axis=2)
            yield name, share(column.counts[..., -1], valid, cells, context.confidence)


def _new_category_rate(context: Context) -> Estimates:
    yield from _unknown_rate(True, context)


def _other_rate(context: Context) -> Estimates:
    yield from _unknown_rate(False, context)


def _occupied(histogram: Histogram) -> tuple[int, int] | None:
    """The first and the last grid bin that hold anything; None where nothing does."""
    bins = np.flatnonzero(histogram.counts.any(axis=(0, 1)))
    return (histogram.first + int(bins[0]), histogram.first + int(bins[-1])) if bins.size else None


def _between(histogram: Histogram, first: int, last: int) -> Floats:
    """(W, V) counts in the bins first..last."""
    size = histogram.counts.shape[2]
    start, stop = (min(max(b - histogram.first, 0), size) for b in (first, last + 1))
    inside: Floats = histogram.counts[..., start:stop].sum(axis=2)
    return inside


def _range(context: Context, name: str) -> tuple[int, int] | None:
    """The bins that the reference reaches: its own on the full grid, the deciles of coarse ones."""
    if context.slice.segmentation is not None:
        return 1, 10
    reference = context.reference_everything
    return _occupied(reference.numbers[name].histogram) if reference and name in reference.numbers else None


def _out_of_range_rate(context: Context) -> Estimates:
    cells = context.slice
    for name, column in cells.numbers.items():
        bins = _range(context, name)
        if bins is not None:
            outside = column.valid - _between(column.histogram, *bins)
            yield name, share(outside, column.valid, cells, context.confidence)


def _edges(context: Context, name: str) -> tuple[int, int] | None:
    """The outermost bins of the reference, where few of its own rows lie there."""
    reference = context.reference_everything
    if reference is None or name not in reference.numbers:
        return None
    histogram, valid = reference.numbers[name].histogram, reference.numbers[name].valid.sum()
    bins = _occupied(histogram)
    if bins is None or bins[0] == bins[1]:
        return None
    held = sum(_between(histogram, b, b).sum() for b in bins)
    return bins if held <= AT_THE_EDGE * valid else None


def _edge_rate(context: Context) -> Estimates:
    cells, plan = context.slice, context.plan.numbers
    if cells.segmentation is not None:
        return
    for name, column in cells.numbers.items():
        bins = _edges(context, name) if isinstance(plan[name].grid, LogLinearGrid) else None
        if bins is not None:
            held = _between(column.histogram, bins[0], bins[0]) + _between(column.histogram, bins[1], bins[1])
            yield name, share(held, column.valid, cells, context.confidence)


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
    cells, plan = context.slice, context.plan.categories
    for name, column in cells.categories.items():
        if name in plan:
            yield (
                name,
                exact(
                    (column.counts > 0).sum(axis=2).astype(np.float64),
                    row_count_of(column.counts.sum(axis=2), cells),
                ),
            )


METRICS = (
    Metric("row_count", "quality", "Number of rows.", _row_count, unit="count"),
    Metric("missing_rate", "quality", "Share of the rows without a value. Of the outcome, see outcome_coverage.", _missing_rate, "low", "rate",
           EFFECT),
    Metric("nan_rate", "quality", "Share of the rows that hold NaN (not missing, but no number).", _nan_rate,
           "low", "rate", EFFECT),
    Metric("infinite_rate", "quality", "Share of the rows that hold an infinity.", _infinite_rate, "low",
           "rate", EFFECT),
    Metric("retyped_rate", "quality", "Share of the rows with text in a column of numbers.", _retyped_rate,
           "low", "rate", EFFECT),
    Metric("new_category_rate", "quality", "Share of the valid rows with a category that the reference "
           "never had.",
           _new_category_rate, "low", "rate", EFFECT),
    Metric("other_rate", "quality", "Share of the valid rows outside the reference's 256 commonest "
           "categories, where it has more than those.", _other_rate, "none", "rate", EFFECT),
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
    Metric("distinct_count", "quality", "Number of categories that occur; all outside the 256 known ones "
           "count as one.",
           _distinct_count, unit="count"),
)  # fmt: skip
