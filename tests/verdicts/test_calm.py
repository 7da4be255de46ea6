"""False alarms and power of what is learned, on counts drawn as the windows of a stream would give them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from tests.verdicts.build import proportion, rate
from watchkeeper.metrics import METRICS, Estimate, Series
from watchkeeper.metrics.intervals import jensen_shannon
from watchkeeper.model import Model
from watchkeeper.verdicts import confidence_for, judge, with_judged

FEATURES, WINDOWS, REFERENCE, GROUPS = 20, 100, 10_000, 20
EDGES = ndtri(np.arange(1, GROUPS) / GROUPS)  # the reference's vigintiles of a standard normal


def shares(shift: float) -> np.ndarray:
    return np.diff(ndtr(np.concatenate([[-np.inf], EDGES - shift, [np.inf]])))


def drift(rng: np.random.Generator, rows: int, shift: float = 0.0) -> list[Series]:
    """Jensen–Shannon distances of 20 independent features, judged at the right confidence."""
    model = Model()
    now = rng.multinomial(rows, shares(shift), size=(FEATURES, WINDOWS))
    then = rng.multinomial(REFERENCE, shares(0.0), size=FEATURES)[:, None, :]

    def measured(confidence: float) -> list[Series]:
        value, low, high, bias = jensen_shannon(now, then, confidence)
        count = np.full(WINDOWS, rows)
        return [
            Series(
                METRICS["jensen_shannon"], f"f{i}", None, None,
                Estimate(value[i], low[i], high[i], count, bias[i]),
                Estimate(np.zeros(1), np.zeros(1), np.zeros(1), np.array([REFERENCE]), np.zeros(1)),
            )
            for i in range(FEATURES)
        ]  # fmt: skip

    series = measured(0.95)
    return with_judged(series, measured(confidence_for(series, model)))


def alarms(series: list[Series]) -> np.ndarray:
    return np.stack([j.verdict == "alarm" for j in judge(series, Model(), WINDOWS)])


@pytest.mark.parametrize("rows", [200, 1_000])
def test_at_most_one_in_a_thousand_feature_windows_alarms_without_drift(rows):
    rng = np.random.default_rng(rows)
    found = np.concatenate([alarms(drift(rng, rows)) for _ in range(5)])
    assert found.size == 10_000
    assert found.mean() <= 0.001


def test_half_a_standard_deviation_alarms_in_the_first_window_of_a_thousand_rows():
    found = alarms(drift(np.random.default_rng(3), 1_000, shift=0.5))
    assert found.all()


def test_a_confidence_that_ignored_how_many_are_judged_would_not_be_calm_by_itself():
    """The effect alone does not keep small windows calm: the interval has to."""
    series = drift(np.random.default_rng(4), 30)
    estimate = np.stack([s.estimate.value - s.estimate.bias for s in series])
    assert (estimate >= 0.1).mean() > 0.02
    assert alarms(series).mean() <= 0.001


@pytest.mark.parametrize("rows", [30, 100, 500])
@pytest.mark.parametrize("truth", [0.6, 0.9, 0.97])
def test_accuracy_without_change_seldom_alarms(rows, truth):
    rng = np.random.default_rng(round(rows * truth))
    model, windows = Model(), 20_000
    right = rng.binomial(rows, truth, windows)
    then = proportion(rng.binomial(3_000, truth), 3_000)
    series = Series(METRICS["accuracy"], None, None, None, proportion(right, rows), then)
    confidence = confidence_for([series] * 10, model)
    again = Series(METRICS["accuracy"], None, None, None, proportion(right, rows, confidence), then)
    judged = judge(with_judged([series] * 10, [again]), model, windows)
    assert (judged[0].verdict == "alarm").mean() <= model.alpha / 10


def with_day_effects(rng: np.random.Generator, effect: float, before: int, after: np.ndarray) -> list[Series]:
    """20 accuracies of 1,000 rows a day whose days differ by more than chance; ``after`` are the true values."""
    confidence, series = 1 - 0.01 / 20, []
    for _ in range(20):
        true = np.clip(
            np.concatenate([np.full(before, 0.9), after]) + effect * rng.standard_normal(before + len(after)),
            0,
            1,
        )
        right = rng.binomial(1000, true)
        reference = int(right[:before].sum()), 1000 * before
        windows = right[:before] / 1000
        series.append(rate("accuracy", right[before:], 1000, reference, windows=windows, judged=confidence))
    return series


@pytest.mark.parametrize("before", [7, 30, 90])
def test_days_that_differ_by_nature_stay_calm(before):
    rng = np.random.default_rng(before)
    found = np.concatenate([alarms(with_day_effects(rng, 0.04, before, np.full(100, 0.9))) for _ in range(5)])
    assert found.mean() <= 0.002


def test_a_fall_beyond_the_days_nature_is_told_at_once():
    series = with_day_effects(np.random.default_rng(1), 0.02, 30, np.full(100, 0.75))
    assert alarms(series).mean() > 0.95


@pytest.mark.parametrize(("before", "rows", "now"), [(10, 1_000, 1_000), (50, 200, 1_000), (5, 2_000, 2_000)])
def test_half_a_standard_deviation_alarms_at_once_with_reference_windows_too(before, rows, now):
    """Also where the reference's windows are shorter, so that chance alone sets them farther apart."""
    rng = np.random.default_rng(before)
    then = rng.multinomial(rows, shares(0.0), size=(FEATURES, before))
    whole = then.sum(axis=1, keepdims=True)
    natural = jensen_shannon(then, whole, 0.95)[0]
    found = alarms(
        [replace(s, reference_windows=natural[i]) for i, s in enumerate(drift(rng, now, shift=0.5))]
    )
    assert found.mean() > 0.99
