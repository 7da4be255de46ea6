"""Learned: judging against the reference, for series that the user gave no band."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Estimate, Series, judged_by_default
from watchkeeper.metrics.intervals import difference
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.model import Model
from watchkeeper.verdicts.bands import effect_of, judgeable
from watchkeeper.verdicts.breaks import is_break
from watchkeeper.verdicts.natural import bias_of_windows, tolerated
from watchkeeper.verdicts.ruling import NO_DATA, NONE, Ruling, coded

__all__ = ["LEAST_ROWS", "by_reference", "confidence_for", "is_learned", "measured_again", "with_judged"]

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]

LEAST_ROWS = 30  # below, intervals are too narrow in the tails: Wilson's excludes 0.9 after 3 of 3 wrong rows
SHOWN = 0.95  # confidence of Estimate.low and Estimate.high


def is_learned(series: Series, model: Model) -> bool:
    """Whether a series is judged by ``by_reference``: it has a reference, no band, and is worth judging."""
    if series.reference is None or not judged_by_default(series) or is_break(series):
        return False
    if series.metric.name == "segment_share" and series.segment_by in model.version_segments:
        return False  # a release moves it, which is no defect of the data
    return model.band_for(series.metric.name, series.column, series.segment_by, series.segment) is None


def confidence_for(series: Sequence[Series], model: Model) -> float:
    """At which confidence series are judged against the reference: 1 − α/k, k the judged series in a window.

    All judged series of one window together then alarm in at most a share ``model.alpha`` of the windows in
    which nothing changed, before the effect is asked for.
    """
    judged = sum(is_learned(s, model) for s in series)
    return 1.0 - model.alpha / max(judged, 1)


def measured_again(series: Sequence[Series], model: Model) -> frozenset[tuple[str, str | None]]:
    """(metric, segmentation or None) of all numbers that have to be measured at ``confidence_for`` as well."""
    judged = (s for s in series if is_learned(s, model) or s.metric.name == "constant")
    return frozenset((s.metric.name, s.segment_by) for s in judged)


def with_judged(series: Sequence[Series], again: Iterable[Series]) -> list[Series]:
    """The series with ``judged`` filled in from the same ones measured at ``confidence_for``."""
    wider = {_key(s): s.estimate for s in again}
    return [replace(s, judged=wider[_key(s)]) if _key(s) in wider else s for s in series]


def by_reference(series: Series, confidence: float) -> Ruling:
    """Verdicts against the reference.

    ``alarm`` where all of these hold:

    1. the judged interval (of the difference to the reference, which has a sampling error of its own; of a
       distance, itself) excludes 0, for performance in the bad direction only; a rate also by the exact
       binomial test;
    2. the effect is worth telling: ``Metric.effect``; of a distance, above what chance gives under the null;
    3. with 2 or more reference windows, the value lies outside the range of theirs, and where another window like
       them would not lie either (Student's t prediction interval at the judged confidence; the fewer windows, the
       more it goes by what chance gives).

    ``unclear`` where 2 and 3 hold and only the 95 % interval excludes 0: remarkable had one looked at this
    number alone. Below 30 rows there is nothing to judge: ``no_data``; and no distance is judged whose
    reference has fewer.
    """
    enough = judgeable(series.estimate) & (series.estimate.count >= LEAST_ROWS)
    if not _has_reference(series):
        nothing = np.full(len(enough), np.nan)
        return Ruling(np.full(len(enough), NONE, dtype=np.int8), nothing, nothing)
    low, high = _edges(series, confidence)
    with np.errstate(invalid="ignore"):
        outside = (series.estimate.value < low) | (series.estimate.value > high)
    judged = stretched(series.estimate, confidence) if series.judged is None else series.judged
    excluded, remarkable = _excludes(series, judged, confidence), _excludes(series, series.estimate, SHOWN)
    codes = coded(outside & excluded, outside & remarkable, enough)
    unknown = (codes != NO_DATA) & np.isnan(judged.low) & np.isnan(judged.high)
    return Ruling(np.where(unknown, NONE, codes).astype(np.int8), low, high)


def _has_reference(series: Series) -> bool:
    """Whether the reference has the number, and of a distance rows enough to be compared with."""
    reference, least = series.reference, 0 if series.estimate.bias is None else LEAST_ROWS
    return reference is not None and not np.isnan(reference.value[0]) and bool(reference.count[0] >= least)


def stretched(estimate: Estimate, confidence: float) -> Estimate:
    """The 95 % interval made as wide as a normal estimate's is at another confidence."""
    factor = normal_score(confidence) / normal_score(SHOWN)
    low = estimate.value - factor * (estimate.value - estimate.low)
    high = estimate.value + factor * (estimate.high - estimate.value)
    return replace(estimate, low=low, high=high)


def _key(series: Series) -> tuple[str, str | None, str | None, str | None]:
    return series.metric.name, series.column, series.segment_by, series.segment


def _edges(series: Series, confidence: float) -> tuple[Floats, Floats]:
    """Rules 2 and 3 as edges: beyond them a value is both worth telling and not natural. NaN: open."""
    assert series.reference is not None
    estimate, metric, width = series.estimate, series.metric, len(series.estimate.value)
    least, greatest = tolerated(series, confidence)
    if estimate.bias is not None:
        excess = np.maximum(effect_of(metric, 0.0), greatest - bias_of_windows(series))
        return np.full(width, np.nan), estimate.bias + excess
    reference = float(series.reference.value[0])
    effect = effect_of(metric, reference)
    nothing = np.full(width, np.nan)
    low = nothing if metric.better == "low" else np.minimum(reference - effect, least)
    high = nothing if metric.better == "high" else np.maximum(reference + effect, greatest)
    if metric.unit == "rate":  # no rate lies beyond its natural bounds, so these are no edges
        low, high = np.where(low > 0, low, np.nan), np.where(high < 1, high, np.nan)
    return low, high


def _excludes(series: Series, judged: Estimate, confidence: float) -> Truth:
    """Rule 1 with the interval that is given."""
    assert series.reference is not None
    with np.errstate(invalid="ignore"):
        if series.estimate.bias is not None:
            return np.asarray(judged.low > 0)
        base = stretched(series.reference, confidence)
        _, low, high = difference(judged.value, judged.low, judged.high, base.value, base.low, base.high)
        worse, better = high < 0, low > 0
        if series.metric.unit == "rate":
            chosen = np.flatnonzero(worse | better)
            under, over = _tails(judged.value[chosen], judged.count[chosen], float(base.value[0]))
            tail = (1.0 - confidence) / 2
            worse[chosen] &= under <= tail
            better[chosen] &= over <= tail
    better_is = series.metric.better
    return np.asarray(worse if better_is == "high" else better if better_is == "low" else worse | better)


def _tails(value: Floats, count: NDArray[np.int64], rate: float) -> tuple[Floats, Floats]:
    """(n,) probabilities of at most, and of at least, this many of the window's rows at the reference's rate.

    Wilson's interval and its differences are too narrow in the far tails of small windows: at 30 rows and an
    accuracy of 0.97 they alone would alarm ten times as often as they say. For rates that are no plain proportion
    (F1) this bounds what their rows could show at best.
    """
    from scipy.special import betainc, betaincc

    n = np.maximum(count, 1).astype(np.float64)
    x = np.clip(value, 0.0, 1.0) * n
    rate = min(max(rate, 0.0), 1.0)
    under = np.where(x < n, betaincc(np.minimum(x, n - 0.5) + 1, n - np.minimum(x, n - 0.5), rate), 1.0)
    over = np.where(x > 0, betainc(np.maximum(x, 0.5), n - np.maximum(x, 0.5) + 1, rate), 1.0)
    return under, over
