"""Costs and the user's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.metrics.value import METRICS, metrics_for
from watchkeeper.model import Model

COSTS = {"false_negative": 12.0, "false_positive": 1.0, "true_positive": -3.0}


def rows(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    y = (rng.random(n) < 0.1).astype(float)
    p = np.where(rng.random(n) < 0.9, y, 1 - y)
    return {"y": y, "p": p, "s": rng.choice(["a", "b"], n), "w": rng.uniform(0.2, 3.0, n)}


def binary(**keys: object) -> Model:
    given = {
        "task": "binary",
        "prediction": "p",
        "outcome": "y",
        "window": "300 rows",
        "segments": ["s"],
        "costs": COSTS,
    }
    return Model(**(given | keys))


def row_costs(data: dict[str, np.ndarray]) -> np.ndarray:
    y, p = data["y"], data["p"]
    return 12.0 * (y > p) + 1.0 * (p > y) - 3.0 * ((y == 1) & (p == 1))


@pytest.mark.parametrize("weighted", [False, True])
def test_costs_add_up_row_by_row(measured, rng, weighted):
    data = rows(rng, 900)
    found = measured(binary(weight="w" if weighted else None), data)
    numbers = found.numbers(METRICS, "s")
    weight = data["w"] if weighted else np.ones(900)
    for window in range(3):
        for v, value in enumerate(found.profile.slices["s"].values):
            here = (np.arange(900) // 300 == window) & (data["s"] == value)
            if not here.any():
                continue
            costs, w = row_costs(data)[here], weight[here]
            assert numbers["cost", None].value[window, v] == pytest.approx((costs * w).sum(), abs=1e-9)
            mean = numbers["mean_cost", None]
            assert mean.value[window, v] == pytest.approx(np.average(costs, weights=w), abs=1e-9)
            assert mean.low[window, v] < mean.value[window, v] < mean.high[window, v]
            assert mean.count[window, v] == here.sum()


def test_costs_that_have_not_happened_yet_count_in_the_interval(measured):
    data = {"y": [0.0] * 50, "p": [0.0] * 50, "s": ["a"] * 50}
    reference = {"y": [0.0, 1.0], "p": [0.0, 1.0], "s": ["a"] * 2}
    mean = measured(binary(window=None), data, reference).numbers(METRICS)["mean_cost", None]
    assert mean.value.item() == 0.0
    assert mean.high.item() > 0.5


def test_no_costs_no_number(measured, rng):
    assert measured(binary(costs={}), rows(rng, 100)).numbers(METRICS) == {}


def test_the_interval_of_the_mean_cost_covers(measured, rng):
    found = measured(binary(window="400 rows", segments=[]), rows(rng, 400 * 1000))
    mean = found.numbers(METRICS)["mean_cost", None]
    truth = 0.1 * (0.1 * 12 + 0.9 * -3) + 0.9 * 0.1 * 1
    covered = float(((mean.low <= truth) & (truth <= mean.high)).mean())
    assert 0.935 <= covered <= 0.995


@pytest.mark.parametrize("weighted", [False, True])
def test_kpis_under_the_users_names(measured, rng, weighted):
    model = Model(
        kpis={"revenue": "sum(price)", "basket": "mean(price)"},
        window="200 rows",
        weight="w" if weighted else None,
    )
    price = rng.gamma(2.0, 10.0, 600)
    price[::7] = np.nan
    w = rng.uniform(0.5, 2.0, 600)
    data = {"x": np.arange(600.0), "w": w, "kpi:revenue": price, "kpi:basket": price}
    numbers = measured(model, data).numbers(metrics_for(model))
    for window in range(3):
        here = np.flatnonzero((np.arange(600) // 200 == window) & np.isfinite(price))
        weight = w[here] if weighted else np.ones(here.size)
        revenue, basket = numbers["revenue", None], numbers["basket", None]
        assert revenue.value[window, 0] == pytest.approx((price[here] * weight).sum(), rel=1e-12)
        assert basket.value[window, 0] == pytest.approx(np.average(price[here], weights=weight), rel=1e-12)
        assert basket.count[window, 0] == revenue.count[window, 0] == pytest.approx(here.size, abs=6)
        total = weight.sum()
        assert revenue.low[window, 0] == pytest.approx(basket.low[window, 0] * total, rel=1e-9)
    assert "price" in metrics_for(model)[0].summary
