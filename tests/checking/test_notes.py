"""Notes: what a person is told of the input."""

from __future__ import annotations

import numpy as np

import watchkeeper as wk
from watchkeeper.model import Model

DAYS = ["2026-01-01"] * 50 + ["2026-01-04"] * 50


def test_rows_that_weigh_nothing_are_told_as_such() -> None:
    rows = {"y": [0, 1] * 50, "said": [0, 1] * 50, "w": [0.0] * 100}
    model = Model(name="m", task="binary", outcome="y", prediction="said", weight="w", window=None)
    notes = wk.check(rows, model=model).notes
    assert "All 100 current rows have the weight 0 in 'w': nothing can be measured." in notes
    assert not any("has an outcome" in note for note in notes)


def test_a_reference_too_short_for_drift_is_told_and_alarms_nothing() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"v{i}" for i in range(60)])

    def rows(n: int) -> dict[str, np.ndarray]:
        return {"x": rng.normal(size=n), "c": rng.choice(words, n), "y": rng.normal(size=n)}

    result = wk.check(rows(2_000), rows(20), Model(name="m", window="200 rows"))
    assert (
        "The reference has fewer than 30 values of 'x', 'c', 'y': drift is not judged there." in result.notes
    )
    assert result.verdict != "alarm", result.sentence


def test_gaps_are_told_with_what_is_judged_there() -> None:
    rows = {"day": DAYS, "x": range(100)}
    plain = wk.check(rows, model=Model(name="m", timestamp="day", window="1d"))
    assert any(
        note.endswith("2 in a row since 2 January 2026: nothing is judged there.") for note in plain.notes
    )
    banded = Model(name="m", timestamp="day", window="1d", bands={"row_count": ">= 10"})
    result = wk.check(rows, model=banded)
    assert result.alarms.num_rows == 2
    assert any(note.endswith(": only their number is judged there.") for note in result.notes)
