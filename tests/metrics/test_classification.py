"""Metrics of labels against scikit-learn, per window and segment."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from watchkeeper.metrics.classification import METRICS
from watchkeeper.model import Model

BINARY = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": lambda y, p, sample_weight: sk.precision_score(
        y, p, pos_label=1, sample_weight=sample_weight
    ),
    "recall": lambda y, p, sample_weight: sk.recall_score(y, p, pos_label=1, sample_weight=sample_weight),
    "f1": lambda y, p, sample_weight: sk.f1_score(y, p, pos_label=1, sample_weight=sample_weight),
    "specificity": lambda y, p, sample_weight: sk.recall_score(
        y, p, pos_label=0, sample_weight=sample_weight
    ),
    "negative_predictive_value": lambda y, p, sample_weight: sk.precision_score(
        y, p, pos_label=0, sample_weight=sample_weight
    ),
    "matthews_corrcoef": sk.matthews_corrcoef,
    "cohen_kappa": lambda y, p, sample_weight: sk.cohen_kappa_score(y, p, sample_weight=sample_weight),
    "positive_rate": lambda y, p, sample_weight: np.average(y, weights=sample_weight),
    "predicted_positive_rate": lambda y, p, sample_weight: np.average(p, weights=sample_weight),
    "majority_class_rate": lambda y, p, sample_weight: max(
        np.average(y == c, weights=sample_weight) for c in (0, 1)
    ),
}


def rows(rng: np.random.Generator, n: int, agree: float = 0.8) -> dict[str, np.ndarray]:
    y = (rng.random(n) < 0.3).astype(float)
    p = np.where(rng.random(n) < agree, y, 1 - y)
    return {"y": y, "p": p, "s": rng.choice(["a", "b", "c"], n), "w": rng.uniform(0.2, 3.0, n)}


def binary(**keys: object) -> Model:
    given_ = {
        "task": "binary",
        "prediction": "p",
        "outcome": "y",
        "window": "250 rows",
        "segments": ["s"],
    } | keys
    return Model(**given_)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("by", [None, "s"])
def test_binary_equals_scikit_learn(measured, rng, weighted, by):
    data = rows(rng, 1000)
    found = measured(binary(weight="w" if weighted else None), data)
    numbers = found.numbers(METRICS, by)
    values = found.profile.slices[by].values
    for window in range(4):
        for v, value in enumerate(values):
            here = np.arange(1000) // 250 == window
            here &= True if by is None else data["s"] == value
            if not here.any():
                assert all(np.isnan(e.value[window, v]) and e.count[window, v] == 0 for e in numbers.values())
                continue
            weight = data["w"][here] if weighted else None
            for name, function in BINARY.items():
                estimate = numbers[name, None]
                expected = function(data["y"][here], data["p"][here], sample_weight=weight)
                assert estimate.value[window, v] == pytest.approx(expected, abs=1e-9), name
                assert estimate.low[window, v] <= estimate.value[window, v] <= estimate.high[window, v], name
            assert numbers["accuracy", None].count[window, v] == here.sum()


def test_counts_are_the_rows_of_the_denominator(measured):
    data = {"y": [1.0, 1, 0, 0, None], "p": [1.0, 0, 0, 1, 1], "s": ["a"] * 5}
    numbers = measured(binary(window=None), data).numbers(METRICS)
    assert numbers["precision", None].count.item() == 2
    assert numbers["recall", None].count.item() == 2
    assert numbers["f1", None].count.item() == 3
    assert numbers["predicted_positive_rate", None].count.item() == 5
    assert numbers["outcome_coverage", None].value.item() == pytest.approx(0.8)
    assert numbers["outcome_coverage", None].count.item() == 5


def test_window_of_one_class_has_no_recall_of_the_other(measured):
    data = {"y": [0.0, 0, 0, 1], "p": [0.0, 1, 0, 1], "s": ["a"] * 4}
    found = measured(binary(window="3 rows"), data)
    numbers = found.numbers(METRICS)
    assert np.isnan(numbers["recall", None].value[0, 0])
    assert numbers["recall", None].count[0, 0] == 0
    assert np.isnan(numbers["matthews_corrcoef", None].value[1, 0])
    assert numbers["balanced_accuracy", None].value[0, 0] == pytest.approx(2 / 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert sk.balanced_accuracy_score([0, 0, 0], [0, 1, 0]) == pytest.approx(2 / 3)


def test_labels_of_text_and_labels_never_seen(measured):
    reference = {"y": ["no", "yes"], "p": ["no", "yes"], "s": ["a", "a"]}
    data = {"y": ["yes", "no", "maybe", "maybe"], "p": ["yes", "yes", "maybe", "perhaps"], "s": ["a"] * 4}
    numbers = measured(binary(window=None), data, reference).numbers(METRICS)
    assert numbers["accuracy", None].value.item() == pytest.approx(0.5)  # maybe = maybe, but not perhaps
    assert numbers["precision", None].value.item() == pytest.approx(0.5)
    assert numbers["recall", None].value.item() == pytest.approx(1.0)
    assert numbers["positive_rate", None].value.item() == pytest.approx(0.25)


def test_nothing_without_outcome_but_the_predicted_rate(measured):
    data = {"p": [1.0, 0, 0], "s": ["a"] * 3}
    numbers = measured(binary(window=None, outcome=None), data).numbers(METRICS)
    assert set(numbers) == {("predicted_positive_rate", None)}


def test_each_class_of_many(measured, rng):
    y = rng.choice(["cat", "dog", "eel"], 600)
    p = np.where(rng.random(600) < 0.7, y, rng.choice(["cat", "dog", "eel"], 600))
    model = Model(task="multiclass", prediction="p", outcome="y", window="300 rows")
    found = measured(model, {"y": y, "p": p})
    numbers = found.numbers(METRICS)
    for window in range(2):
        here = slice(300 * window, 300 * window + 300)
        assert numbers["matthews_corrcoef", None].value[window, 0] == pytest.approx(
            sk.matthews_corrcoef(y[here], p[here]), abs=1e-9
        )
        assert numbers["cohen_kappa", None].value[window, 0] == pytest.approx(
            sk.cohen_kappa_score(y[here], p[here]), abs=1e-9
        )
        parts = sk.precision_recall_fscore_support(y[here], p[here], labels=["cat", "dog", "eel"])
        for name, expected in zip(("precision", "recall", "f1"), parts, strict=False):
            for k, column in enumerate(("cat", "dog", "eel")):
                assert numbers[name, column].value[window, 0] == pytest.approx(expected[k], abs=1e-9)


def coverage(
    measured, rng, name: str, n: int, truth: float, weights: bool = False, windows: int = 700
) -> float:
    data = rows(rng, n * windows)
    if weights:
        data["w"] = rng.choice([0.5, 3.0], n * windows)
    model = binary(window=f"{n} rows", segments=[], weight="w" if weights else None)
    estimate = measured(model, data).numbers(METRICS)[name, None]
    return float(((estimate.low <= truth) & (truth <= estimate.high)).mean())


@pytest.mark.parametrize("n", [60, 500])
@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("accuracy", 0.8),
        ("balanced_accuracy", 0.8),
        ("matthews_corrcoef", (0.24 * 0.56 - 0.14 * 0.06) / (0.38 * 0.3 * 0.7 * 0.62) ** 0.5),
        ("cohen_kappa", (0.8 - 0.548) / (1 - 0.548)),
        ("f1", 0.48 / 0.68),
    ],
)
def test_intervals_cover(measured, rng, name, truth, n, weights):
    assert 0.925 <= coverage(measured, rng, name, n, truth, weights) <= 0.985


@given(pairs=st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1])), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_equal_scikit_learn_or_are_undefined(measured, pairs):
    y, p = (np.array(x, dtype=float) for x in zip(*pairs, strict=True))
    zeros = {"y": [0.0, 1.0], "p": [0.0, 1.0], "s": ["a", "a"]}
    numbers = measured(binary(window=None), {"y": y, "p": p, "s": ["a"] * len(y)}, zeros).numbers(METRICS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, function in BINARY.items():
            estimate = numbers[name, None]
            expected = function(y, p, sample_weight=None)
            if estimate.count.item():
                assert estimate.value.item() == pytest.approx(expected, abs=1e-9), name
                assert estimate.low.item() <= estimate.value.item() <= estimate.high.item(), name
            else:
                assert np.isnan(estimate.value.item())
                assert np.isnan(expected) or expected == 0.0, name  # scikit-learn says 0 and warns
