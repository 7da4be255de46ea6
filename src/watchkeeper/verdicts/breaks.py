"""Breaks: a column gone, retyped, constant, or missing as never before, told in the first window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Estimate, Series
from watchkeeper.verdicts.bands import effect_of, judgeable
from watchkeeper.verdicts.ruling import Ruling, coded

__all__ = ["by_break", "expected_rate", "is_break"]

Floats = NDArray[np.float64]

LEAST_ROWS = 30  # fewer equal values may come from one moment: rows are rarely as independent as counted
LEAST_EFFECT = 0.01  # a break of less than one point of the rows waits for a band of the user's


def is_break(series: Series) -> bool:
    """Whether the reference's judgement of this series is the exact test of a break."""
    metric = series.metric
    return metric.family == "quality" and (metric.unit == "rate" or metric.name == "constant")


def by_break(series: Series, alpha: float, weighted: bool = False) -> Ruling:
    """Verdicts by an exact binomial test of the window's rows against the reference's rate.

    ``alarm`` where so many rows have probability at most ``alpha`` under the highest rate that the
    reference allows (the upper end of its exact interval at the same alpha, the highest of its own windows,
    and what chance gives: among other rows like the reference's some values are new), and the rate is at
    least one point (or the metric's effect) above the highest of these. Nothing is ``unclear``: a break is
    far outside everything seen, or none.

    Parameters
    ----------
    alpha : probability of a false alarm in one window of this series
    weighted : whether rows weigh unequally; the test then counts those that they are worth

    Notes
    -----
    The rows of a window count as independent draws. Missing values that come in bursts are not; the reference's own
    windows, where there are any, hold such bursts already.
    """
    if series.reference is None or np.isnan(series.reference.value[0]):
        raise ValueError("a break is judged against a reference that has the number")
    estimate = series.estimate
    if series.metric.name == "constant":
        return _by_constant(series)
    chance = _by_chance(series)
    highest = max(expected_rate(series), chance)
    effect = max(effect_of(series.metric, highest), LEAST_EFFECT)
    with np.errstate(invalid="ignore"):
        alarm = estimate.value - highest >= effect
    if alarm.any():  # of hundreds of columns hardly one; the exact test is the dear part
        rate = max(_upper(series.reference, chance, alpha, weighted), highest)
        alarm &= _tail(estimate, rate, weighted) <= alpha
    codes = coded(alarm, np.zeros_like(alarm), judgeable(estimate))
    return Ruling(codes, np.full(len(codes), np.nan), np.full(len(codes), min(highest + effect, 1.0)))


def expected_rate(series: Series) -> float:
    """The highest rate that the reference had: as a whole, and in any of its windows."""
    assert series.reference is not None
    whole = float(series.reference.value[0])
    windows = series.reference_windows
    known = windows[~np.isnan(windows)] if windows is not None else np.empty(0)
    return max(whole, float(known.max())) if len(known) else whole


def _by_chance(series: Series) -> float:
    """What the rate is expected to be where nothing changed, beyond what the reference itself had."""
    bias = series.estimate.bias
    known = np.empty(0) if bias is None else bias[np.isfinite(bias)]
    return float(known[0]) if len(known) else 0.0


def _upper(reference: Estimate, chance: float, alpha: float, weighted: bool) -> float:
    from watchkeeper.metrics.intervals import clopper_pearson

    count = float(_effective(reference)[0] if weighted else reference.count[0])
    value = max(float(reference.value[0]), chance)
    return float(clopper_pearson(value * count, count, 1 - 2 * alpha)[1]) if count > 0 else 1.0


def _effective(estimate: Estimate) -> Floats:
    """(W,) rows of equal weight that a rate is worth: as its interval is wider than that of as many plain rows."""
    from watchkeeper.metrics.intervals import wilson

    n = estimate.count.astype(np.float64)
    low, high = wilson(estimate.value * n, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = ((high - low) / (estimate.high - estimate.low)) ** 2
    return n * np.where(part < 1, part, 1.0)


def _tail(estimate: Estimate, rate: float, weighted: bool) -> Floats:
    """(W,) P(X >= x) for X ~ Binomial(n, rate); 1 where x is 0."""
    from scipy.special import betainc

    n = _effective(estimate) if weighted else estimate.count.astype(np.float64)
    x = np.where(np.isnan(estimate.value), 0.0, estimate.value * n)
    x = x if weighted else np.round(x)
    some = (x > 0) & (n > 0)
    x, n = np.where(some, x, 1.0), np.where(some, n, 1.0)
    return np.where(some, betainc(x, n - x + 1, rate), 1.0)


def _by_constant(series: Series) -> Ruling:
    """Its estimate's interval excludes 0 where that many equal rows cannot be chance."""
    estimate = series.estimate
    evidence = estimate if series.judged is None else series.judged
    with np.errstate(invalid="ignore"):
        alarm = (estimate.value >= 1) & (evidence.low > 0) & (expected_rate(series) < 1)
        alarm &= estimate.count >= LEAST_ROWS
    codes = coded(alarm, np.zeros_like(alarm), judgeable(estimate))
    return Ruling(codes, np.full(len(codes), np.nan), np.zeros(len(codes)))
