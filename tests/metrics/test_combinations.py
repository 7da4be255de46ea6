"""Derivatives of what is made of a confusion table, against differences."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.metrics.classification import cohen_kappa, matthews_correlation
from watchkeeper.metrics.combinations import Measure, average_of_proportions
from watchkeeper.metrics.multiclass import f1_macro, f1_weighted, precision_weighted
from watchkeeper.metrics.tables import Table
from watchkeeper.profiles import Slice

MATRIX = np.array([[50.0, 7, 3], [9, 30, 2], [4, 6, 11]])


def table(matrix: np.ndarray) -> Table:
    rows = np.array([[matrix.sum()]])
    cells = Slice(None, np.rint(rows).astype(np.int64), rows, rows)
    margins = (part[None, None] for part in (matrix.sum(axis=1), matrix.sum(axis=0), np.diag(matrix)))
    return Table(*margins, matrix[None, None], cells)


@pytest.mark.parametrize(
    "measure", [cohen_kappa, matthews_correlation, f1_macro, f1_weighted, precision_weighted]
)
def test_slopes_are_derivatives(measure: Measure) -> None:
    slopes = measure(table(MATRIX))
    for i in range(3):
        for j in range(3):
            step = np.zeros((3, 3))
            step[i, j] = 1e-4
            up, down = (measure(table(MATRIX + sign * step)).value.item() for sign in (1, -1))
            found = slopes.true[0, 0, i] + slopes.predicted[0, 0, j] + (i == j) * slopes.correct[0, 0, i]
            assert found == pytest.approx((up - down) / 2e-4, abs=1e-9)


@pytest.mark.parametrize(
    "measure", [cohen_kappa, matthews_correlation, f1_macro, f1_weighted, precision_weighted]
)
def test_the_mean_derivative_is_zero(measure: Measure) -> None:
    """Twice the rows change nothing, which the variance relies on."""
    slopes, cells = measure(table(MATRIX)), table(MATRIX)
    total = (
        slopes.true * cells.true + slopes.predicted * cells.predicted + slopes.correct * cells.correct
    ).sum()
    assert total == pytest.approx(0.0, abs=1e-12)


def test_a_class_without_trials_makes_the_average_uncertain() -> None:
    matrix = np.array([[50.0, 0, 0], [0, 50, 0], [1, 0, 0]])
    cells = table(matrix)
    estimate = average_of_proportions(cells, cells.predicted, cells.present, 0.95)
    assert estimate.value.item() == pytest.approx((50 / 51 + 1) / 3)
    assert estimate.high.item() == pytest.approx(estimate.value.item() + 1 / 3, abs=0.01)
