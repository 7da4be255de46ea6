"""Metrics of a regression. An error is prediction − outcome: above 0 the model says too much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from watchkeeper.metrics import intervals
from watchkeeper.metrics.error_sizes import absolute_histogram, kurtosis, worst_share
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.metrics.share import ratio
from watchkeeper.metrics.tables import Yields, estimate
from watchkeeper.profiles import Residuals

__all__ = ["METRICS"]

WORST = 0.001  # the part of the rows whose errors count as the worst
WILD = 3.0  # standard deviation over mean of relative errors; 1 is usual, and a ratio of normals has no mean at all
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
Number = Callable[[Context, Residuals], Estimate]


def _residuals(number: Number) -> Callable[[Context], Yields]:
    """A metric that is one number of the residuals."""

    def compute(context: Context) -> Yields:
        found = context.slice.residuals
        if found is not None and context.plan.error is not None and context.plan.model.outcome is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                yield None, number(context, found)

    return compute


def _rows(context: Context, found: Residuals) -> Floats:
    return np.asarray(found.valid * context.slice.effective)


def _variance(mean: Floats, mean_square: Floats, rows: Floats) -> Floats:
    """Of single rows, unbiased."""
    return np.maximum(mean_square - mean**2, 0.0) * ratio(rows, np.maximum(rows - 1, 0.0))


def _mean(total: Floats, squares: Floats, context: Context, found: Residuals) -> Estimate:
    """A mean of row values from their sum and sum of squares, with Student's interval."""
    rows, value = _rows(context, found), ratio(total, found.valid)
    low, high = intervals.mean(
        value, _variance(value, ratio(squares, found.valid), rows), rows, context.confidence
    )
    return estimate(value, low, high, rows, context.slice)


def _from_zero(result: Estimate) -> Estimate:
    """The same for a number that cannot be negative."""
    return Estimate(result.value, np.maximum(result.low, 0.0), result.high, result.count, result.bias)


def _mean_absolute_error(context: Context, found: Residuals) -> Estimate:
    return _from_zero(_mean(found.absolute, found.squares, context, found))


def _mean_absolute_percentage_error(context: Context, found: Residuals) -> Estimate:
    """Without an interval where outcomes near 0 make the mean: no number of rows tells what the next one does."""
    result = _from_zero(_mean(found.relative, found.relative_squares, context, found))
    variation = ratio(found.relative_squares * found.valid, found.relative**2) - 1
    wild = variation > WILD**2
    low, high = (np.where(wild, np.nan, end) for end in (result.low, result.high))
    return Estimate(result.value, low, high, result.count)


def _mean_error(context: Context, found: Residuals) -> Estimate:
    return _mean(found.errors, found.squares, context, found)


def _outcome_mean(context: Context, found: Residuals) -> Estimate:
    around = _mean(found.outcome, found.outcome_squares, context, found)
    centre = context.plan.outcome_centre
    return Estimate(around.value + centre, around.low + centre, around.high + centre, around.count)


def _prediction_mean(context: Context, found: Residuals) -> Estimate:
    """Outcome plus error. Their covariance is not kept: the interval holds for any."""
    rows = _rows(context, found)
    away, error = ratio(found.outcome, found.valid), ratio(found.errors, found.valid)
    spread = np.sqrt(_variance(away, ratio(found.outcome_squares, found.valid), rows))
    spread = spread + np.sqrt(_variance(error, ratio(found.squares, found.valid), rows))
    value = away + error + context.plan.outcome_centre
    return estimate(value, *intervals.mean(value, spread**2, rows, context.confidence), rows, context.slice)


def _root_mean_squared_error(context: Context, found: Residuals) -> Estimate:
    rows, square = _rows(context, found), ratio(found.squares, found.valid)
    low, high = intervals.root_mean_square(square, kurtosis(context) * square**2, rows, context.confidence)
    return estimate(np.sqrt(square), low, high, rows, context.slice)


def _mean_squared_error(context: Context, found: Residuals) -> Estimate:
    root = _root_mean_squared_error(context, found)
    return Estimate(ratio(found.squares, found.valid), root.low**2, root.high**2, root.count)


def _quantile(q: float) -> Number:
    def number(context: Context, found: Residuals) -> Estimate:
        grid, first, rows = context.plan.error, found.histogram.first, _rows(context, found)
        assert grid is not None
        counts = found.histogram.counts * context.slice.effective[..., None]
        bins = slice(first, first + counts.shape[-1])
        parts = intervals.quantile(counts, grid.lower[bins], grid.upper[bins], q, context.confidence)
        return estimate(*_bounded(*parts), rows, context.slice)

    return number


def _median_absolute_error(context: Context, found: Residuals) -> Estimate:
    assert context.plan.error is not None
    counts, lower, upper = absolute_histogram(found, context.plan.error)
    counts = counts * context.slice.effective[..., None]
    parts = intervals.quantile(counts, lower, upper, 0.5, context.confidence)
    return estimate(*_bounded(*parts), _rows(context, found), context.slice)


def _bounded(value: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """NaN for an end that so few rows cannot give."""
    return value, np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan)


def _total_squares(found: Residuals) -> Floats:
    """(W, V) Σ w·(outcome − its mean)²; 0 where that is rounding alone."""
    total = found.outcome_squares - found.outcome * np.nan_to_num(ratio(found.outcome, found.valid))
    return np.where(total > 1e-13 * found.outcome_squares, total, 0.0)


def _outcome_kurtosis(context: Context) -> float:
    """Of the outcome over the reference or all windows, from its histogram; 3 (normal) where there is none."""
    column = context.plan.numbers.get(context.plan.model.outcome or "")
    numbers = (context.reference_everything or context.everything).numbers
    if column is None or column.name not in numbers:
        return 3.0
    histogram = numbers[column.name].histogram.total()
    bins = slice(histogram.first, histogram.first + histogram.counts.shape[-1])
    ends = np.stack([column.grid.lower[bins], column.grid.upper[bins]])
    middle = np.where(np.isfinite(ends), ends, ends[::-1]).mean(axis=0)
    share = ratio(histogram.counts[0, 0], histogram.counts[0, 0].sum())
    away = (middle - (share * middle).sum()) / column.scale
    result = float(ratio(np.sum(share * away**4), np.sum(share * away**2) ** 2))
    return result if np.isfinite(result) else 3.0


def _r2(context: Context, found: Residuals) -> Estimate:
    """1 − unexplained share; the interval is the delta method's on the logarithm of that share.

    Its relative variance has the squares of the errors (``kurtosis``), those of the outcomes, and less their
    covariance if errors do not depend on the prediction; never below that of the errors alone.
    """
    rows, total = _rows(context, found), _total_squares(found)
    unexplained = ratio(found.squares, total)
    of_errors = np.maximum(kurtosis(context) - 1, 0.0)
    variance = of_errors * (1 - 2 * unexplained) + max(_outcome_kurtosis(context) - 1, 0.0)
    reach = normal_score(context.confidence) * np.sqrt(ratio(np.maximum(variance, of_errors), rows - 1))
    low, high = 1 - unexplained * np.exp(reach), 1 - unexplained * np.exp(-reach)
    return estimate(1 - unexplained, *_bounded(np.asarray(0.0), low, high)[1:], rows, context.slice)


def _exact(value: Floats, context: Context, found: Residuals) -> Estimate:
    """A number without an interval: it hangs on a few rows, and no sample tells what the next worst will be."""
    nothing = np.full(value.shape, np.nan)
    return estimate(value, nothing, nothing, _rows(context, found), context.slice)


def _worst_error_share(context: Context, found: Residuals) -> Estimate:
    assert context.plan.error is not None
    return _exact(worst_share(context.slice, context.plan.error, WORST), context, found)


def _max_error(context: Context, found: Residuals) -> Estimate:
    return _exact(np.where(found.valid > 0, found.greatest, np.nan), context, found)


def _metric(
    name: str,
    summary: str,
    number: Number,
    better: Literal["high", "low", "none"] = "low",
    effect: float | None = 0.1,
    unit: Literal["rate", "number"] = "number",
    source: str = "",
) -> Metric:
    return Metric(
        name, "performance", summary, _residuals(number), better, unit, effect, relative=effect == 0.1,
        tasks=("regression",), source=source or f"sklearn.metrics.{name}",
    )  # fmt: skip


def _error_quantile(q: float) -> Metric:
    percent = round(q * 100)
    return _metric(
        f"error_p{percent:02d}", f"{percent} % of the errors (prediction minus outcome) are below it.", _quantile(q),
        "none", None, source="numpy.quantile, from a histogram of 64 bins in each doubling",
    )  # fmt: skip


METRICS: tuple[Metric, ...] = (
    _metric("mean_absolute_error", "Mean size of the errors.", _mean_absolute_error),
    _metric("median_absolute_error", "Half of the errors are smaller: what is usual, whatever a few wild rows do.",
            _median_absolute_error),
    _metric("root_mean_squared_error", "Root of the mean squared error; large errors weigh most.",
            _root_mean_squared_error),
    _metric("mean_squared_error", "Mean of the squared errors.", _mean_squared_error),
    _metric("mean_error", "Mean of prediction minus outcome: above 0 the model says too much.", _mean_error,
            "none", None, source="bias"),
    *(_error_quantile(q) for q in QUANTILES),
    _metric("mean_absolute_percentage_error",
            "Mean size of the error as a share of the outcome's size; says nothing where outcomes come near 0.",
            _mean_absolute_percentage_error, unit="rate"),
    _metric("r2", "Share of the outcome's variance that the predictions explain.", _r2, "high", 0.05, "rate",
            source="sklearn.metrics.r2_score"),
    _metric("worst_error_share",
            "Share of the squared error that the worst 0.1 % of the rows (at least one) make: near 1, a few wild rows.",
            _worst_error_share, "none", None, "rate", source="sums of squares"),
    _metric("max_error", "Size of the greatest error.", _max_error, "none", None),
    _metric("outcome_mean", "Mean of the outcomes of rows with a prediction.", _outcome_mean, "none", None,
            source="mean"),
    _metric("prediction_mean", "Mean of the predictions of rows with a known outcome.", _prediction_mean, "none", None,
            source="mean"),
)  # fmt: skip
