"""Scores: ranking metrics from the sparse grid are scikit-learn's, however few the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from watchkeeper.profiles.scores import Scores


def counted(scores: NDArray[np.float64], truth: NDArray[np.int64], cuts: tuple[int, ...] = ()) -> Scores:
    pieces = zip(np.split(scores, cuts), np.split(truth, cuts), strict=True)
    parts = [Scores.count((1, 1), np.zeros(len(s), np.int64), s, t, None) for s, t in pieces]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def expanded(s: Scores) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Truth, score and weight of rows that the entries stand for."""
    truth = np.repeat([0.0, 1.0], len(s.bin))
    return truth, np.tile(s.score, 2), np.concatenate([s.negative, s.positive])


@pytest.mark.parametrize("n", [50, 500, 5_000, 20_000, 200_000])
@pytest.mark.parametrize("shape", [(2, 5), (0.05, 2), (50, 50), (0.5, 0.02)])
def test_roc_auc_and_average_precision_to_a_ten_thousandth(n: int, shape: tuple[float, float]) -> None:
    rng = np.random.default_rng(n)
    scores = rng.beta(*shape, n)
    truth = (rng.random(n) < 0.2 + 0.6 * scores).astype(np.int64)
    y, s, w = expanded(counted(scores, truth))
    assert roc_auc_score(y, s, sample_weight=w) == pytest.approx(roc_auc_score(truth, scores), abs=1e-4)
    ours = average_precision_score(y[w > 0], s[w > 0], sample_weight=w[w > 0])
    assert ours == pytest.approx(average_precision_score(truth, scores), abs=1e-4)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_every_probability_lies_in_its_bin(scores: list[float]) -> None:
    x = np.sort(np.array(scores))
    s = counted(x, np.zeros(len(x), np.int64))
    middle = np.repeat(s.score, s.negative)
    assert (np.abs(middle - x) <= 1e-6 * np.minimum(x, 1 - x) + 1e-300).all()


@pytest.mark.parametrize("n", [4_000, 4_200, 70_000])
def test_merging_in_any_order_is_the_same(n: int) -> None:
    rng = np.random.default_rng(n)
    scores, truth = rng.beta(1, 4, n), rng.integers(0, 3, n)
    whole = counted(scores, truth)
    order = rng.permutation(n)
    for other in (counted(scores, truth, (10, 3_000)), counted(scores[order], truth[order], (n // 2,))):
        for name in ("cell", "bin", "negative", "positive", "unknown"):
            np.testing.assert_array_equal(getattr(whole, name), getattr(other, name))


def test_windows_and_segments_keep_apart() -> None:
    rng = np.random.default_rng(3)
    n, shape = 9_000, (3, 4)
    cell, scores, truth = rng.integers(0, 12, n), rng.random(n), rng.integers(0, 2, n)
    s = Scores.count(shape, cell, scores, truth, None)
    total = s.total()
    for v in range(4):
        mine = cell % 4 == v
        assert total.positive[total.cell == v].sum() == truth[mine].sum()
    taken = s.take(np.array([2]))
    assert taken.shape == (1, 4)
    assert taken.positive.sum() == truth[cell >= 8].sum()
    spread = Scores.join([s], [np.array([1, 3, 4])], 6)
    assert spread.rows.sum(axis=1).tolist() == [0, *s.rows.sum(axis=1)[:1], 0, *s.rows.sum(axis=1)[1:], 0]


def test_memory_is_bounded_by_bins() -> None:
    rng = np.random.default_rng(1)
    small, large = (counted(rng.random(n), np.zeros(n, np.int64)) for n in (100_000, 1_000_000))
    assert len(large.bin) < 1.5 * len(small.bin) < 15_000
