"""False alarms and power of what is learned, on counts drawn as the windows of a stream would give them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from tests.verdicts.build import proportion
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
