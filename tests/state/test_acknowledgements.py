"""Acknowledgements: added and never changed, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import pytest
from sqlalchemy import func, inspect, select, update

from watchkeeper.errors import WorkspaceError
from watchkeeper.state import State
from watchkeeper.state.migrations import migrate
from watchkeeper.state.tables import acknowledgements, version


def test_made_and_undone(state: State) -> None:
    assert state.acknowledgements("m") == []
    made = state.acknowledge("m", 100, 90, "first 4w", "ann", "new prices")
    assert (made.number, made.begin, made.seen, made.reference) == (1, 100, 90, "first 4w")
    assert (made.made_by, made.note, made.holds) == ("ann", "new prices", True)
    assert state.acknowledge("other", 5, 5, "v.parquet").number == 1
    state.undo_acknowledgement("m", 1, "bob")
    second = state.acknowledge("m", 200, 200, "first 4w")
    first, *rest = state.acknowledgements("m")
    assert rest == [second]
    assert (first.holds, first.undone_by, first.made_by, first.number, second.number) == (
        False,
        "bob",
        "ann",
        1,
        2,
    )
    with state.reading() as connection:
        assert connection.execute(select(func.count()).select_from(acknowledgements)).scalar() == 4
    assert state.models() == ["m", "other"]


@pytest.mark.parametrize("number", [1, 2])
def test_what_does_not_hold_cannot_be_undone(state: State, number: int) -> None:
    state.acknowledge("m", 100, 100, "first 4w")
    state.undo_acknowledgement("m", 1)
    with pytest.raises(WorkspaceError, match=f"no acknowledgement {number} of 'm' holds"):
        state.undo_acknowledgement("m", number)


def test_a_state_from_before_is_given_the_table(url: str) -> None:
    with State.open(url) as state, state.writing() as connection:
        columns = {c["name"] for c in inspect(connection).get_columns("acknowledgements", state.schema)}
        acknowledgements.drop(connection)
        connection.execute(update(version).values(number=1))
    with State.open(url) as state:
        migrate(state)
        assert state.acknowledge("m", 1, 1, "first 4w", "ann").number == 1
        with state.reading() as connection:
            migrated = inspect(connection).get_columns("acknowledgements", state.schema)
        assert {c["name"] for c in migrated} == columns


def test_a_name_is_forgotten(state: State) -> None:
    state.acknowledge("m", 1, 1, "first 4w", "ann-4711", "ann-4711 said so")
    assert state.forget({"ann-4711"}) == 2
    assert "4711" not in str(state.acknowledgements("m"))
