"""Bands: judging by what the user said, a band for a metric or the value that is expected."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Betting, Change, Leaning
from watchkeeper.metrics import Estimate, Metric, Series, is_proportion
from watchkeeper.model import Band
from watchkeeper.verdicts.ruling import ALARM, UNCLEAR, Ruling, coded
from watchkeeper.verdicts.timeline import Timeline

__all__ = ["adding_up", "by_band", "by_expected", "edges_of", "effect_of", "false_alarm_rate"]

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]
Side = Literal["below", "above"]

MANY = 30  # windows from which on an interval that lies outside is to be expected now and then


def by_band(series: Series, band: Band) -> Ruling:
    """Verdicts by the user's band, each window by itself.

    ``alarm`` where the whole 95 % interval lies outside of the band, ``ok`` where the whole interval lies
    inside, else ``unclear``: the data cannot tell on which side of the edge the model is, wherever the
    value itself happens to lie. With ``judge="value"``, where there is no interval, and where an edge is
    the end of what is possible (no missing value at all), the value alone decides.
    """
    estimate, (lowest, highest) = series.estimate, edges_of(band)
    value, low, high = estimate.value, *_interval(series, band)
    with np.errstate(invalid="ignore"):
        alarm = (high < lowest) | (low > highest)
        unclear = ~alarm & ((low < lowest) | (high > highest))
    width = len(value)
    codes = coded(alarm, unclear, judgeable(estimate))
    return Ruling(codes, np.full(width, _shown(lowest)), np.full(width, _shown(highest)))


def adding_up(
    series: Series, band: Band, alpha: float, withheld: Truth, timeline: Timeline
) -> tuple[Ruling, Floats]:
    """Verdicts by the user's band over all windows, and (W,) log E in nats of what lies beyond an edge.

    What is ``unclear`` again and again adds up: ``alarm`` where the evidence has reached 1/α and the value lies
    outside. A model exactly on the edge has one window in forty whose 95 % interval lies outside: over a year it would
    alarm. So of 30 windows or more none alarms without that evidence; of fewer also one whose whole interval lies
    outside. Where the value alone decides it does here, too.

    Parameters
    ----------
    alpha : probability that a model on the edge ever alarms, however long it is watched
    withheld : (W,) windows that do not count yet
    timeline : all windows, these among them
    """
    alone = by_band(series, band)
    estimate, (lowest, highest) = series.estimate, edges_of(band)
    value, rows, error = timeline.counts(series, withheld | by_value(series, band))
    known = np.isfinite(value) & (rows > 0) & (error > 0)
    log = np.full(len(value), np.nan)
    edges: tuple[tuple[float, Side], ...] = ((lowest, "below"), (highest, "above"))
    lines = [(line, side) for line, side in edges if np.isfinite(line)]
    if lines and known.any():
        parts = (value[known], rows[known], error[known])
        logs = np.concatenate(
            [_beyond(series.metric, parts, line, side).log_evidence() for line, side in lines]
        )
        log[known] = np.logaddexp.reduce(logs, axis=0) - np.log(len(logs))
    log, known = log[timeline.positions], known[timeline.positions] & ~withheld
    with np.errstate(invalid="ignore"):
        outside = (estimate.value < lowest) | (estimate.value > highest)
        alarm = known & outside & (log >= -np.log(alpha))
    many = timeline.windows.count >= MANY
    codes = np.where(known & (alone.codes == ALARM) & many, UNCLEAR, alone.codes)
    codes = np.where(alarm, ALARM, codes).astype(np.int8)
    return Ruling(codes, alone.low, alone.high), np.where(known, log, np.nan)


def _beyond(metric: Metric, windows: tuple[Floats, Floats, Floats], line: float, side: Side) -> Change:
    """Of a proportion by its rows, of anything else by its standard error."""
    value, rows, error = windows
    if is_proportion(metric) and 0 < line < 1:
        return Betting((value * rows)[None], rows[None], line, side)
    return Leaning(((line - value if side == "below" else value - line) / error)[None])


def by_expected(series: Series, expected: float) -> Ruling:
    """Verdicts by the value that the user expects: an interval that excludes it *and* an effect worth
    telling.

    ``unclear`` where the value departs by the effect and the interval does not exclude the expected value.
    """
    estimate = series.estimate
    effect = effect_of(series.metric, expected, near=True)
    with np.errstate(invalid="ignore"):
        departs = np.abs(estimate.value - expected) >= effect
        excludes = ~((estimate.low <= expected) & (expected <= estimate.high))
    width = len(estimate.value)
    codes = coded(departs & excludes, departs, judgeable(estimate))
    return Ruling(codes, np.full(width, expected - effect), np.full(width, expected + effect))


def edges_of(band: Band) -> tuple[float, float]:
    """Both edges, infinite where open."""
    low = -np.inf if band.low is None or np.isnan(band.low) else float(band.low)
    high = np.inf if band.high is None or np.isnan(band.high) else float(band.high)
    return low, high


def judgeable(estimate: Estimate) -> Truth:
    """(W,) where there is a number to judge. Zero rows are a number too: ``row_count``."""
    return ~np.isnan(estimate.value)


def effect_of(metric: Metric, reference: float, near: bool = False) -> float:
    """The smallest departure from ``reference`` that is worth telling.

    A metric that names none gets 5 points of a rate, 0.1 of a distance, a tenth of the reference of
    anything else. ``near``: for a rate at most half of the way to the nearer of 0 and 1, so that an
    expected 2 % can be missed.
    """
    if metric.effect is None:
        absolute = {"rate": 0.05, "distance": 0.1}.get(metric.unit)
        effect = abs(reference) * 0.1 if absolute is None else absolute
    else:
        effect = metric.effect * (abs(reference) if metric.relative else 1.0)
    if near and metric.unit == "rate" and 0 < reference < 1:
        return min(effect, 0.5 * min(reference, 1 - reference))
    return effect


def false_alarm_rate(series: Series, band: Band, position: int) -> float:
    """How often a window of this size alarms by its value alone though the truth lies exactly on the band's
    edge.

    Exact for a rate (binomial), else one half.
    """
    from scipy.special import bdtr, bdtrc

    (lowest, highest), value = edges_of(band), float(series.estimate.value[position])
    count = int(series.estimate.count[position])
    below = value < lowest
    edge = lowest if below else highest
    if series.metric.unit != "rate" or not 0 < edge < 1 or count <= 0:
        return 0.5
    if below:
        return float(bdtr(np.ceil(count * edge - 1e-9) - 1, count, edge))
    return float(bdtrc(np.floor(count * edge + 1e-9), count, edge))


def by_value(series: Series, band: Band) -> Truth:
    """(W,) where the value alone decides, though there may be an interval."""
    lowest, highest = edges_of(band)
    estimate = series.estimate
    if band.judge == "value":
        return np.ones(len(estimate.value), dtype=bool)
    alone = np.isnan(estimate.low) | np.isnan(estimate.high)
    if series.metric.unit == "rate" and (lowest >= 1 or highest <= 0):
        return alone | ((estimate.value >= lowest) & (estimate.value <= highest))
    return alone


def _interval(series: Series, band: Band) -> tuple[Floats, Floats]:
    """What has to lie inside: the interval, or the value where it alone decides."""
    estimate, alone = series.estimate, by_value(series, band)
    return np.where(alone, estimate.value, estimate.low), np.where(alone, estimate.value, estimate.high)


def _shown(edge: float) -> float:
    return edge if np.isfinite(edge) else np.nan
