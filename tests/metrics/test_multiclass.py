"""Averages over classes against scikit-learn."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from watchkeeper.metrics.multiclass import METRICS
from watchkeeper.model import Model

AVERAGES = ("macro", "micro", "weighted")
NAMES = [f"{score}_{average}" for score in ("precision", "recall", "f1") for average in AVERAGES]
SHARES = np.array([0.5, 0.3, 0.2])
HITS = np.array([0.8, 0.6, 0.7])


def rows(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    y = rng.choice(3, n, p=SHARES)
    p = np.where(rng.random(n) < HITS[y], y, (y + rng.integers(1, 3, n)) % 3)
    names = np.array(["cat", "dog", "eel"])
    return {"y": names[y], "p": names[p], "s": rng.choice(["a", "b"], n), "w": rng.uniform(0.2, 3.0, n)}


def model(**keys: object) -> Model:
    given = {"task": "multiclass", "prediction": "p", "outcome": "y", "window": "200 rows", "segments": ["s"]}
    return Model(**(given | keys))


@pytest.mark.parametrize("weighted", [False, True])
def test_averages_equal_scikit_learn(measured, rng, weighted):
    data = rows(rng, 800)
    found = measured(model(weight="w" if weighted else None), data)
    numbers = found.numbers(METRICS, "s")
    for window in range(4):
        for v, value in enumerate(found.profile.slices["s"].values):
            here = (np.arange(800) // 200 == window) & (data["s"] == value)
            if not here.any():
                continue
            y, p = data["y"][here], data["p"][here]
            weight = data["w"][here] if weighted else None
            for name in NAMES:
                score, _, average = name.rpartition("_")
                expected = getattr(sk, f"{score}_score")(y, p, average=average, sample_weight=weight)
                estimate = numbers[name, None]
                assert estimate.value[window, v] == pytest.approx(expected, abs=1e-9), name
                assert estimate.low[window, v] < estimate.value[window, v] < estimate.high[window, v]
                assert estimate.count[window, v] == here.sum()
            for name, labels in (("predicted_class_rate", p), ("observed_class_rate", y)):
                expected = np.average(labels == "dog", weights=weight)
                assert numbers[name, "dog"].value[window, v] == pytest.approx(expected, abs=1e-9)


def test_classes_that_a_window_lacks_or_never_predicts(measured):
    reference = {"y": ["cat", "dog", "eel"], "p": ["cat", "dog", "eel"]}
    data = {"y": ["cat", "cat", "dog", "dog"], "p": ["cat", "cat", "cat", "cat"]}
    numbers = measured(model(window=None, segments=[]), data, reference).numbers(METRICS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in NAMES:
            score, _, average = name.rpartition("_")
            expected = getattr(sk, f"{score}_score")(data["y"], data["p"], average=average)
            assert numbers[name, None].value.item() == pytest.approx(expected, abs=1e-9), name


def test_labels_never_seen_are_wrong_unless_equal(measured):
    reference = {"y": ["cat", "dog", "eel"], "p": ["cat", "dog", "eel"]}
    data = {"y": ["cat", "fox", "fox", "dog"], "p": ["cat", "fox", "gnu", "dog"]}
    numbers = measured(model(window=None, segments=[]), data, reference).numbers(METRICS)
    assert numbers["f1_micro", None].value.item() == pytest.approx(0.75)
    assert numbers["recall_weighted", None].value.item() == pytest.approx(0.75)
    assert numbers["recall_macro", None].value.item() == pytest.approx((1 + 1 + 0.5) / 3)


def test_perfect_windows_keep_an_interval(measured):
    data = {"y": ["cat", "dog"] * 20, "p": ["cat", "dog"] * 20}
    numbers = measured(model(window=None, segments=[]), data).numbers(METRICS)
    for name in NAMES:
        assert numbers[name, None].value.item() == 1.0
        assert 0.8 < numbers[name, None].low.item() < 0.96, name
        assert numbers[name, None].high.item() == 1.0


def _truth() -> dict[str, float]:
    wrong = (1 - HITS) / 2
    table = np.where(np.eye(3, dtype=bool), HITS, wrong[:, None]) * SHARES[:, None]
    hit, said = np.diag(table), table.sum(axis=0)
    f1 = 2 * hit / (SHARES + said)
    return {
        "precision_macro": (hit / said).mean(), "precision_weighted": (SHARES * hit / said).sum(),
        "recall_macro": HITS.mean(), "f1_macro": f1.mean(), "f1_weighted": (SHARES * f1).sum(),
        "f1_micro": hit.sum(),
    }  # fmt: skip


@pytest.mark.parametrize("matrix", [True, False])
def test_intervals_cover(measured, rng, matrix):
    found = measured(model(window="150 rows", segments=[]), rows(rng, 150 * 1000))
    if not matrix:  # as with more than 20 classes: wider, never narrower
        cells = found.profile.slices[None]
        assert cells.confusion is not None
        cells = replace(cells, confusion=replace(cells.confusion, matrix=None))
        found.profile = replace(found.profile, slices={None: cells})
    numbers = found.numbers(METRICS)
    for name, truth in _truth().items():
        estimate = numbers[name, None]
        covered = float(((estimate.low <= truth) & (truth <= estimate.high)).mean())
        assert 0.93 <= covered <= (0.975 if matrix else 1.0), (name, covered)
