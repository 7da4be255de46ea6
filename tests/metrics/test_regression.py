"""Metrics of regressions against scikit-learn, and the coverage of their intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from watchkeeper.metrics.error_sizes import heavy_tails
from watchkeeper.metrics.estimate import Context
from watchkeeper.metrics.regression import METRICS
from watchkeeper.model import Model

EXACT = {
    "mean_absolute_error": sk.mean_absolute_error,
    "root_mean_squared_error": sk.root_mean_squared_error,
    "mean_squared_error": sk.mean_squared_error,
    "mean_absolute_percentage_error": sk.mean_absolute_percentage_error,
    "r2": sk.r2_score,
    "mean_error": lambda y, p, sample_weight: np.average(p - y, weights=sample_weight),
    "outcome_mean": lambda y, p, sample_weight: np.average(y, weights=sample_weight),
    "prediction_mean": lambda y, p, sample_weight: np.average(p, weights=sample_weight),
    "max_error": lambda y, p, sample_weight: sk.max_error(y, p),
}


def model(**keys: object) -> Model:
    given = {"task": "regression", "prediction": "p", "outcome": "y", "window": "500 rows", "segments": ["s"]}
    return Model(**(given | keys))


def rows(rng: np.random.Generator, n: int, noise: float = 0.5, offset: float = 20.0) -> dict[str, np.ndarray]:
    p = rng.normal(offset, 1.0, n)
    y = p + noise * rng.normal(size=n) - 0.1
    return {"y": y, "p": p, "s": rng.choice(["a", "b"], n), "w": rng.uniform(0.2, 3.0, n)}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("by", [None, "s"])
def test_equals_scikit_learn(measured, rng, weighted, by):
    data = rows(rng, 1500)
    found = measured(model(weight="w" if weighted else None), data)
    numbers = found.numbers(METRICS, by)
    for window in range(3):
        for v, value in enumerate(found.profile.slices[by].values):
            here = np.arange(1500) // 500 == window
            here &= True if value is None else data["s"] == value
            if not here.any():
                continue
            weight = data["w"][here] if weighted else None
            for name, function in EXACT.items():
                estimate = numbers[name, None]
                expected = function(data["y"][here], data["p"][here], sample_weight=weight)
                assert estimate.value[window, v] == pytest.approx(expected, rel=1e-9, abs=1e-9), name
                assert estimate.count[window, v] == here.sum()
                if name != "max_error":
                    assert estimate.low[window, v] < expected < estimate.high[window, v], name


def test_quantiles_of_the_error_come_from_its_grid(measured, rng):
    data = rows(rng, 20_000)
    e = data["p"] - data["y"]
    numbers = measured(model(window=None), data).numbers(METRICS)
    for q in (0.05, 0.25, 0.5, 0.75, 0.95):
        estimate = numbers[f"error_p{round(100 * q):02d}", None]
        assert estimate.value.item() == pytest.approx(np.quantile(e, q), abs=0.02 * e.std())
        assert estimate.low.item() < estimate.value.item() < estimate.high.item()
    median = numbers["median_absolute_error", None]
    assert median.value.item() == pytest.approx(np.median(np.abs(e)), rel=0.02)


@pytest.mark.parametrize("offset", [0.0, 3.0, -50.0])
def test_median_absolute_error_of_biased_predictions(measured, rng, offset):
    data = rows(rng, 5000)
    reference = dict(data)
    data = data | {"p": data["p"] + offset}
    expected = sk.median_absolute_error(data["y"], data["p"])
    for planned in (reference, data):  # errors around zero, or all on one side
        estimate = measured(model(window=None), data, planned).numbers(METRICS)["median_absolute_error", None]
        assert estimate.value.item() == pytest.approx(expected, rel=0.02)
        assert estimate.low.item() < expected < estimate.high.item()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [200, 20_000])
def test_share_of_the_worst_rows(measured, rng, n, weighted):
    data = rows(rng, n) | {"w": np.full(n, 2.0)}
    data["y"][:5] += [300.0, 200.0, 100.0, 100.0, 100.0]
    squares = np.sort((data["p"] - data["y"]) ** 2)[::-1]
    expected = squares[: max(1, round(0.001 * n))].sum() / squares.sum()
    found = measured(model(window=None, weight="w" if weighted else None), data, rows(rng, 1000))
    assert found.numbers(METRICS)["worst_error_share", None].value.item() == pytest.approx(expected, rel=0.01)


def test_windows_without_outcomes_or_with_one_row(measured):
    data = {"y": [None, None, 1.0, 5.0, 5.0], "p": [1.0, 2.0, 3.0, 5.0, 5.0], "s": ["a"] * 5}
    planned = {"y": [1.0, 2.0, 3.0], "p": [1.0, 2.5, 2.0], "s": ["a"] * 3}
    numbers = measured(model(window="2 rows"), data, planned).numbers(METRICS)
    for (name, _), estimate in numbers.items():
        assert np.isnan(estimate.value[0, 0]), name
        assert estimate.count[:, 0].tolist()[0] == 0, name
    assert numbers["mean_absolute_error", None].value[:, 0].tolist()[1:] == [1.0, 0.0]
    assert numbers["mean_absolute_error", None].count[:, 0].tolist() == [0, 2, 1]
    assert np.isnan(numbers["mean_absolute_error", None].low[2, 0])
    assert np.isnan(numbers["r2", None].value[2, 0])  # one row has no variance to explain


def test_huge_errors_do_not_warn(measured):
    data = {"y": [1.0, 2.0, 3.0, 1e308], "p": [1.0, 2.0, 3.0, -1e308], "s": ["a"] * 4}
    planned = {"y": [1.0, 2.0, 3.0], "p": [1.0, 2.5, 2.0], "s": ["a"] * 3}
    numbers = measured(model(window=None), data, planned).numbers(METRICS)
    assert numbers["mean_squared_error", None].count.item() == 0  # beyond what a float64 can hold
    assert numbers["error_p50", None].value.item() == pytest.approx(0.0, abs=0.02)


def test_tails_of_the_reference_widen_the_interval(measured, rng):
    """A window of t3 errors seldom shows its tail; without the reference the interval covers 78 %."""
    n, windows = 200, 1500
    errors = rng.standard_t(3, n * windows)
    data = {"y": np.zeros(n * windows), "p": errors, "s": ["a"] * (n * windows)}
    current = measured(model(window=f"{n} rows"), data)
    reference = measured(model(window=None), {k: v[:10_000] for k, v in data.items()}, data)
    alone = current.context()
    beside = Context(alone.plan, alone.slice, alone.everything, reference.profile.everything, None)
    beside = replace(beside, reference_everything=beside.reference)
    metric = next(m for m in METRICS if m.name == "root_mean_squared_error")
    covered = []
    for context in (alone, beside):
        [(_, estimate)] = metric.compute(context)
        covered.append(float(((estimate.low <= 3**0.5) & (estimate.high >= 3**0.5)).mean()))
    assert covered[0] < 0.85
    assert covered[1] >= 0.93
    assert heavy_tails(beside).all()
    assert not heavy_tails(alone).all()


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_intervals_cover(measured, rng, noise):
    numbers = measured(model(window="200 rows", segments=[]), rows(rng, 200 * 1500, noise)).numbers(METRICS)
    truth = {
        "root_mean_squared_error": (noise**2 + 0.01) ** 0.5,
        "mean_squared_error": noise**2 + 0.01,
        "mean_error": 0.1,
        "r2": 1 - (noise**2 + 0.01) / (1 + noise**2),
        "outcome_mean": 19.9,
        "error_p50": 0.1,
        "error_p95": 0.1 + 1.6449 * noise,
    }
    for name, number in truth.items():
        estimate = numbers[name, None]
        covered = float(((estimate.low <= number) & (number <= estimate.high)).mean())
        assert 0.925 <= covered <= (1.0 if name == "r2" else 0.975), (name, covered)


def test_relative_errors_without_a_mean_have_no_interval(measured, rng):
    data = rows(rng, 2000, offset=0.0)  # outcomes around 0
    percentage = measured(model(window=None), data).numbers(METRICS)["mean_absolute_percentage_error", None]
    assert np.isfinite(percentage.value.item())
    assert np.isnan(percentage.low.item())
