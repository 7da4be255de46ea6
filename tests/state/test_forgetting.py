"""Forgetting: names leave the state and its backups; what was counted stays."""

from __future__ import annotations

import json

from sqlalchemy import text

from watchkeeper.state import State
from watchkeeper.state.migrations import MIGRATIONS, migrate


def everything(state: State) -> str:
    """All values of all tables, backups included."""
    with state.reading() as connection:
        if state.schema is None:
            return str(
                [connection.execute(text(f"SELECT * FROM {name}")).all() for name in _names(connection)]
            )
        found = connection.execute(
            text(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE :like"
            ),
            {"like": f"{state.schema}%"},
        ).all()
        return str([connection.execute(text(f'SELECT * FROM "{s}"."{t}"')).all() for s, t in found])


def _names(connection: object) -> list[str]:
    return list(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())  # type: ignore[attr-defined]


def test_examples_go_and_counts_stay(state: State) -> None:
    state.count("m", "unmatched", "lines that fit no pattern", 3, "user anna-1 said")
    state.count("m", "misfit", "of another type", 2, '"15"')
    state.count("m", "dropped", "a reason", 2, "5")
    assert state.forget({"anna-1", "5"}) == 2
    found = {count.kind: (count.count, count.example) for count in state.counts("m")}
    assert found == {"unmatched": (3, None), "misfit": (2, '"15"'), "dropped": (2, None)}


def test_categories_get_words_of_their_own(state: State) -> None:
    state.add_plan(
        "m", json.dumps({"values": ["anna-1", "anna-2", "b"], "edges": [1.5, 2.25], "12345678": 1})
    )
    assert state.forget({"anna-1", "anna-2"}) == 1
    plan = json.loads(state.plans("m")[0].text)
    assert len(set(plan["values"])) == 3
    assert plan["values"][2] == "b"
    assert plan["edges"] == [1.5, 2.25]
    assert "anna" not in everything(state)


def test_ids_are_looked_for_in_examples_alone(state: State) -> None:
    state.count("m", "conflict", "there with other values", 1, "order-1, order-2")
    state.set_fact("m", "known", "order-1")
    assert state.forget({"anna"}, {"order-1"}) == 1
    assert state.fact("m", "known") == "order-1"


def test_backups_forget_too(state: State) -> None:
    state.count("m", "unmatched", "lines that fit no pattern", 3, "user anna-1 said")
    migrate(state, (*MIGRATIONS, lambda connection: None))
    assert state.forget({"anna-1"}) == 2
    assert "anna-1" not in everything(state)


def test_nothing_to_forget_changes_nothing(state: State) -> None:
    state.set_fact("m", "delays", {"upto": 3, "counts": {"1024": 5}})
    before = everything(state)
    assert state.forget({"1024"}) == state.forget({"nobody"}) == 0
    assert everything(state) == before
