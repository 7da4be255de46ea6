"""Intervals of proportions against SciPy's, and where they end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from watchkeeper.metrics.intervals import clopper_pearson, f1, wilson


@pytest.mark.parametrize("confidence", [0.8, 0.95, 1 - 1e-6])
@pytest.mark.parametrize(("function", "method"), [(wilson, "wilson"), (clopper_pearson, "exact")])
def test_equals_scipy(function, method, confidence):
    cases = [(0, 1), (1, 1), (0, 40), (3, 40), (39, 40), (40, 40), (950, 1_000), (123_456, 1_000_000)]
    expected = [binomtest(k, n).proportion_ci(confidence, method) for k, n in cases]
    low, high = function(*np.transpose(cases), confidence)
    np.testing.assert_allclose(low, [e.low for e in expected], rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(high, [e.high for e in expected], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("function", [wilson, clopper_pearson])
def test_no_trials_have_no_interval(function):
    low, high = function([0, 1], [0, 2])
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from([0.5, 0.95, 0.999999]))
def test_fractional_counts_lie_inside(successes, failures, confidence):
    n = successes + failures
    for function in (wilson, clopper_pearson):
        low, high = function(successes, n, confidence)
        if n > 1e-6:
            assert 0 <= low <= successes / n + 1e-9
            assert successes / n - 1e-9 <= high <= 1


def test_f1_is_the_image_of_jaccard():
    low, high = f1([0, 10, 0], [3, 0, 0], [4, 0, 0])
    assert low[0] == 0 < high[0] < 1
    assert 0 < low[1] < high[1] == 1
    assert np.isnan([low[2], high[2]]).all()


def test_shapes_broadcast():
    low, high = wilson(np.ones((5, 1)), np.full(3, 4.0))
    assert low.shape == high.shape == (5, 3)
