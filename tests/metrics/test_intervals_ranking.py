"""Ranking metrics against scikit-learn, cell by cell, and their ends."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from watchkeeper.metrics.intervals import auc, average_precision


def counted(rng, cells=7, rows=400):
    """Rows of random scores with ties, and their counts by cell and score."""
    cell = np.sort(rng.integers(0, cells, rows))
    label = rng.integers(0, 2, rows)
    score = np.round(rng.normal(label, 1), 1)
    keys, inverse = np.unique(np.stack([cell, score], 1), axis=0, return_inverse=True)
    ones = np.bincount(inverse.ravel(), weights=label)
    zeros = np.bincount(inverse.ravel(), weights=1 - label)
    return (cell, label, score), (keys[:, 0].astype(int), ones, zeros, cells)


@pytest.mark.parametrize(
    ("function", "expected"), [(auc, roc_auc_score), (average_precision, average_precision_score)]
)
def test_equals_scikit_learn(function, expected):
    (cell, label, score), counts = counted(np.random.default_rng(3))
    value, low, high = function(*counts)
    for k in range(7):
        assert value[k] == pytest.approx(expected(label[cell == k], score[cell == k]), abs=1e-12)
    assert (low < value).all()
    assert (value < high).all()


@pytest.mark.parametrize("function", [auc, average_precision])
def test_wider_at_higher_confidence(function):
    _, counts = counted(np.random.default_rng(4))
    _, low, high = function(*counts, 0.95)
    _, lower, higher = function(*counts, 1 - 1e-6)
    assert (lower < low).all()
    assert (high < higher).all()
    assert ((lower >= 0) & (higher <= 1)).all()


def test_perfect_separation_keeps_a_lower_end():
    for function in (auc, average_precision):
        value, low, high = function([0, 0], [0, 20], [30, 0], 1)
        assert value[0] == high[0] == 1
        assert 0.5 < low[0] < 1


def test_missing_classes_and_cells_are_nan():
    value, low, high = auc([0, 0, 2], [1, 2, 0], [0, 0, 5], 4)
    assert np.isnan([value, low, high]).all()
    value, _, _ = average_precision([0, 0, 2], [1, 2, 0], [0, 0, 5], 4)
    assert np.isnan(value).tolist() == [False, True, True, True]


def test_empty():
    value, low, high = auc([], [], [], 2)
    assert np.isnan([value, low, high]).all()


def test_influence_is_the_derivative_of_average_precision():
    from watchkeeper.metrics.intervals import ranking

    rng = np.random.default_rng(5)
    ones, zeros = rng.integers(1, 9, 12).astype(float), rng.integers(1, 9, 12).astype(float)
    cell = np.zeros(12, dtype=np.int64)
    of_ones, of_zeros = ranking.influence(cell, ones, zeros, 1)
    base = average_precision(cell, ones, zeros, 1)[0][0]
    for k in range(12):
        step = np.eye(12)[k] * 1e-6
        assert (average_precision(cell, ones + step, zeros, 1)[0][0] - base) / 1e-6 == pytest.approx(
            of_ones[k], abs=1e-6
        )
        assert (average_precision(cell, ones, zeros + step, 1)[0][0] - base) / 1e-6 == pytest.approx(
            of_zeros[k], abs=1e-6
        )
