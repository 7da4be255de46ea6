"""Truth that comes for some rows alone."""

from __future__ import annotations

import numpy as np
import pytest

import watchkeeper as wk

MODEL = wk.Model(task="binary", score="score", threshold=0.5, outcome="actual", positive=1, window=None)


def rows(known: np.ndarray) -> dict[str, object]:
    random = np.random.default_rng(0)
    score = random.random(2_000)
    actual = (random.random(2_000) < score).astype(float)
    return {"score": score, "actual": np.where(known(score, random), actual, np.nan)}


def notes(known) -> str:
    return " ".join(wk.check(rows(known), model=MODEL).notes)


def test_truth_of_the_approved_alone_is_told() -> None:
    said = notes(lambda score, random: score < 0.6)
    assert "Truth is known for 60 % of the current rows, and these are not like the rest" in said
    assert "mean score is 0.30, that of the others 0.80" in said


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_truth_that_is_missing_by_chance_is_not(share: float) -> None:
    assert "not like the rest" not in notes(lambda score, random: random.random(2_000) < share)
