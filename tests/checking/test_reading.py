"""Reading: which rows are the reference and which are checked."""

from __future__ import annotations

import pytest

import watchkeeper as wk
from watchkeeper.errors import ModelError
from watchkeeper.model import Model

ROWS = {"day": [f"2026-01-{1 + i // 50:02d}" for i in range(400)], "x": [float(i % 7) for i in range(400)]}


def test_the_first_days_are_the_reference_of_the_rest() -> None:
    result = wk.check(ROWS, "first 4d", Model(name="m", timestamp="day", window="1d"))
    assert result.reference is not None
    assert result.current is not None
    assert result.reference.everything.rows.sum() == result.current.everything.rows.sum() == 200


@pytest.mark.parametrize("window", ["50 rows", None])
def test_a_reference_by_time_needs_windows_by_time(window: str | None) -> None:
    with pytest.raises(ModelError, match="goes by time, but window is"):
        wk.check(ROWS, "first 4d", Model(name="m", timestamp="day", window=window))
