"""Regression and multiclass."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.metrics import measure
from watchkeeper.model import Model

REGRESSION = Model(
    name="m", task="regression", prediction="p", outcome="y", features=["a", "c"], window="2000 rows"
)
CLASSES = ("u", "v", "w")
MULTICLASS = Model(
    name="m", task="multiclass", prediction="said", outcome="y", score={c: f"p_{c}" for c in CLASSES}, features=["a"],
    window="2000 rows",
)  # fmt: skip


def priced(n: int, rng: np.random.Generator, wild: float) -> pa.Table:
    """Errors three times as large in class "x", of which there are ``wild``."""
    c = np.where(rng.random(n) < wild, "x", "o")
    a = rng.normal(size=n)
    p = 50 + 10 * a
    y = p + rng.normal(size=n) * np.where(c == "x", 6, 2) * (1 + (a > 0))
    return pa.table({"a": a, "c": c.tolist(), "p": p, "y": y})


@pytest.mark.parametrize("wild", [0.2, 0.7])
def test_errors_are_told_by_the_rows(fitted: Callable, read: Callable, wild: float) -> None:
    plan, fit = fitted(priced(20_000, np.random.default_rng(0), 0.2), REGRESSION)
    _, profile, sample = read(priced(80_000, np.random.default_rng(1), wild), REGRESSION, plan)
    realised = {s.metric.name: s.estimate.value for s in measure(profile) if s.column is None}
    for name, found in fit.estimate(profile, sample).items():
        covered = (realised[name] >= found.low) & (realised[name] <= found.high)
        assert covered.mean() >= 0.82, name
        if name in ("mean_absolute_error", "root_mean_squared_error"):
            assert found.value.mean() == pytest.approx(realised[name].mean(), rel=0.03)


def labelled(n: int, rng: np.random.Generator) -> pa.Table:
    p = rng.dirichlet([1, 1, 1], n)
    y = (p.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    columns = {f"p_{c}": p[:, k] for k, c in enumerate(CLASSES)}
    words = np.array(CLASSES)
    return pa.table({"a": rng.normal(size=n), **columns, "said": words[p.argmax(axis=1)], "y": words[y]})


def test_classes_are_told_by_their_probabilities(fitted: Callable, read: Callable) -> None:
    plan, fit = fitted(labelled(20_000, np.random.default_rng(2)), MULTICLASS)
    _, profile, sample = read(labelled(80_000, np.random.default_rng(3)), MULTICLASS, plan)
    realised = {s.metric.name: s.estimate.value for s in measure(profile) if s.column is None}
    found = fit.estimate(profile, sample)
    assert {"accuracy", "f1_macro", "roc_auc_macro"} <= found.keys()
    for name, estimate in found.items():
        covered = (realised[name] >= estimate.low) & (realised[name] <= estimate.high)
        assert covered.mean() >= 0.82, name
        assert estimate.value.mean() == pytest.approx(realised[name].mean(), abs=0.01)
