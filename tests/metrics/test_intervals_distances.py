"""Distances against SciPy's values, and what their intervals say of no drift and of plain drift."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, wasserstein_distance

from watchkeeper.metrics import intervals

BINNED = {
    "jensen_shannon": lambda p, q: jensenshannon(p, q, 2),
    "hellinger": lambda p, q: np.sqrt(1 - np.sqrt(p * q).sum()),
    "total_variation": lambda p, q: np.abs(p - q).sum() / 2,
    "psi": lambda p, q: ((p - q) * np.log(p / q)).sum(),
    "kolmogorov_smirnov": lambda p, q: np.abs(np.cumsum(p - q)).max(),
}


@pytest.mark.parametrize("name", BINNED)
def test_values_are_the_textbook_formula(name):
    rng = np.random.default_rng(6)
    a, b = rng.integers(1, 200, (4, 30)), rng.integers(1, 900, 30)
    value, low, high, bias = getattr(intervals, name)(a, b)
    expected = [BINNED[name](row / row.sum(), b / b.sum()) for row in a]
    np.testing.assert_allclose(value, expected, rtol=1e-10)
    assert low.shape == high.shape == (4,)
    assert np.isfinite(bias).all()


def test_chi2_equals_scipy():
    a, b = np.array([40, 60, 3]), np.array([100, 90, 30])
    value, _, _, bias = intervals.chi2(a, b)
    assert value == pytest.approx(chi2_contingency([a, b], correction=False).statistic, rel=1e-12)
    assert bias == pytest.approx(2, abs=0.02)


def test_wasserstein_equals_scipy():
    rng = np.random.default_rng(7)
    a, b, x = rng.integers(0, 9, (3, 20)), rng.integers(0, 9, 20), np.sort(rng.normal(size=20))
    value, low, high, _ = intervals.wasserstein(a, b, x)
    np.testing.assert_allclose(value, [wasserstein_distance(x, x, row, b) for row in a], rtol=1e-10)
    assert ((low <= value) & (value <= high)).all()


@pytest.mark.parametrize("name", [*BINNED, "chi2"])
def test_empty_histograms_have_no_distance(name):
    for part in getattr(intervals, name)([[0, 0, 0], [1, 2, 3]], [4, 5, 6]):
        assert np.isnan(part).tolist() == [True, False]


@pytest.mark.parametrize("name", BINNED)
def test_one_shared_bin_is_no_distance(name):
    value, low, _, _ = getattr(intervals, name)([[0, 7, 0]], [0, 9, 0])
    assert value[0] == low[0] == 0


@pytest.mark.parametrize("name", ["jensen_shannon", "hellinger", "total_variation", "kolmogorov_smirnov"])
def test_disjoint_samples_are_at_distance_one(name):
    value, low, high, _ = getattr(intervals, name)([[500, 0]], [0, 900])
    assert value[0] == pytest.approx(1)
    assert 0.9 < low[0] <= high[0] <= 1


@pytest.mark.parametrize("name", [*BINNED, "chi2"])
def test_false_alarms_at_very_high_confidence(name):
    """Equality, sparse: 250 categories and 200 rows; one false alarm in 5,000 has probability 0.005."""
    rng = np.random.default_rng(8)
    q = 1 / np.arange(1, 251)
    q /= q.sum()
    a, b = rng.multinomial(200, q, 5_000), rng.multinomial(10_000, q)
    _, low, _, bias = getattr(intervals, name)(a, b, 1 - 1e-6)
    assert (low > (bias if name == "chi2" else 0)).sum() <= 5


@pytest.mark.parametrize(
    "name", ["jensen_shannon", "hellinger", "psi", "chi2", "kolmogorov_smirnov", "wasserstein"]
)
def test_bias_is_the_mean_under_equality(name):
    rng = np.random.default_rng(9)
    q = np.full(40, 1 / 40)
    a, b = rng.multinomial(300, q, 3_000), rng.multinomial(9_000, q, 3_000)
    position = (np.arange(40.0),) if name == "wasserstein" else ()
    value, _, _, bias = getattr(intervals, name)(a, b, *position)
    assert value.mean() == pytest.approx(bias.mean(), rel=0.05)


def test_thinning_keeps_the_interval():
    """An interval on 2,000 bins is that on 128 of their ends, within a hundredth."""
    rng = np.random.default_rng(10)
    fine = np.exp(-(np.linspace(-4, 4, 2_000) ** 2) / 2)
    moved = np.exp(-((np.linspace(-4, 4, 2_000) - 0.3) ** 2) / 2)
    a, b = rng.multinomial(1_000, moved / moved.sum(), 50), rng.multinomial(20_000, fine / fine.sum())
    _, low, high, _ = intervals.kolmogorov_smirnov(a, b)
    _, coarse_low, coarse_high, _ = intervals.kolmogorov_smirnov(
        *(x.reshape(*x.shape[:-1], 100, 20).sum(-1) for x in (a, b))
    )
    assert np.abs(low - coarse_low).max() < 0.015
    assert np.abs(high - coarse_high).max() < 0.015


@pytest.mark.parametrize("name", ["kolmogorov_smirnov", "jensen_shannon", "total_variation"])
def test_windows_without_rows_and_no_windows(name):
    function = getattr(intervals, name)
    reference = np.ones(300, dtype=np.int64)
    assert np.isnan(function(np.zeros((3, 300)), reference)[:3]).all()
    assert [part.shape for part in function(np.zeros((0, 300)), reference)[:3]] == [(0,)] * 3
    assert np.isnan(function(np.ones((2, 4, 300)), np.zeros(300))[0]).all()
    assert function(np.ones((2, 4, 300)), reference)[1].tolist() == [[0] * 4] * 2


def test_weighted_rows_count_by_their_effective_number():
    counts, reference = np.array([[30, 50, 20]]), np.array([400, 300, 300])
    whole = intervals.jensen_shannon(counts, reference)
    half = intervals.jensen_shannon(counts / 2, reference)
    assert whole[0] == pytest.approx(half[0])
    assert (half[1] <= whole[1]).all()
    assert (half[2] > whole[2]).all()


def test_psi_has_no_upper_end_where_a_bin_is_deserted():
    _, low, high, _ = intervals.psi([[100, 0, 100], [99, 2, 99]], [900, 200, 900])
    assert high[0] == np.inf
    assert np.isfinite(high[1])
    assert (low > 0).all()
