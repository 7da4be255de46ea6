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


def test_the_default_of_versions_references_is_that_of_a_check() -> None:
    reference = {"2": "nowhere.parquet", "default": "first 4d"}
    result = wk.check(ROWS, model=Model(name="m", timestamp="day", reference=reference))
    assert result.reference is not None
    assert result.reference.everything.rows.sum() == 200
    alone = wk.check(ROWS, model=Model(name="m", timestamp="day", reference={"2": "nowhere.parquet"}))
    assert alone.reference is None


def test_what_is_dropped_is_not_watched() -> None:
    rows = {**ROWS, "email": ["a@example.org"] * 400}
    reference = {name: values[:200] for name, values in ROWS.items()}
    model = Model(name="m", timestamp="day", drop=["email"])
    for result in (
        wk.check(rows, model=model),
        wk.check(rows, reference, model),
        wk.check(ROWS, rows, model),
    ):
        assert "email" not in result.metrics.column("column").to_pylist()
        assert not [note for note in result.notes if "email" in note]


def test_a_window_within_its_grace_is_still_open() -> None:
    from datetime import UTC, datetime, timedelta

    today = datetime.now(UTC).date()
    days = [(today - timedelta(days=n)).isoformat() for n in (3, 2, 1) for _ in range(50)]

    def notes(grace: str | None) -> list[str]:
        model = Model(name="m", timestamp="day", grace=grace)
        result = wk.check({"day": days, "x": [float(i % 7) for i in range(150)]}, model=model)
        return [note for note in result.notes if "still open" in note]

    assert notes(None) == []
    assert [note.split(" from ")[0] for note in notes("9d")] == ["The 3 windows"]
    assert [note.split(" ")[1] for note in notes("1d")] == ["window"]
