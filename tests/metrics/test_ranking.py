"""Ranking metrics against scikit-learn."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from sklearn import metrics as sk

from watchkeeper.metrics.ranking import _KNOWN, METRICS
from watchkeeper.model import Model


def binary(**keys: object) -> Model:
    given = {"task": "binary", "score": "q", "outcome": "y", "window": "1000 rows", "segments": ["s"]}
    return Model(**(given | keys))


def rows(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    y = (rng.random(n) < 0.3).astype(float)
    q = 1 / (1 + np.exp(-rng.normal(1.5 * y - 1, 1.5)))
    return {"y": y, "q": q, "s": rng.choice(["a", "b"], n), "w": rng.uniform(0.2, 3.0, n)}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("by", [None, "s"])
def test_binary_equals_scikit_learn(measured, rng, weighted, by):
    data = rows(rng, 3000)
    found = measured(binary(weight="w" if weighted else None), data)
    numbers = found.numbers(METRICS, by)
    for window in range(3):
        for v, value in enumerate(found.profile.slices[by].values):
            here = np.arange(3000) // 1000 == window
            here &= True if value is None else data["s"] == value
            if not here.any():
                continue
            y, q = data["y"][here], data["q"][here]
            weight = data["w"][here] if weighted else None
            auc, precision = numbers["roc_auc", None], numbers["average_precision", None]
            assert auc.value[window, v] == pytest.approx(
                sk.roc_auc_score(y, q, sample_weight=weight), abs=1e-4
            )
            assert precision.value[window, v] == pytest.approx(
                sk.average_precision_score(y, q, sample_weight=weight), abs=1e-4
            )
            assert auc.count[window, v] == here.sum()
            assert auc.low[window, v] < auc.value[window, v] < auc.high[window, v]


def test_windows_of_one_class_and_without_outcomes(measured):
    data = {"y": [0.0, 0, 1, 1, None, None], "q": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "s": ["a"] * 6}
    numbers = measured(binary(window="2 rows"), data).numbers(METRICS)
    assert np.isnan(numbers["roc_auc", None].value).all()
    assert (numbers["roc_auc", None].count == 0).all()
    assert np.isnan(numbers["average_precision", None].value[0, 0])


def test_many_classes_one_against_the_rest(measured, rng):
    names = np.array(["cat", "dog", "eel"])
    truth = rng.choice(3, 2000, p=[0.5, 0.3, 0.2])
    logits = rng.normal(size=(2000, 3)) + 1.5 * np.eye(3)[truth]
    q = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    data = {"y": names[truth], **{name: q[:, k] for k, name in enumerate(names)}}
    model = Model(task="multiclass", score={str(n): str(n) for n in names}, outcome="y", window="1000 rows")
    numbers = measured(model, data).numbers(METRICS)
    for window in range(2):
        here = slice(1000 * window, 1000 * window + 1000)
        for average in ("macro", "weighted"):
            expected = sk.roc_auc_score(truth[here], q[here], multi_class="ovr", average=average)
            estimate = numbers[f"roc_auc_{average}", None]
            assert estimate.value[window, 0] == pytest.approx(expected, abs=1e-4)
            assert estimate.low[window, 0] < expected < estimate.high[window, 0]
        for k, name in enumerate(names):
            expected = sk.average_precision_score(truth[here] == k, q[here, k])
            assert numbers["average_precision", name].value[window, 0] == pytest.approx(expected, abs=1e-4)
    assert numbers["roc_auc_macro", None].count.tolist() == [[1000], [1000]]


def test_areas_are_kept_only_while_their_slice_lives(measured, rng):
    found = measured(binary(), rows(rng, 1000))
    at_first = len(_KNOWN)
    found.numbers(METRICS)
    assert len(_KNOWN) == at_first + 1
    del found
    gc.collect()
    assert len(_KNOWN) <= at_first
