"""Whole checks: distances as SciPy has them, calm where nothing changed, and what breaks is told at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
import scipy.stats
from scipy.spatial.distance import jensenshannon

import watchkeeper as wk
from watchkeeper.metrics import Context
from watchkeeper.metrics.groups import grouped

Rows = pd.DataFrame


def shapes(n: int, seed: int) -> Rows:
    """Numbers as they come in practice, and categories."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({
        "normal": rng.normal(size=n),
        "lognormal": rng.lognormal(0.0, 1.0, n),
        "heavy": rng.standard_t(3, n),
        "cauchy": rng.standard_cauchy(n),
        "bimodal": np.where(rng.random(n) < 0.3, rng.normal(-4, 0.5, n), rng.normal(3, 1, n)),
        "year": rng.integers(1950, 2024, n),
        "kelvin": rng.normal(288.15, 7.0, n),
        "integer": rng.poisson(400, n),
        "few": rng.integers(0, 6, n),
        "category": rng.choice(["a", "b", "c", "d", "rare"], n, p=[0.5, 0.3, 0.1, 0.099, 0.001]),
    })  # fmt: skip


WHOLE = ("year", "integer", "few")
NUMBERS = [name for name in shapes(1, 0) if name != "category"]
REFERENCE = shapes(40_000, 1)


def moved(by: float) -> Rows:
    """Other rows of the same kind, shifted by so many standard deviations, those of Cauchy's by as many scales."""
    rows = shapes(20_000, 2)
    for name in NUMBERS:
        rows[name] += by * (1.0 if name == "cauchy" else REFERENCE[name].std())
    rows["category"] = np.where(np.random.default_rng(3).random(len(rows)) < by, "new", rows["category"])
    return rows


SHIFTS = (0.0, 0.1, 0.5, 2.0)
CURRENT = {by: moved(by) for by in SHIFTS}


@pytest.fixture(scope="module")
def distances() -> dict[float, wk.Result]:
    return {by: wk.check(CURRENT[by], REFERENCE, wk.Model(window=None)) for by in SHIFTS}


def value_of(result: wk.Result, metric: str, column: str) -> float:
    chosen = result.metrics.filter((pc.field("metric") == metric) & (pc.field("column") == column))
    assert chosen.num_rows == 1
    return float(chosen["value"][0].as_py())


@pytest.mark.parametrize("by", SHIFTS)
@pytest.mark.parametrize("name", NUMBERS)
def test_kolmogorov_smirnov_is_scipys(distances, name, by):
    exact = scipy.stats.ks_2samp(CURRENT[by][name], REFERENCE[name], method="asymp").statistic
    assert value_of(distances[by], "kolmogorov_smirnov", name) == pytest.approx(exact, abs=0.005)
    if name in WHOLE:
        assert value_of(distances[by], "kolmogorov_smirnov", name) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("by", SHIFTS[1:])
@pytest.mark.parametrize("name", NUMBERS)
def test_wasserstein_is_scipys_in_standard_deviations_of_the_reference(distances, name, by):
    exact = scipy.stats.wasserstein_distance(CURRENT[by][name], REFERENCE[name]) / REFERENCE[name].std()
    assert value_of(distances[by], "wasserstein", name) == pytest.approx(exact, rel=0.01)


def on_groups(result: wk.Result, name: str, groups: int) -> tuple[Any, Any]:
    """Rows of current and reference on the groups that distances are measured on, empty ones left out."""
    if name == "category":
        now, then = (rows["category"].value_counts() for rows in (CURRENT[0.5], REFERENCE))
        now, then = now.align(then, fill_value=0)
        return now.to_numpy(float), then.to_numpy(float)
    total = result.reference.everything.total()
    everything = result.current.everything
    found = grouped(Context(result.current.plan, everything, everything, total, total), groups)
    now, then = next((g.now[0, 0], g.then[0, 0]) for g in found if g.column == name)
    assert (now.sum(), then.sum()) == (20_000, 40_000)
    assert len(now) >= 6
    return now[now + then > 0], then[now + then > 0]


@pytest.mark.parametrize("name", [*NUMBERS, "category"])
def test_divergences_are_the_textbook_formulas(distances, name):
    result = distances[0.5]
    now, then = on_groups(result, name, 20)
    p, q = now / now.sum(), then / then.sum()
    assert value_of(result, "jensen_shannon", name) == pytest.approx(jensenshannon(p, q, 2), rel=1e-9)
    assert value_of(result, "total_variation", name) == pytest.approx(np.abs(p - q).sum() / 2, rel=1e-9)
    assert value_of(result, "hellinger", name) == pytest.approx(np.sqrt(1 - np.sqrt(p * q).sum()), rel=1e-9)
    chi2 = scipy.stats.chi2_contingency([now, then], correction=False).statistic
    assert value_of(result, "chi_squared", name) == pytest.approx(chi2, rel=1e-9)
    now, then = (np.maximum(rows, 0.5) for rows in on_groups(result, name, 10))
    p, q = now / 20_000, then / 40_000  # an empty group counts as half a row
    assert value_of(result, "population_stability_index", name) == pytest.approx(
        np.sum((p - q) * np.log(p / q)), rel=1e-9
    )


@pytest.mark.parametrize("name", NUMBERS)
def test_descriptions_are_numpys(distances, name):
    values, result = CURRENT[0.0][name].to_numpy(float), distances[0.0]
    size = np.abs(values).mean()
    assert value_of(result, "mean", name) == pytest.approx(values.mean(), abs=1e-9 * size)
    assert value_of(result, "standard_deviation", name) == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert value_of(result, "minimum", name) == values.min()
    assert value_of(result, "maximum", name) == values.max()
    for metric, q in {"quantile_05": 0.05, "quantile_25": 0.25, "median": 0.5, "quantile_95": 0.95}.items():
        found = value_of(result, metric, name)
        if name in WHOLE:
            assert found == np.quantile(values, q, method="inverted_cdf")
        else:  # interpolated in a bin
            assert np.mean(values <= found) == pytest.approx(q, abs=0.005)
