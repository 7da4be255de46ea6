"""Metrics of probabilities against scikit-learn, and the coverage of their intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from watchkeeper.metrics.calibration import METRICS, reliability
from watchkeeper.model import Model


def binary(**keys: object) -> Model:
    given = {"task": "binary", "score": "q", "outcome": "y", "window": "500 rows", "segments": ["s"]}
    return Model(**(given | keys))


def rows(rng: np.random.Generator, n: int, shift: float = 0.0) -> dict[str, np.ndarray]:
    q = rng.beta(1.0, 3.0, n)
    y = (rng.random(n) < np.clip(q + shift, 0, 1)).astype(float)
    return {"y": y, "q": q, "s": rng.choice(["a", "b"], n), "w": rng.uniform(0.2, 3.0, n)}


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_equals_scikit_learn(measured, rng, weighted):
    data = rows(rng, 1500)
    found = measured(binary(weight="w" if weighted else None), data)
    numbers = found.numbers(METRICS, "s")
    for window in range(3):
        for v, value in enumerate(found.profile.slices["s"].values):
            here = (np.arange(1500) // 500 == window) & (data["s"] == value)
            if not here.any():
                continue
            y, q = data["y"][here], data["q"][here]
            weight = data["w"][here] if weighted else None
            expected = {
                "log_loss": sk.log_loss(y, q, sample_weight=weight),
                "brier_score": sk.brier_score_loss(y, q, sample_weight=weight),
                "mean_calibration": np.average(q - y, weights=weight),
                "score_mean": np.average(q, weights=weight),
                "expected_calibration_error": _error(y, q, np.ones(len(y)) if weight is None else weight),
            }
            for name, number in expected.items():
                estimate = numbers[name, None]
                assert estimate.value[window, v] == pytest.approx(number, abs=1e-9), name
                assert estimate.low[window, v] <= number <= estimate.high[window, v], name
                assert estimate.count[window, v] == here.sum()


def _error(y: np.ndarray, q: np.ndarray, w: np.ndarray) -> float:
    bins = np.minimum((q * 20).astype(int), 19)
    return float(np.abs(np.bincount(bins, w * (q - y), 20)).sum() / w.sum())


def test_reliability_equals_scikit_learn(measured, rng):
    data = rows(rng, 1000)
    found = reliability(measured(binary(), data).profile.everything)
    assert found is not None
    rate, score = calibration_curve(data["y"], data["q"], n_bins=20)
    seen = found.count[0, 0] > 0
    np.testing.assert_allclose(found.rate[0, 0][seen], rate, atol=1e-12)
    np.testing.assert_allclose(found.score[0, 0][seen], score, atol=1e-12)
    assert found.count.sum() == 1000
    each = reliability(measured(binary(), data).profile.everything, total=False)
    assert each is not None
    assert each.count.shape == (2, 1, 20)
    np.testing.assert_array_equal(each.count.sum(axis=0), found.count[0])


def test_scores_without_outcomes_count_in_the_mean_score_alone(measured):
    data = {"y": [1.0, None, 0.0, None], "q": [0.9, 0.5, 0.1, np.nan], "s": ["a"] * 4}
    numbers = measured(binary(window=None), data).numbers(METRICS)
    assert numbers["score_mean", None].value.item() == pytest.approx(0.5)
    assert numbers["score_mean", None].count.item() == 3
    assert numbers["brier_score", None].value.item() == pytest.approx(0.01)
    assert numbers["brier_score", None].count.item() == 2


def test_many_classes(measured, rng):
    names = np.array(["cat", "dog", "eel"])
    q = rng.dirichlet([1.0, 1.0, 1.0], 800)
    truth = (rng.random(800)[:, None] > q.cumsum(axis=1)).sum(axis=1)
    data = {"y": names[truth], **{name: q[:, k] for k, name in enumerate(names)}}
    model = Model(task="multiclass", score={str(n): str(n) for n in names}, outcome="y", window=None)
    numbers = measured(model, data).numbers(METRICS)
    top, hit = q.max(axis=1), q.argmax(axis=1) == truth
    expected = {
        "log_loss": sk.log_loss(truth, q), "brier_score": sk.brier_score_loss(names[truth], q, labels=names),
        "mean_calibration": (top - hit).mean(),
    }  # fmt: skip
    for name, number in expected.items():
        estimate = numbers[name, None]
        assert estimate.value.item() == pytest.approx(number, abs=1e-9)
        assert estimate.low.item() < number < estimate.high.item()
    assert ("score_mean", None) not in numbers


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("shift", [0.0, 0.1])
def test_intervals_cover(measured, rng, n, shift):
    numbers = measured(binary(window=f"{n} rows", segments=[]), rows(rng, n * 400, shift)).numbers(METRICS)
    many = rows(rng, 1_000_000, shift)
    y, q = many["y"], many["q"]
    truth = {
        "log_loss": sk.log_loss(y, q), "brier_score": ((q - y) ** 2).mean(), "mean_calibration": (q - y).mean(),
        "score_mean": 0.25, "expected_calibration_error": _error(y, q, np.ones(len(y))),
    }  # fmt: skip
    for name, number in truth.items():
        estimate = numbers[name, None]
        covered = float(((estimate.low <= number) & (number <= estimate.high)).mean())
        least = 0.90 if name == "log_loss" and n == 100 else 0.925
        assert least <= covered <= (1.0 if name == "expected_calibration_error" else 0.985), (name, covered)


def test_bias_is_what_a_calibrated_model_shows(measured, rng):
    estimate = measured(binary(window="300 rows", segments=[]), rows(rng, 300 * 400)).numbers(METRICS)
    found = estimate["expected_calibration_error", None]
    assert found.bias is not None
    assert found.bias.mean() == pytest.approx(found.value.mean(), rel=0.1)


def test_without_scores_the_bins_give_the_interval(measured, rng):
    """All rows but a segment's have bins and no scores."""
    found = measured(binary(segments=[]), rows(rng, 1000))
    whole = found.numbers(METRICS)
    found.profile = replace(found.profile, slices={None: replace(found.profile.everything, scores={})})
    binned = found.numbers(METRICS)
    for name in ("brier_score", "score_mean", "mean_calibration"):
        a, b = whole[name, None], binned[name, None]
        np.testing.assert_allclose(a.value, b.value, atol=1e-12)
        np.testing.assert_allclose(a.high - a.low, b.high - b.low, rtol=0.02)
    assert np.isnan(binned["log_loss", None].low).all()
