import numpy as np
import pytest
from sklearn import metrics as sk

from watchkeeper.estimation.expected import CELLS, CURVES, Expected, Window

SCORE = np.sort(np.round(np.random.default_rng(0).uniform(0.01, 0.99, 400), 3))
DISTINCT, ROWS = np.unique(SCORE, return_counts=True)
SCIKIT = {
    "accuracy": sk.accuracy_score, "balanced_accuracy": sk.balanced_accuracy_score, "precision": sk.precision_score,
    "recall": sk.recall_score, "f1": sk.f1_score, "matthews_corrcoef": sk.matthews_corrcoef,
    "specificity": lambda y, s: sk.recall_score(1 - y, 1 - s),
}  # fmt: skip
RANKED = {
    "roc_auc": sk.roc_auc_score, "average_precision": sk.average_precision_score, "log_loss": sk.log_loss,
    "brier_score": sk.brier_score_loss,
}  # fmt: skip


def expected(name: str, window: Window) -> Expected:
    return window.of_cells(CELLS[name]) if name in CELLS else CURVES[name](window)


def window_of(happened: np.ndarray) -> Window:
    """A window whose outcomes are certain, as the share of positives with each score."""
    p = np.array([happened[score == SCORE].mean() for score in DISTINCT])
    return Window(DISTINCT, ROWS.astype(float), p, (DISTINCT >= 0.5).astype(float))


@pytest.mark.parametrize("name", [*SCIKIT, *RANKED])
def test_with_known_outcomes_it_is_the_metric(name: str) -> None:
    y = (np.random.default_rng(1).random(len(SCORE)) < SCORE).astype(int)
    theirs = SCIKIT[name](y, (SCORE >= 0.5).astype(int)) if name in SCIKIT else RANKED[name](y, SCORE)
    assert expected(name, window_of(y)).value == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("name", [*SCIKIT, *RANKED])
def test_value_and_variance_are_those_of_realised_windows(name: str) -> None:
    rng = np.random.default_rng(2)
    window = Window(DISTINCT, ROWS.astype(float), DISTINCT, (DISTINCT >= 0.5).astype(float))
    found = expected(name, window)
    realised = [
        expected(name, window_of((rng.random(len(SCORE)) < SCORE).astype(int))).value for _ in range(400)
    ]
    assert found.value == pytest.approx(np.mean(realised), abs=4 * np.std(realised) / 20 + 2e-3)
    assert np.sqrt(found.variance) == pytest.approx(np.std(realised), rel=0.15)


def test_nothing_is_expected_where_nothing_can_happen() -> None:
    none = Window(np.array([0.2, 0.4]), np.ones(2), np.zeros(2), np.zeros(2))
    assert np.isnan(expected("roc_auc", none).value)
    assert np.isnan(expected("precision", none).value)
    assert expected("accuracy", none).value == 1
