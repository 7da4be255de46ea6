"""Mean, spread, extremes and quantiles against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.pairs import compared, distributions, value

CURRENT, REFERENCE = distributions(4_000, 1), distributions(4_000, 2)
FOUND = compared(CURRENT, REFERENCE)


@pytest.mark.parametrize("name", list(CURRENT))
def test_moments_and_extremes_are_exact(name: str) -> None:
    x = CURRENT[name]
    assert value(FOUND, "mean", name) == pytest.approx(x.mean(), rel=1e-9, abs=1e-12)
    assert value(FOUND, "standard_deviation", name) == pytest.approx(x.std(ddof=1), rel=1e-9)
    assert value(FOUND, "minimum", name) == x.min()
    assert value(FOUND, "maximum", name) == x.max()


@pytest.mark.parametrize(("metric", "q"), [("quantile_05", 0.05), ("median", 0.5), ("quantile_95", 0.95)])
@pytest.mark.parametrize("name", list(CURRENT))
def test_quantiles_are_right_to_a_bin(name: str, metric: str, q: float) -> None:
    x, e = CURRENT[name], FOUND[metric, name].estimate
    spread = np.subtract(*np.quantile(x, (0.75, 0.25)))
    exact = np.quantile(x, q)
    assert e.value[0] == pytest.approx(exact, abs=0.02 * spread + 0.02 * abs(exact - np.median(x)))
    assert e.low[0] <= e.value[0] <= e.high[0]


def test_the_mean_has_students_interval() -> None:
    from scipy.stats import t

    x = CURRENT["normal"]
    low, high = t.interval(0.95, len(x) - 1, x.mean(), x.std(ddof=1) / np.sqrt(len(x)))
    e = FOUND["mean", "normal"].estimate
    assert e.low[0] == pytest.approx(low)
    assert e.high[0] == pytest.approx(high)


def test_the_interval_of_the_standard_deviation_covers() -> None:
    rng, covered, draws = np.random.default_rng(5), 0, 200
    columns = {f"x{i}": rng.laplace(size=1_000) for i in range(draws)}
    reference = {f"x{i}": rng.laplace(size=400) for i in range(draws)}
    for s in compared(columns, reference, ["standard_deviation"]).values():
        covered += bool(s.estimate.low[0] <= np.sqrt(2) <= s.estimate.high[0])
    assert 0.90 <= covered / draws <= 0.99


def test_huge_numbers_do_not_break_it() -> None:
    found = compared(
        {"x": [1e308, -1e308, 1e308]}, {"x": np.array([1e308, -1e308] * 300) * np.linspace(0.5, 1, 600)}
    )
    assert value(found, "maximum") == 1e308
    assert found["median", "x"].estimate.count[0] == 3


def test_weights_count() -> None:
    rows = {"x": [1.0, 2.0, 4.0], "w": [1.0, 1.0, 2.0]}
    found = compared(rows, {"x": REFERENCE["normal"], "w": np.ones(4_000)}, weight="w")
    assert value(found, "mean") == 2.75
    assert found["mean", "x"].estimate.count[0] == 3
