"""What a state remembers, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from watchkeeper.errors import WorkspaceError
from watchkeeper.state import Batch, Count, State, StoredFile

ODD = "naïve \U0001f6f0 / ' \" % :name"
BROKEN = "\x00 and \udcff"  # NUL, which PostgreSQL refuses, and half a surrogate pair, which nothing encodes
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_new_state_knows_nothing(state: State) -> None:
    assert (state.models(), state.open_batch(), state.last_batch(), state.last_run()) == ([], None, 0, None)
    assert (state.progress("m"), state.plans("m"), state.configuration("m")) == (0, [], None)
    assert (state.counts(), state.file("f"), state.fact("m", "k"), state.facts("m")) == ([], None, None, {})


def test_what_is_written_is_there_after_opening_again(state: State, url: str) -> None:
    state.set_fact("m", "k", 1)
    with State.open(url) as again:
        assert again.fact("m", "k") == 1


def test_batches_count_from_one(state: State) -> None:
    assert state.begin_batch(["a/1.wal", ODD]) == 1
    assert state.open_batch() == Batch(1, ("a/1.wal", ODD))
    state.finish_batch(1)
    assert state.open_batch() is None
    assert state.last_batch() == 1
    assert state.begin_batch([]) == 2
    assert state.last_batch() == 1


def test_a_restored_state_goes_on_behind_the_tables(state: State) -> None:
    assert state.begin_batch(["a"], above=7) == 8
    state.finish_batch(8)
    assert state.begin_batch(["b"], above=7) == 9


def test_a_batch_begins_only_when_the_one_before_is_finished(state: State) -> None:
    state.begin_batch(["a"])
    with pytest.raises(WorkspaceError, match="batch 1 is not finished"):
        state.begin_batch(["b"])
    with pytest.raises(WorkspaceError, match="there is no batch 2"):
        state.finish_batch(2)


def test_a_batch_that_is_finished_twice_counts_once(state: State) -> None:
    number = state.begin_batch(["a"])
    for _ in range(2):  # a process that ended between the tables and here repeats it
        state.finish_batch(number, [Count("m", "torn", "r", 3)], [StoredFile("log", 10, 20, "ab")])
    assert [(c.reason, c.count) for c in state.counts("m")] == [("r", 3)]
    assert state.file("log") == StoredFile("log", 10, 20, "ab")


def test_old_batches_are_forgotten_and_their_numbers_are_not(state: State) -> None:
    from sqlalchemy import func, insert, select

    from watchkeeper.state.tables import batches

    with state.writing() as connection:
        values = [{"number": n, "segments": "[]", "began_at": 0, "finished_at": 0} for n in range(1, 1201)]
        connection.execute(insert(batches), values)
    state.finish_batch(state.begin_batch([]))
    with state.reading() as connection:
        assert connection.execute(select(func.min(batches.c.number), func.max(batches.c.number))).one() == (
            202,
            1201,
        )
    assert state.begin_batch([]) == 1202


def test_a_run_advances_its_models_when_it_is_finished(state: State) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    number = state.begin_run("cron")
    begun = state.last_run()
    assert begun is not None
    assert (begun.number, begun.started_by, begun.finished_at, begun.outcome) == (1, "cron", None, None)
    assert before < begun.began_at < before + timedelta(minutes=5)
    assert state.progress("m") == 0
    state.finish_run(number, {"m": 7, ODD: 3}, "alarm")
    assert (state.progress("m"), state.progress(ODD), state.progress("other")) == (7, 3, 0)
    finished = state.last_run()
    assert finished is not None
    assert (finished.outcome, finished.models) == ("alarm", {"m": 7, ODD: 3})
    assert finished.finished_at is not None
    assert finished.finished_at >= finished.began_at


def test_progress_never_goes_back(state: State) -> None:
    first, second = state.begin_run(), state.begin_run()
    state.finish_run(second, {"m": 9}, "ok")
    state.finish_run(first, {"m": 5}, "ok")
    assert state.progress("m") == 9
    assert [r.number for r in state.runs()] == [2, 1]


def test_a_run_is_finished_once(state: State) -> None:
    number = state.begin_run()
    state.finish_run(number, {}, "ok")
    for wrong in (number, 99):
        with pytest.raises(WorkspaceError, match=f"run {wrong} was not begun"):
            state.finish_run(wrong, {"m": 1}, "ok")
    assert state.progress("m") == 0


def test_plans_are_numbered_by_model_and_all_stay(state: State) -> None:
    text = '{"plan": "' + "x" * 300_000 + '"}'
    assert [state.add_plan("m", "first"), state.add_plan("m", text), state.add_plan("other", "o")] == [
        1,
        2,
        1,
    ]
    assert [(p.number, p.text) for p in state.plans("m")] == [(1, "first"), (2, text)]
    assert (
        state.plans("m")[0].made_at <= state.plans("m")[1].made_at <= datetime.now(UTC) + timedelta(seconds=5)
    )


def test_the_last_configuration_replaces_the_one_before(state: State) -> None:
    state.set_configuration("m", "alpha: 0.01")
    state.set_configuration("m", ODD)
    assert state.configuration("m") == ODD


def test_counts_add_up_and_keep_the_newest_example(state: State) -> None:
    state.count("m", "misfit", "not a number", 2, example="fast", at=NOON)
    state.count("m", "misfit", "not a number", 3, at=NOON - timedelta(days=1))
    state.count(
        "m", "misfit", "not a number", 1, example="slow", at=NOON.astimezone(timezone(timedelta(hours=5)))
    )
    state.count("m", "misfit", "nothing", 0)
    assert state.counts("m") == [
        Count("m", "misfit", "not a number", 6, "slow", NOON - timedelta(days=1), NOON)
    ]


def test_counts_come_by_kind_most_frequent_first(state: State) -> None:
    found = [
        Count("m", "torn", "t", 1),
        Count("m", "misfit", "a", 1),
        Count("m", "misfit", "b", 9),
        Count("", "torn", "x", 4),
    ]
    state.add_counts(found)
    assert [(c.kind, c.reason) for c in state.counts("m")] == [
        ("misfit", "b"),
        ("misfit", "a"),
        ("torn", "t"),
    ]
    assert len(state.counts()) == 4


def test_broken_text_is_written_as_escapes(state: State) -> None:
    state.count("m", "torn", BROKEN, 1, example=BROKEN)
    state.count("m", "torn", BROKEN, 1)
    assert [(c.reason, c.count, c.example) for c in state.counts("m")] == [
        ("\\x00 and \\udcff", 2, "\\x00 and \\udcff")
    ]
    state.set_file(BROKEN, 1, 2, "ab")
    assert state.file(BROKEN) == StoredFile(BROKEN, 1, 2, "ab")
    state.set_fact("m", BROKEN, BROKEN)
    assert state.fact("m", BROKEN) == BROKEN


def test_a_long_reason_is_cut(state: State) -> None:
    for _ in range(2):
        state.count("m" * 200, "misfit", "\U0001f6f0" * 5_000, 1, example="e" * 100_000)
    (found,) = state.counts()
    assert (len(found.reason), found.count, len(found.example or "")) == (300, 2, 1000)


def test_a_file_is_replaced(state: State) -> None:
    state.set_file("log", 10, 20, "ab")
    state.set_file("log", 2**40, 2**41, "cd")
    assert state.file("log") == StoredFile("log", 2**40, 2**41, "cd")


@pytest.mark.parametrize("value", [0, 0.1, "", ODD, [1, {"a": None}], {"b": [True]}, False])
def test_facts_are_small_values(state: State, value: object) -> None:
    state.set_fact(ODD, ODD, value)
    assert state.fact(ODD, ODD) == value
    assert state.facts(ODD) == {ODD: value}
    state.set_fact(ODD, ODD, None)
    assert state.facts(ODD) == {}


def test_models_are_those_that_anything_is_known_of(state: State) -> None:
    state.add_plan("planned", "text")
    state.set_configuration("configured", "text")
    state.count("counted", "misfit", "r")
    state.count("", "torn", "of no model")
    state.set_fact("known", "k", 1)
    state.finish_run(state.begin_run(), {"judged": 1}, "ok")
    assert state.models() == ["configured", "counted", "judged", "known", "planned"]
