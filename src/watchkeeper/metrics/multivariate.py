"""Multivariate drift: whether columns still go together as they did, from pairwise sums alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.intervals import correlation, correlation_difference
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.profiles import Moments, Slice

__all__ = ["METRICS", "Pair", "divergence", "moved_pairs", "pinned"]

Estimates = Iterator[tuple[str | None, Estimate]]
Pair = tuple[int, int]
EXPLAINED = 0.65  # of the reference's variance, by the components that are kept; NannyML's default
PAIRS = 10
SHRUNK = 0.1


@dataclass(frozen=True)
class _Gauge:
    """Mean and covariance in each window of z = (x − centre) / scale; arrays (W, p) and (W, p, p)."""

    mean: Floats
    covariance: Floats
    rows: NDArray[np.float64]  # (W,) effective

    @property
    def deviation(self) -> Floats:
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2), 0.0))

    @property
    def correlation(self) -> Floats:
        """(W, p, p); NaN where a column does not vary."""
        deviation = np.where(self.deviation > 1e-9, self.deviation, np.nan)
        r: Floats = self.covariance / deviation[:, :, None] / deviation[:, None, :]
        return np.clip(r, -1.0, 1.0)


def _gauge(moments: Moments, cells: Slice) -> _Gauge:
    weight = np.where(moments.weight > 0, moments.weight, np.nan)[:, 0]
    mean = moments.sums[:, 0] / weight[:, None]
    covariance = moments.products[:, 0] / weight[:, None, None] - mean[:, :, None] * mean[:, None, :]
    return _Gauge(mean, covariance, np.nan_to_num(weight) * cells.effective[:, 0])


def _gauges(context: Context) -> tuple[_Gauge, _Gauge] | None:
    """The windows' and the reference's, where both have moments of two or more columns."""
    now, reference = context.slice.moments, context.reference
    if now is None or reference is None or reference.moments is None or now.sums.shape[2] < 2:
        return None
    if not (reference.moments.weight > 0).all():
        return None
    return _gauge(now, context.slice), _gauge(reference.moments, reference)


def _residual_projection(reference: _Gauge) -> tuple[Floats, NDArray[np.bool_]]:
    """I − P of the leading components of the reference's correlations, and the columns that vary there."""
    varies = reference.deviation[0] > 1e-9
    values, vectors = np.linalg.eigh(reference.correlation[0][np.ix_(varies, varies)])
    explained = np.cumsum(values[::-1]) / values.sum()
    number = min(int(np.searchsorted(explained, EXPLAINED)) + 1, len(values) - 1)  # all would leave no error
    kept = vectors[:, ::-1][:, :number]
    return np.eye(int(varies.sum())) - kept @ kept.T, varies


def _reconstruction_error(context: Context) -> Estimates:
    gauges = _gauges(context)
    if gauges is None or (gauges[1].deviation[0] > 1e-9).sum() < 2:
        return
    now, then = gauges
    projection, varies = _residual_projection(then)
    scale = then.deviation[0][varies]
    shift = (now.mean[:, varies] - then.mean[:, varies]) / scale
    spread = now.covariance[np.ix_(np.arange(len(now.rows)), varies, varies)] / np.outer(scale, scale)
    yield None, _error(projection, shift, spread, now.rows, context)


def _error(projection: Floats, shift: Floats, spread: Floats, rows: Floats, context: Context) -> Estimate:
    """The root of tr((I − P) M), M the second moments about the reference's mean; interval of normal rows."""
    outside, left = projection @ spread, shift @ projection
    square = np.maximum(np.trace(outside, axis1=1, axis2=2) + (left * shift).sum(axis=1), 0.0)
    noise = 2 * np.einsum("wij,wji->w", outside, outside) + 4 * np.einsum("wi,wij,wj->w", left, spread, left)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = normal_score(context.confidence) * np.sqrt(np.maximum(noise, 0.0) / rows)
    low, high = np.sqrt(np.maximum(square - half, 0.0)), np.sqrt(square + half)
    return Estimate(np.sqrt(square)[:, None], low[:, None], high[:, None], context.slice.rows)


def _shift(now: _Gauge, then: _Gauge) -> Floats:
    """(W, pairs) absolute change of each pair's correlation, 0 where it is undefined."""
    upper = np.triu_indices(now.mean.shape[1], 1)
    change: Floats = np.nan_to_num(np.abs(now.correlation - then.correlation)[:, upper[0], upper[1]])
    return change


def _correlation_shift(context: Context) -> Estimates:
    gauges = _gauges(context)
    if gauges is None:
        return
    now, then = gauges
    change, windows = _shift(now, then), np.arange(len(now.rows))
    i, j = (axis[change.argmax(axis=1)] for axis in np.triu_indices(now.mean.shape[1], 1))
    value, low, high = correlation_difference(
        now.correlation[windows, i, j], now.rows, then.correlation[0, i, j], then.rows[0], context.confidence
    )
    ends = np.sort(np.abs(np.stack([low, high])), axis=0)
    ends[0] = np.where(low * high < 0, 0.0, ends[0])
    yield None, Estimate(np.abs(value)[:, None], ends[0][:, None], ends[1][:, None], context.slice.rows)


def moved_pairs(context: Context) -> list[Pair]:
    """The at most ten pairs of columns whose correlation moved most in any window, against its noise."""
    gauges = _gauges(context)
    if gauges is None:
        return []
    change = _shift(*gauges) * np.sqrt(gauges[0].rows)[:, None]
    order = np.argsort(-change.max(axis=0), kind="stable")[:PAIRS]
    i, j = np.triu_indices(gauges[0].mean.shape[1], 1)
    return [(int(i[k]), int(j[k])) for k in order if change[:, k].max() > 0]


def _correlation(context: Context, pairs: Sequence[Pair] | None = None) -> Estimates:
    gauges = _gauges(context)
    if gauges is None:
        return
    now, names = gauges[0], context.plan.moments
    for i, j in moved_pairs(context) if pairs is None else pairs:
        r = now.correlation[:, i, j]
        low, high = correlation(r, now.rows, context.confidence)
        yield (
            f"{names[i]} × {names[j]}",
            Estimate(r[:, None], low[:, None], high[:, None], context.slice.rows),
        )


def _correlation_divergence(context: Context) -> Estimates:
    """One number of all correlations together, by which it is judged whether columns still go together."""
    gauges = _gauges(context)
    if gauges is None:
        return
    now, then = gauges
    varies = (then.deviation[0] > 1e-9) & ~np.isnan(then.correlation[0]).all(axis=0)
    if varies.sum() < 2:
        return
    normal = then.correlation[0][np.ix_(varies, varies)]
    found = now.correlation[np.ix_(np.arange(len(now.rows)), varies, varies)]
    value = np.full(len(now.rows), np.nan)
    known = np.isfinite(found).all(axis=(1, 2))
    value[known] = divergence(found[known], normal)
    nothing = np.full((len(value), 1), np.nan)
    yield None, Estimate(value[:, None], nothing, nothing, context.slice.rows)


def divergence(now: Floats, then: Floats) -> Floats:
    """(W,) ½(tr(R⁻¹S) − p − log det(R⁻¹S)) of correlations S (W, p, p) and R (p, p), in nats.

    Both are drawn in towards no correlation by a tenth: columns that repeat each other leave something to invert.
    """
    size = len(then)
    now, then = ((1 - SHRUNK) * part + SHRUNK * np.eye(size) for part in (now, then))
    ratio = np.linalg.solve(then, now)
    trace = np.trace(ratio, axis1=1, axis2=2)
    return np.asarray(np.maximum(0.5 * (trace - size - np.linalg.slogdet(ratio)[1]), 0.0))


def pinned(metric: Metric, context: Context) -> Metric:
    """``correlation`` for the pairs that moved in this context, so that the reference shows the same ones."""
    if metric.name != "correlation":
        return metric
    return replace(metric, compute=partial(_correlation, pairs=moved_pairs(context)))


METRICS = (
    Metric("reconstruction_error", "drift", "Root mean squared distance of the rows from the principal "
           "components that explain 65 % of the reference's standardised variance: grows when columns no "
           "longer go together. From second moments, columns drawn in to ±10 scales, missing values at the "
           "median; its interval assumes normal rows.", _reconstruction_error, "low", "distance",
           source="PCA, as NannyML's multivariate drift"),
    Metric("correlation_shift", "drift", "The largest change of a correlation between two columns against "
           "the reference; the largest of many is above zero without drift, too.", _correlation_shift,
           "low", "distance",
           0.2),
    Metric("correlation_divergence", "drift", "Kullback–Leibler divergence of normal columns with the window's "
           "correlations from those with the reference's, in nats, both drawn in a little: whether columns still go "
           "together as they did. Above zero by chance; judged where the reference has windows enough to compare with.",
           _correlation_divergence, "low", "number", 0.0,
           source="Kullback & Leibler (1951), On information and sufficiency"),
    Metric("correlation", "drift", "Pearson's correlation of the (at most ten) pairs of columns that moved "
           "most, with Fisher's interval.", _correlation, "none", "number", 0.2, source="numpy.corrcoef"),
)  # fmt: skip
