"""The noncentrality's bounds against the distribution function itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import chndtr
from scipy.stats import chi2, ncx2

from watchkeeper.metrics.intervals import noncentral_chi2_bounds

STATISTICS = np.array([0.3, 5.0, 19.0, 33.0, 60.0, 200.0, 1_500.0, 40_000.0])


@pytest.mark.parametrize("confidence", [0.95, 0.999, 1 - 1e-6])
@pytest.mark.parametrize("df", [1, 4, 19, 32, 100, 255, 300.5, 6.25])
def test_bounds_are_where_the_tails_are(df, confidence):
    tail = (1 - confidence) / 2
    low, high = noncentral_chi2_bounds(STATISTICS, df, confidence)
    for t, a, b in zip(STATISTICS, low, high, strict=True):
        if a > 0:
            assert tail_ratio(ncx2.sf(t, df, a), tail)
        else:
            assert chi2.sf(t, df) >= tail * 0.99
        if b > 0:
            assert tail_ratio(ncx2.cdf(t, df, b), tail)
        else:
            assert chi2.cdf(t, df) <= tail * 1.01


def tail_ratio(found: float, tail: float) -> bool:
    """One hundredth of the tail's probability is less than 1e-3 standard errors."""
    return abs(found / tail - 1) < 0.01


@pytest.mark.parametrize("df", [1, 7, 19, 32])
def test_whole_degrees_of_freedom_are_right_to_1e_4(df):
    t = np.linspace(0.1, 3_000, 999)
    low, high = noncentral_chi2_bounds(t, df)
    for bound, tail in ((low, 0.975), (high, 0.025)):
        where = bound > 0
        exact = bound[where] + 0.0
        for _ in range(4):  # Newton on the distribution function, from the table's answer
            slope = (chndtr(t[where], df, exact + 1e-4) - chndtr(t[where], df, exact)) / 1e-4
            exact -= (chndtr(t[where], df, exact) - tail) / slope
        np.testing.assert_allclose(bound[where], exact, rtol=1e-4, atol=1e-4)


def test_undefined_where_there_is_nothing_to_invert():
    assert np.isnan(noncentral_chi2_bounds([np.nan, 3.0], [5, 0])).all()


def test_bounds_rise_with_the_statistic():
    low, high = noncentral_chi2_bounds(np.linspace(0, 500, 20_001), 40.3, 1 - 1e-6)
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
