"""Outcomes: what is counted of predictions against what happened, in the corners."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.profiles.frames import plan, profile
from watchkeeper.model import Model
from watchkeeper.profiles import Calibration

EPSILON = float(np.finfo(np.float64).eps)


def calibration(outcome: list[str], **scores: list[float]) -> Calibration:
    model = Model(
        name="m", task="multiclass", outcome="y", score={name: name for name in scores}, window=None
    )
    columns = {name: pa.array(values, pa.float64()) for name, values in scores.items()}
    rows = pa.table({"y": pa.array(outcome).dictionary_encode(), **columns})
    found = profile(rows, plan(rows, model)).everything.calibration
    assert found is not None
    return found


@pytest.mark.filterwarnings("error")
def test_a_row_whose_scores_are_all_zero_has_the_greatest_loss() -> None:
    found = calibration(["a", "b"], a=[0.0, 0.0], b=[0.0, 1.0])
    assert found.log_loss.item() == pytest.approx(-np.log(EPSILON))
    assert found.squares.item() == pytest.approx(1.0)


def test_a_class_without_a_score_happens_against_a_probability_of_zero() -> None:
    found = calibration(["a", "c"], a=[0.8, 0.3], b=[0.2, 0.7])
    assert found.squares.item() == pytest.approx(0.2**2 + 0.2**2 + 0.3**2 + 0.7**2 + 1)
