"""Forget: nothing of a person is left in any byte, and nothing of anybody else is gone."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import watchkeeper as wk
from tests.keeping.build import DAY, MODEL, NOW, START, built, ids_of, moment, rows_of, traces
from watchkeeper.errors import WatchkeeperError, WorkspaceError
from watchkeeper.journal import Journal
from watchkeeper.keeping import compact, forget
from watchkeeper.running import run
from watchkeeper.state.migrations import MIGRATIONS, migrate
from watchkeeper.wal import segments
from watchkeeper.workspace import Workspace


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("original") / "ws")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ws"))


@pytest.mark.parametrize("compacted", [False, True])
def test_an_id_leaves_no_trace(folder: Path, compacted: bool) -> None:
    others = [name for name in ids_of(folder) if name != "order-77"]
    assert list(traces(folder, "order-77"))
    with Workspace.open(folder) as workspace:
        if compacted:
            compact(workspace)
        done = forget(workspace, id="order-77")
        assert done.rows["m"]["predictions"] == 1
        assert done.left == ()
    assert list(traces(folder, "order-77")) == []
    assert ids_of(folder) == others


def test_a_subject_goes_with_all_that_happened(folder: Path) -> None:
    mine = {row["id"] for row in rows_of(folder) if row["subject"] == "person-3"}
    others = [row for row in rows_of(folder, "outcomes") if row["id"] not in mine]
    with Workspace.open(folder) as workspace:
        done = forget(workspace, subject="person-3")
    assert done.rows["m"]["predictions"] == len(mine) == 36
    assert list(traces(folder, "person-3")) == []
    assert rows_of(folder, "outcomes") == others
    for table in ("predictions", "outcomes", "truth"):
        assert not mine & {row["id"] for row in rows_of(folder, table)}


def test_a_subject_keeps_what_others_have_under_the_same_id(folder: Path) -> None:
    with wk.Logger(folder, model="m") as log:
        for day, who in ((1, "person-3"), (2, "somebody")):
            log.prediction(id="shared", score=0.5, timestamp=moment(START + day * DAY), subject=who)
            log.outcome("shared", 1, timestamp=moment(START + day * DAY))
    with Workspace.open(folder) as workspace:
        forget(workspace, subject="person-3")
    for table in ("predictions", "outcomes"):
        left = [row["timestamp"].day for row in rows_of(folder, table) if row["id"] == "shared"]
        assert left == [3]


def test_profiles_and_later_runs_stay_right(folder: Path) -> None:
    before = rows_of(folder, "profiles")
    with Workspace.open(folder) as workspace:
        forget(workspace, subject="person-3")
        assert rows_of(folder, "profiles") == before
        assert run(workspace, now=NOW).idle
        assert Journal.of(workspace, "m").predictions.append(pa.table({"id": ["x"]}), 1) is False


@pytest.mark.parametrize("living", [False, True])
def test_what_waits_in_the_log_is_found(folder: Path, living: bool) -> None:
    with wk.Logger(folder, model="m") as log:
        log.prediction(id="waiting-1", score=0.5, features={"size": 1.0}, subject="person-new")
        log.outcome("waiting-alone", 1)
        log.prediction(id="other", score=0.5)
        assert log.flush()
        if not living:
            log.close()
        with Workspace.open(folder) as workspace:
            assert forget(workspace, subject="person-new").rows["m"]["predictions"] == 1
            assert forget(workspace, id="waiting-alone").rows["m"]["outcomes"] == 1
            assert [s for s in segments(workspace.wal) if s.state != "living"] == []
        assert list(traces(folder, "person-new")) == list(traces(folder, "waiting-")) == []
        assert "other" in ids_of(folder)


def test_a_logger_that_hangs_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.keeping.forgetting.PATIENCE", 0.1)
    monkeypatch.setattr("watchkeeper.wal.writing.Writer.rotate_when_due", lambda self: False)
    with wk.Logger(folder, model="m") as log, Workspace.open(folder) as workspace:
        log.prediction(id="stuck", score=0.5)
        log.flush()
        forget(workspace, id="order-1")
        with pytest.raises(WorkspaceError, match=r"\.open: its process did not close it .* holds such rows"):
            forget(workspace, id="stuck")


def test_hashed_ids_are_found_by_what_the_service_knows(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", replace(MODEL, hash=("who", "id")), days=4)
    hashes = {row["subject"] for row in rows_of(folder)}
    assert "person-3" not in hashes
    with Workspace.open(folder) as workspace:
        assert forget(workspace, subject="person-3").rows["m"]["predictions"] == 12
        assert forget(workspace, id="order-5").rows["m"]["predictions"] == 1
    gone = hashes - {row["subject"] for row in rows_of(folder)}
    assert len(gone) == 1
    assert list(traces(folder, gone.pop())) == []


def test_examples_plans_and_backups_are_cleared(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        workspace.state.count(
            "m", "unmatched", "lines that fit no pattern", 3, "a line about order-77 and more"
        )
        workspace.state.count("m", "misfit", "values of 'size'", 2, '"wide"')
        workspace.state.set_fact("m", "known", {"list": ["order-77", "order-78"], "5": 5})
        migrate(workspace.state, (*MIGRATIONS, lambda connection: None))  # leaves a backup
        now = len(MIGRATIONS) + 1
        half = folder / f"state.db.{now}.backup.123"
        shutil.copy(folder / f"state.db.{now}.backup", half)
        assert list(traces(folder, "order-77"))
        sqlite3.connect(folder / "state.db").execute(f"UPDATE version SET number = {now}").connection.commit()
        done = forget(workspace, id="order-77")
        assert done.remembered >= 4
        found = {count.kind: count for count in workspace.state.counts("m")}
        assert (found["unmatched"].count, found["unmatched"].example) == (3, None)
        assert found["misfit"].example == '"wide"'
        assert "order-78" in str(workspace.state.fact("m", "known"))
    assert not half.exists()
    assert list(traces(folder, "order-77")) == []


def test_a_short_number_leaves_the_numbers_of_others(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        before = workspace.state.facts("m"), [plan.text for plan in workspace.state.plans("m")]
        forget(workspace, id="5")
        assert [plan.text for plan in workspace.state.plans("m")] == before[1]
        assert {k: v for k, v in workspace.state.facts("m").items() if k != "forgotten"} == before[0]


def test_errors_that_name_a_person_are_cleared(folder: Path) -> None:
    with wk.Logger(folder, model="m") as log:
        log.error("no price for order-77")
        log.error("timeout")
    with Workspace.open(folder) as workspace:
        forget(workspace, id="order-77")
    assert list(traces(folder, "order-77")) == []
    assert sorted(row["error"] for row in rows_of(folder, "events") if row["error"]) == [
        "(forgotten)",
        "timeout",
    ]


def test_that_it_was_is_remembered_not_who(folder: Path) -> None:
    known = rows_of(folder, "truth")[0]["id"]
    with Workspace.open(folder) as workspace:
        forget(workspace, id=known, now=5)
        forget(workspace, id="nobody", now=6)
        assert workspace.state.fact("m", "forgotten") == [
            {"at": 5, "rows": {"outcomes": 1, "truth": 1, "predictions": 1}}, {"at": 6, "rows": {}},
        ]  # fmt: skip


def test_files_of_the_user_are_named(folder: Path) -> None:
    (folder / "notes.txt").write_text("ask order-77")
    with Workspace.open(folder) as workspace:
        assert forget(workspace, id="order-77").left == (folder / "notes.txt",)


def test_what_a_killed_writer_left_goes_as_well(folder: Path) -> None:
    table = folder / "journal" / "m" / "predictions" / "date=2026-01-01"
    rows = pa.table({"id": ["order-77"]})
    for name in ("part-1-c000.zstd.parquet", "part-1-c000.zstd.parquet#1"):
        parquet.write_table(rows, table / name)
    (table.parent / "_delta_log" / "_commit_1.json.tmp").write_text("order-77")
    with Workspace.open(folder) as workspace:
        forget(workspace, id="order-77")
    assert list(traces(folder, "order-77")) == []


@pytest.mark.parametrize("given", [{}, {"id": "a", "subject": "b"}, {"id": ""}])
def test_it_must_be_clear_whom(folder: Path, given: dict[str, str]) -> None:
    with (
        Workspace.open(folder) as workspace,
        pytest.raises(WatchkeeperError, match="give an id, or a subject"),
    ):
        forget(workspace, **given)


def test_a_model_that_is_not_there_is_told(folder: Path) -> None:
    with (
        Workspace.open(folder) as workspace,
        pytest.raises(WorkspaceError, match=r"no model 'n'.*there are m"),
    ):
        forget(workspace, id="a", model="n")


def test_numbers_among_the_features_are_found(tmp_path: Path) -> None:
    model = wk.Model(name="m", task="binary", score="score", outcome="actual", id="customer")
    with Workspace.open(tmp_path, create=True) as workspace:
        workspace.save_model(model)
    with wk.Logger(tmp_path, model="m") as log:
        for i in range(3):
            log.prediction(id=f"call-{i}", features={"customer": 4711 + i}, score=np.float64(0.5))
    with Workspace.open(tmp_path) as workspace:
        assert forget(workspace, id="4712").rows["m"]["predictions"] == 1
    assert ids_of(tmp_path) == ["call-0", "call-2"]
