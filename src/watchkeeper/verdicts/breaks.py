"""Breaks: a column gone, retyped, constant, or missing as never before, told in the first window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import rate_scores, start_weights
from watchkeeper.metrics import LEAKS, Estimate, Series
from watchkeeper.verdicts.bands import effect_of, judgeable
from watchkeeper.verdicts.ruling import Ruling, coded

__all__ = ["LEAST_EFFECT", "adds_up", "bursty", "by_break", "differs", "expected_rate", "is_break"]

Floats = NDArray[np.float64]

LEAST_ROWS = 30  # fewer equal values may come from one moment: rows are rarely as independent as counted
ARCSINE = 0.25  # variance of an arcsine that rests on one row
BURSTS = 1e-3  # chance of a reference of independent rows that looks like bursts
LEAST_BURST = 1 / 3  # of the rows, where they do not come one by one
IN_BURSTS = frozenset(
    {
        "missing_rate",
        "nan_rate",
        "stuck_rate",
        "edge_rate",
        "out_of_range_rate",
        "new_category_rate",
        "other_rate",
    }
)
LEAST_EFFECT = 0.01  # a break of less than one point of the rows waits for a band of the user's


def is_break(series: Series) -> bool:
    """Whether the reference's judgement of this series is the exact test of a break."""
    metric = series.metric
    return metric.family == "quality" and (metric.unit == "rate" or metric.name == "constant")


def bursty(series: Iterable[Series]) -> frozenset[str | None]:
    """The columns whose windows differ by more than independent rows would."""
    return frozenset(s.column for s in series if s.metric.name == "jensen_shannon" and differs(s))


def adds_up(series: Series, columns: frozenset[str | None]) -> bool:
    """Whether such a rate is judged by evidence as well: its rows come in bursts, and only many of them are a break.

    Parameters
    ----------
    columns : those that are ``bursty``
    """
    return series.metric.name in LEAKS and (series.column in columns or differs(series))


def by_break(
    series: Series,
    alpha: float,
    weighted: bool = False,
    bursts: bool = False,
    positions: NDArray[np.intp] | None = None,
) -> Ruling:
    """Verdicts by an exact binomial test of the window's rows against the reference's rate.

    ``alarm`` where so many rows are improbable under the highest rate that the reference allows (the upper end of its
    exact interval at the same probability, the highest of its own windows, and what chance gives: among other rows like
    the reference's some values are new), and the rate is at least one point (or the metric's effect) above the highest
    of these. Nothing is ``unclear``: a break is far outside everything seen, or none.

    Parameters
    ----------
    alpha : probability that any of these windows, and of those to come, is told falsely
    weighted : whether rows weigh unequally; the test then counts those that they are worth
    bursts : whether the column's windows differ by more than independent rows would, as the flights of an hour share
        their weather: a third of the rows must then show it, and of values outside of the reference's range only
        those count that lie farther than any record
    positions : (W,) which windows since the reference these are; default: the first ones
    """
    if series.reference is None or np.isnan(series.reference.value[0]):
        raise ValueError("a break is judged against a reference that has the number")
    if series.metric.name == "constant":
        return _by_constant(series)
    estimate = series.estimate
    bursts = series.metric.name in IN_BURSTS and (bursts or differs(series))
    judged = replace(estimate, value=estimate.beyond) if bursts and estimate.beyond is not None else estimate
    chance = _by_chance(series)
    highest = max(expected_rate(series), chance)
    effect = max(effect_of(series.metric, highest), LEAST_BURST if bursts else LEAST_EFFECT)
    with np.errstate(invalid="ignore"):
        alarm = judged.value - highest >= effect
    alarm &= (judged.count >= LEAST_ROWS) | ~np.array(bursts)
    if alarm.any():  # of hundreds of columns hardly one; the exact test is the dear part
        places = np.arange(len(estimate.value)) if positions is None else positions
        spent = alpha * start_weights(int(places.max(initial=0)) + 1)[places]
        rate = np.maximum(_upper(series.reference, chance, spent, weighted), highest)
        alarm &= _tail(judged, rate, weighted) <= spent
    codes = coded(alarm, np.zeros_like(alarm), judgeable(estimate))
    return Ruling(codes, np.full(len(codes), np.nan), np.full(len(codes), min(highest + effect, 1.0)))


def differs(series: Series) -> bool:
    """Whether the windows of the reference differ by more than their rows would by chance, of enough windows to tell.

    Of each number that enters the evidence by the sum of squared deviations in units of their sampling variance.
    """
    from scipy.special import chdtrc

    readings = series.readings
    if readings is None or not readings.enough(independent=False):
        return False
    own = readings.known & (np.arange(len(readings.rows)) < readings.reference)
    values, rows, unit = readings.values[:, own], readings.rows[own], readings.unit
    if series.metric.name in LEAKS and series.reference_windows is not None:
        share = series.reference_windows[own[: readings.reference]]
        values, unit = rate_scores(share * rows, rows)[None], np.array([ARCSINE])
    varies = unit > 0
    mean = (values @ rows) / rows.sum()
    statistic = ((values - mean[:, None]) ** 2 @ rows)[varies] / unit[varies]
    return bool((chdtrc(own.sum() - 1, statistic) < BURSTS / max(varies.sum(), 1)).any())


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


def _upper(reference: Estimate, chance: float, alpha: Floats, weighted: bool) -> Floats:
    """(W,) upper end of the exact interval of the reference's rate (Clopper and Pearson) at each alpha."""
    from scipy.special import betainccinv

    count = float(_effective(reference)[0] if weighted else reference.count[0])
    hits = max(float(reference.value[0]), chance) * count
    if count <= 0 or hits >= count:
        return np.ones_like(alpha)
    return np.asarray(betainccinv(hits + 1, count - hits, alpha))


def _effective(estimate: Estimate) -> Floats:
    """(W,) rows of equal weight that a rate is worth: as its interval is wider than that of as many plain rows."""
    from watchkeeper.metrics.intervals import wilson

    n = estimate.count.astype(np.float64)
    low, high = wilson(estimate.value * n, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = ((high - low) / (estimate.high - estimate.low)) ** 2
    return n * np.where(part < 1, part, 1.0)


def _tail(estimate: Estimate, rate: Floats, weighted: bool) -> Floats:
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
    if series.readings is not None and series.readings.enough(independent=False):
        alarm &= estimate.count >= 0.5 * np.median(series.readings.rows[: series.readings.reference])
    codes = coded(alarm, np.zeros_like(alarm), judgeable(estimate))
    return Ruling(codes, np.full(len(codes), np.nan), np.zeros(len(codes)))
