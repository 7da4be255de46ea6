"""Intervals of means, root mean squares, differences, correlations and quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.metrics.intervals import (
    correlation,
    correlation_difference,
    difference,
    mean,
    quantile,
    root_mean_square,
    wilson,
)


@pytest.mark.parametrize("confidence", [0.95, 1 - 1e-6])
def test_mean_equals_scipys_t_interval(confidence):
    x = np.random.default_rng(0).gamma(2, size=37)
    low, high = mean(x.mean(), x.var(ddof=1), x.size, confidence)
    expected = stats.ttest_1samp(x, 0).confidence_interval(confidence)
    np.testing.assert_allclose([low, high], expected, rtol=1e-8)


def test_positive_mean_stays_positive():
    low, high = mean([1.0, 0.0, 2.0], [100.0, 0.0, 0.0], [5, 5, 5], positive=True)
    assert 0 < low[0] < 1 < high[0]
    assert (low[1], high[1]) == (0, 0)
    assert (low[2], high[2]) == (2, 2)


def test_one_row_has_no_interval():
    assert np.isnan(mean(1.0, np.nan, 1)).all()
    assert np.isnan(mean(1.0, np.nan, 1, positive=True)).all()
    assert np.isnan(root_mean_square(1.0, 1.0, 1)).all()
    assert np.isnan(root_mean_square(np.nan, np.nan, 0)).all()


def test_root_mean_square_of_normal_errors_is_the_chi_square_interval():
    n = 50
    low, high = root_mean_square(4.0, 3 * 16.0, n)
    ends = np.sqrt(4.0 * (n - 1) / stats.chi2.isf([0.025, 0.975], n - 1))
    np.testing.assert_allclose([low, high], ends, rtol=1e-10)


def test_errors_of_one_size_have_no_width():
    np.testing.assert_allclose(root_mean_square([4.0, 0.0], [16.0, 0.0], 9), [[2.0, 0.0]] * 2, rtol=1e-5)


def test_difference_of_proportions_is_newcombes_hybrid_score():
    # Newcombe (1998), method 10, table II: 56/70 − 48/80 gives 0.0524 to 0.3339
    a, b = wilson(56, 70), wilson(48, 80)
    np.testing.assert_allclose(difference(56 / 70, *a, 48 / 80, *b), (0.2, 0.0524, 0.3339), atol=5e-5)


def test_difference_without_an_interval_has_none():
    _, low, high = difference(1.0, np.nan, np.nan, 0.5, 0.4, 0.6)
    assert np.isnan([low, high]).all()


def test_correlation_equals_scipy():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(60)
    y = x + rng.standard_normal(60)
    result = stats.pearsonr(x, y)
    np.testing.assert_allclose(correlation(result.statistic, 60), result.confidence_interval(0.95), rtol=1e-9)
    assert np.isnan(correlation(0.5, 3)).all()
    assert [float(end) for end in correlation(1.0, 10)] == [1, 1]


def test_correlation_difference_is_antisymmetric():
    value, low, high = correlation_difference(0.7, 80, 0.2, 120)
    back = correlation_difference(0.2, 120, 0.7, 80)
    np.testing.assert_allclose(back, (-value, -high, -low))


def test_quantile_covers():
    rng = np.random.default_rng(2)
    edges = np.linspace(-6, 6, 1201)
    p = np.diff(stats.norm.cdf(edges))
    for n, q in ((200, 0.5), (1_000, 0.9), (200, 0.95)):
        counts = rng.multinomial(n, p / p.sum(), 4_000)
        _, low, high = quantile(counts, edges[:-1], edges[1:], q)
        truth = stats.norm.ppf(q)
        assert 0.93 <= np.mean((low <= truth) & (truth <= high)) <= 0.975


def test_quantile_of_known_values_is_a_value():
    value, low, high = quantile([[2, 0, 9, 0, 3]], [-np.inf, 1, 1, 2, 2], [1, 1, 2, 2, np.inf], 0.5)
    assert 1 <= low[0] <= value[0] <= high[0] <= 2


def test_quantile_of_few_rows_is_unbounded_above():
    _, low, high = quantile(np.full((1, 5), 4), np.arange(5.0), np.arange(1.0, 6.0), 0.95)
    assert np.isfinite(low[0])
    assert high[0] == np.inf


def test_quantile_of_nothing_is_nan():
    assert np.isnan(quantile(np.zeros((2, 3)), np.arange(3.0), np.arange(3.0), 0.5)).all()
