"""Metrics of probabilities: how right they are on average (log loss, Brier), and whether they mean what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import intervals
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.metrics.share import ratio
from watchkeeper.metrics.tables import Yields, estimate
from watchkeeper.profiles import Calibration, Scores, Slice

__all__ = ["METRICS", "Reliability", "reliability"]

EPSILON = float(np.finfo(np.float64).eps)  # probabilities are clipped by it, as in scikit-learn
LABELS = ("binary", "multiclass")
Function = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Reliability:
    """A reliability curve for each window and segment value.

    Attributes
    ----------
    lower, upper : (B,) ends of the bins of the score
    score : (W, V, B) mean score of the rows in a bin; NaN where there are none
    rate, low, high : (W, V, B) how often it happened, with Wilson's interval
    count : (W, V, B) rows, or sums of weights
    """

    lower: Floats
    upper: Floats
    score: Floats
    rate: Floats
    low: Floats
    high: Floats
    count: NDArray[Any]


def reliability(cells: Slice, *, total: bool = True, confidence: float = 0.95) -> Reliability | None:
    """What scores promised against what happened, on 20 equal bins of [0, 1].

    Parameters
    ----------
    cells : of a classification with scores; None is returned for others
    total : all windows together (W = 1), else each by itself

    References
    ----------
    Murphy and Winkler (1977), Reliability of subjective probability forecasts, Applied Statistics 26.
    """
    found = cells.calibration
    if found is None:
        return None
    weight, squares = cells.weight, cells.weight_squares
    if total:
        found, weight, squares = found.total(), weight.sum(0, keepdims=True), squares.sum(0, keepdims=True)
    effective = np.nan_to_num(ratio(weight, squares))[..., None]
    low, high = intervals.wilson(found.positives * effective, found.counts * effective, confidence)
    ends = np.linspace(0.0, 1.0, found.counts.shape[-1] + 1)
    rate, score = ratio(found.positives, found.counts), ratio(found.scores, found.counts)
    return Reliability(ends[:-1], ends[1:], score, rate, low, high, found.counts)


def _calibration(context: Context) -> Calibration | None:
    return context.slice.calibration if context.plan.model.outcome is not None else None


def _rows(found: Calibration, context: Context) -> Floats:
    """(W, V) effective rows with a score and an outcome."""
    return np.asarray(found.counts.sum(axis=-1) * context.slice.effective)


def _row_sums(context: Context, found: Calibration, *parts: tuple[Function, Function]) -> Floats:
    """For each class with scores and each (hit, miss): Σ hit(score) over its rows plus Σ miss(score) over the others.

    Where a slice holds no scores (all rows but a segment's) those of a binary model are taken as their bin's mean.

    Returns
    -------
    (classes, parts, W, V)
    """
    every = context.slice.scores.values()
    if not every and context.plan.model.task == "binary":
        mean, others = np.nan_to_num(ratio(found.scores, found.counts)), found.counts - found.positives
        sums = [(found.positives * hit(mean) + others * miss(mean)).sum(axis=-1) for hit, miss in parts]
        return np.array([sums])
    shape = (len(every), len(parts), *found.squares.shape)
    middles = ((scores, scores.score) for scores in every)
    return np.array([
        _cell_sums(scores, scores.positive * hit(score) + scores.negative * miss(score))
        for scores, score in middles for hit, miss in parts
    ]).reshape(shape)  # fmt: skip


def _cell_sums(scores: Scores, amounts: Floats) -> Floats:
    """(W, V) sums over the entries of each cell."""
    size = scores.shape[0] * scores.shape[1]
    return np.bincount(scores.cell, weights=amounts, minlength=size).reshape(scores.shape).astype(np.float64)


def _mean(total: Floats, squares: Floats, found: Calibration, context: Context) -> Estimate:
    """The mean of row values from their sum and their sum of squares, with Student's interval."""
    count, rows = found.counts.sum(axis=-1), _rows(found, context)
    value = ratio(total, count)
    variance = np.maximum(ratio(squares, count) - value**2, 0.0) * ratio(rows, np.maximum(rows - 1, 0.0))
    return estimate(value, *intervals.mean(value, variance, rows, context.confidence), rows, context.slice)


def _from_zero(result: Estimate) -> Estimate:
    """The same for a number that cannot be negative."""
    return Estimate(result.value, np.maximum(result.low, 0.0), result.high, result.count)


def _log_loss(context: Context) -> Yields:
    found = _calibration(context)
    if found is None:
        return
    binary, count = context.plan.model.task == "binary", found.counts.sum(axis=-1).astype(np.float64)
    if context.slice.scores:
        others = (_squared_log_of_rest, np.ones_like) if binary else (_none, _none)
        sums = _row_sums(context, found, (_squared_log, others[0]), (np.ones_like, others[1])).sum(axis=0)
        squares = (
            sums[0] + np.maximum(count - sums[1], 0.0) * np.log(EPSILON) ** 2
        )  # outcomes of unscored classes
    else:  # the tail of the losses is inside the outermost bins: no interval
        squares = np.full(count.shape, np.nan)
    yield None, _from_zero(_mean(found.log_loss, squares, found, context))


def _squared_log(score: Floats) -> Floats:
    return np.log(np.clip(score, EPSILON, 1 - EPSILON)) ** 2


def _squared_log_of_rest(score: Floats) -> Floats:
    return np.log1p(-np.clip(score, EPSILON, 1 - EPSILON)) ** 2


def _none(score: Floats) -> Floats:
    return np.zeros_like(score)


def _brier(context: Context) -> Yields:
    found = _calibration(context)
    if found is None:
        return
    count = found.counts.sum(axis=-1).astype(np.float64)
    sums = _row_sums(
        context, found, (lambda s: (1 - s) ** 2, np.square), (lambda s: (1 - s) ** 4, lambda s: s**4)
    )
    variance = ratio(sums[:, 1], count) - ratio(sums[:, 0], count) ** 2
    # of a sum over classes: at most the sum of the deviations, however the classes hang together
    spread = np.sqrt(np.maximum(variance, 0.0)).sum(axis=0) if len(sums) else np.full(count.shape, np.nan)
    squares = count * (spread**2 + ratio(found.squares, count) ** 2)
    yield None, _from_zero(_mean(found.squares, squares, found, context))


def _mean_calibration(context: Context) -> Yields:
    found = _calibration(context)
    if found is None:
        return
    if context.plan.model.task == "binary":
        squares = found.squares
    else:  # top-label: (score − hit)² from the bins, whose scores lie close together
        mean = np.nan_to_num(ratio(found.scores, found.counts))
        squares = (mean * found.scores - 2 * mean * found.positives + found.positives).sum(axis=-1)
    yield None, _mean((found.scores - found.positives).sum(axis=-1), squares, found, context)


def _score_mean(context: Context) -> Yields:
    found = context.slice.calibration
    if found is None or context.plan.model.task != "binary":
        return
    count = found.counts.sum(axis=-1) + found.unlabelled
    rows = np.asarray(count * context.slice.effective)
    value = ratio(found.scores.sum(axis=-1) + found.unlabelled_scores, count)
    squares = _row_sums(context, found, (np.square, np.square))[:, 0].sum(axis=0)
    for scores in context.slice.scores.values():
        squares = squares + _cell_sums(scores, scores.unknown * scores.score**2)
    if not context.slice.scores:
        squares = squares * ratio(count, found.counts.sum(axis=-1))
    variance = np.maximum(ratio(squares, count) - value**2, 0.0) * ratio(rows, np.maximum(rows - 1, 0.0))
    low, high = intervals.mean(value, variance, rows, context.confidence)
    yield None, estimate(value, low, high, rows, context.slice)


def _expected_calibration_error(context: Context) -> Yields:
    """Σ over bins of |Σ score − Σ happened| / rows.

    ``bias`` is its mean where the model is perfectly calibrated, the most that chance can add; the interval's lower
    end has it taken out, the upper has not, so that it covers at least as often as it says.
    """
    found = _calibration(context)
    if found is None:
        return
    effective = context.slice.effective[..., None]
    count, positives = found.counts * effective, found.positives * effective
    rows = count.sum(axis=-1)
    value = ratio(np.abs(found.scores * effective - positives).sum(axis=-1), rows)
    rate = (positives + 0.5) / (count + 1.0)  # Jeffreys: a bin where nothing happened is not certain
    variance = count * rate * (1 - rate)
    bias = np.sqrt(2 / np.pi) * ratio(np.sqrt(variance).sum(axis=-1), rows)
    reach = normal_score(context.confidence) * ratio(np.sqrt(variance.sum(axis=-1)), rows)
    low, high = np.maximum(value - bias - reach, 0.0), np.minimum(value + reach, 1.0)
    yield None, estimate(value, low, high, rows, context.slice, bias)


def _loss(name: str, summary: str, compute: Callable[[Context], Yields], source: str) -> Metric:
    return Metric(
        name,
        "performance",
        summary,
        compute,
        "low",
        "number",
        0.1,
        relative=True,
        tasks=LABELS,
        source=source,
    )


METRICS: tuple[Metric, ...] = (
    _loss("log_loss", "Mean of −log(probability given to what happened).", _log_loss, "sklearn.metrics.log_loss"),
    _loss("brier_score", "Mean squared distance of the probabilities to what happened (1 or 0).", _brier,
          "sklearn.metrics.brier_score_loss"),
    Metric("mean_calibration", "calibration",
           "Mean probability minus how often it happened: above 0 the model promises too much.",
           _mean_calibration, "none", "rate", 0.05, tasks=LABELS, source="calibration in the large, Cox (1958)"),
    Metric("expected_calibration_error", "calibration",
           "Mean distance of probability and observed rate over 20 equal bins; small samples add a bias.",
           _expected_calibration_error, "low", "rate", 0.05, tasks=LABELS,
           source="Naeini, Cooper and Hauskrecht (2015), AAAI"),
    Metric("score_mean", "performance", "Mean probability of the positive class.", _score_mean, "none", "rate", 0.05,
           tasks=("binary",), source="mean"),
)  # fmt: skip
