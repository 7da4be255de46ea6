"""What happened to parts of a sample, and what was expected of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as sk

from watchkeeper.estimation import Estimator
from watchkeeper.model import Model

N = 6_000
BINARY = Model(task="binary", outcome="y", prediction="said", score="score", window=None)
MULTICLASS = Model(task="multiclass", outcome="y", score={"a": "pa", "b": "pb", "c": "pc"}, window=None)
REGRESSION = Model(task="regression", outcome="y", prediction="said", window=None)


def binary(digits: int = 6, by_threshold: bool = True) -> pa.Table:
    rng = np.random.default_rng(0)
    x = rng.normal(size=N)
    score = np.round(1 / (1 + np.exp(-1.5 * x)), digits)
    said = (score >= 0.5) if by_threshold else rng.random(N) < score
    y = rng.random(N) < 1 / (1 + np.exp(-1.5 * x - 0.3))
    return pa.table({"x": x, "score": score, "said": said.astype(int), "y": y.astype(int)})


def multiclass() -> pa.Table:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N, 2))
    odds = np.exp(np.column_stack([x[:, 0], x[:, 1], np.zeros(N)]))
    p = odds / odds.sum(axis=1, keepdims=True)
    y = (rng.random(N)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    columns = {f"p{name}": p[:, i] for i, name in enumerate("abc")}
    return pa.table({"x0": x[:, 0], "x1": x[:, 1], "y": np.array(list("abc"))[y], **columns})


def regression() -> pa.Table:
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 3, N)
    return pa.table({"x": x, "said": 2 * x, "y": 2 * x + rng.normal(size=N) * (0.2 + x)})


Read = Callable[..., Any]


def sides_of(read: Read, table: pa.Table, model: Model) -> Any:
    _, profile, sample = read(table, model)
    estimator = Estimator.fit(profile, sample)
    assert estimator is not None
    return sample, estimator.sides(sample)


@pytest.mark.parametrize("table", [binary(), binary(2), binary(2, by_threshold=False)])
@pytest.mark.parametrize(
    ("metric", "measure", "by"),
    [
        ("accuracy", sk.accuracy_score, "said"), ("f1", sk.f1_score, "said"), ("roc_auc", sk.roc_auc_score, "score"),
        ("brier_score", sk.brier_score_loss, "score"), ("log_loss", sk.log_loss, "score"),
    ],
)  # fmt: skip
def test_what_happened_is_what_scikit_learn_measures(
    read: Read, table: pa.Table, metric: str, measure: Any, by: str
) -> None:
    sample, sides = sides_of(read, table, BINARY)
    rows = sides.known & (sample.key % 3 == 0)
    given = {"said": sample.prediction, "score": sample.scores[:, 0]}[by][rows]
    exact = measure(sample.outcome[rows], given)
    rounding = 1e-9 if metric in ("accuracy", "f1") or len(np.unique(table["score"])) < 200 else 1e-3
    assert sides.happened(metric, rows) == pytest.approx(exact, abs=rounding)


def test_of_several_classes(read: Read) -> None:
    sample, sides = sides_of(read, multiclass(), MULTICLASS)
    rows = sides.known & (sample.key % 3 == 0)
    assert sides.happened("accuracy", rows) == pytest.approx(
        sk.accuracy_score(sample.outcome[rows], sample.prediction[rows]), abs=1e-12
    )
    assert sides.happened("f1_macro", rows) == pytest.approx(
        sk.f1_score(sample.outcome[rows], sample.prediction[rows], average="macro"), abs=1e-12
    )


def test_of_errors(read: Read) -> None:
    sample, sides = sides_of(read, regression(), REGRESSION)
    rows = sides.known & (sample.key % 3 == 0)
    pair = sample.outcome[rows], sample.prediction[rows]
    assert sides.happened("mean_absolute_error", rows) == pytest.approx(sk.mean_absolute_error(*pair))
    assert sides.happened("root_mean_squared_error", rows) == pytest.approx(sk.root_mean_squared_error(*pair))
    assert sides.happened("r2", rows) == pytest.approx(sk.r2_score(*pair))


@pytest.mark.parametrize(
    ("table", "model", "metric"),
    [
        (binary(), BINARY, "accuracy"), (multiclass(), MULTICLASS, "accuracy"),
        (regression(), REGRESSION, "mean_absolute_error"),
    ],
)  # fmt: skip
def test_in_the_reference_what_is_expected_is_what_happened(
    read: Read, table: pa.Table, model: Model, metric: str
) -> None:
    sample, sides = sides_of(read, table, model)
    every = sides.known
    expected, happened = sides.expected(metric, every), sides.happened(metric, every)
    assert expected == pytest.approx(happened, rel=0.02)
    lost, usual = sides.losses(metric)
    assert np.nanmean(lost) == pytest.approx(1 - happened if metric == "accuracy" else happened)
    assert usual.mean() == pytest.approx(np.nanmean(lost), rel=0.05)
    half = every & (sample.key % 2 == 0)
    assert np.isnan(sides.happened(metric, half & ~half))


def test_only_rows_with_an_outcome_are_known(read: Read) -> None:
    table = binary()
    hidden = np.arange(N) % 4 == 0
    table = table.set_column(3, "y", pa.array(table["y"].to_numpy(), mask=hidden))
    _, sides = sides_of(read, table, BINARY)
    assert sides.known.sum() == N - hidden.sum()
    assert sides.usable.all()
