from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from tests.estimation.conftest import sigmoid
from watchkeeper.estimation import Estimator
from watchkeeper.metrics import measure
from watchkeeper.model import Model

MODEL = Model(
    name="m", task="binary", score="s", prediction="said", outcome="y", positive=1, window="2000 rows",
    features=["a", "b"],
)  # fmt: skip


def rows(n: int, rng: np.random.Generator, moved: float = 0.0, known: bool = True) -> pa.Table:
    """The score knows a alone; b matters as much, and moves."""
    a, b = rng.normal(size=n), rng.normal(moved, 1, n)
    score = sigmoid(0.85 * a)
    y = (rng.random(n) < sigmoid(a + 1.5 * b * (a > 0))).astype(float)
    return pa.table(
        {"a": a, "b": b, "s": score, "said": (score >= 0.5) * 1, "y": y if known else np.full(n, np.nan)}
    )


@pytest.fixture(scope="module")
def estimator(fitted: Callable) -> tuple:
    return fitted(rows(20_000, np.random.default_rng(0)), MODEL)


@pytest.mark.parametrize("moved", [0.0, 1.0])
def test_intervals_hold_what_is_realised_under_covariate_shift(
    estimator: tuple, read: Callable, moved: float
) -> None:
    plan, fit = estimator
    _, profile, sample = read(rows(100_000, np.random.default_rng(1), moved), MODEL, plan)
    found = fit.estimate(profile, sample)
    realised = {s.metric.name: s.estimate.value for s in measure(profile) if s.column is None}
    plain = fit.parts.calibrator
    assert plain is not None
    for name, estimate in found.items():
        covered = (realised[name] >= estimate.low) & (realised[name] <= estimate.high)
        assert covered.mean() >= 0.86, name  # 50 windows: nominal 0.95 less three standard errors
        assert (estimate.low <= estimate.value).all()
        assert (estimate.count == 2_000).all()
    if moved:
        usual = fit.estimate(*read(rows(100_000, np.random.default_rng(2)), MODEL, plan)[1:])
        gap = abs(realised["precision"].mean() - usual["precision"].value.mean())
        assert abs(realised["precision"].mean() - found["precision"].value.mean()) < 0.3 * gap


def test_outcomes_are_not_looked_at(estimator: tuple, read: Callable) -> None:
    plan, fit = estimator
    with_truth, without = (
        fit.estimate(*read(rows(6_000, np.random.default_rng(3), known=known), MODEL, plan)[1:])
        for known in (True, False)
    )
    assert with_truth.keys() == without.keys()
    for name in with_truth:
        np.testing.assert_allclose(with_truth[name].value, without[name].value, rtol=1e-12)


def test_a_window_beyond_the_reference_is_told(estimator: tuple, read: Callable) -> None:
    plan, fit = estimator
    for moved, warned in ((0.0, False), (8.0, True)):
        _, profile, sample = read(rows(2_000, np.random.default_rng(4), moved), MODEL, plan)
        support = fit.support(profile, sample)
        assert support.warned.tolist() == [warned]
        if warned:
            assert support.column == ("b",)


def test_labels_need_not_follow_a_threshold(fitted: Callable, read: Callable) -> None:
    rng = np.random.default_rng(5)

    def noisy(table: pa.Table) -> pa.Table:
        said = (rng.random(table.num_rows) < table["s"].to_numpy()) * 1
        return table.set_column(table.schema.get_field_index("said"), "said", pa.array(said))

    plan, fit = fitted(noisy(rows(20_000, rng)), MODEL)
    _, profile, sample = read(noisy(rows(40_000, rng)), MODEL, plan)
    realised = {s.metric.name: s.estimate.value for s in measure(profile) if s.column is None}
    found = fit.estimate(profile, sample)
    for name in ("accuracy", "precision", "recall"):
        assert found[name].value.mean() == pytest.approx(realised[name].mean(), abs=0.01)


def test_without_outcomes_there_is_nothing_to_learn(read: Callable) -> None:
    _, profile, sample = read(rows(500, np.random.default_rng(6), known=False), MODEL)
    assert Estimator.fit(profile, sample) is None
