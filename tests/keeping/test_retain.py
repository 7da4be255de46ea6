"""Retain: whole dates go, windows are never parted."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.keeping.build import DAY, MODEL, NOW, START, built, moment, rows_of
from watchkeeper.errors import WatchkeeperError
from watchkeeper.keeping import retain, status
from watchkeeper.running import run
from watchkeeper.workspace import Workspace


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("original") / "ws")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ws"))


def dates(folder: Path, table: str = "predictions") -> list[str]:
    return sorted({f"{row['date']}" for row in rows_of(folder, table)})


def test_old_dates_go_at_once(folder: Path) -> None:
    profiles = rows_of(folder, "profiles")
    with Workspace.open(folder) as workspace:
        found = {one.table: one for one in retain(workspace, 5, now=NOW)}
        assert found["predictions"].old.rows == 7 * 30
        assert dates(folder) == [f"2026-01-{day:02}" for day in range(8, 13)]
        assert dates(folder, "truth")[0] == "2026-01-08"
        assert not list((folder / "journal").rglob("date=2026-01-0[1-7]/*.parquet"))
        assert rows_of(folder, "profiles") == profiles
        assert run(workspace, now=NOW).idle


def test_outcomes_go_with_their_predictions(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
        found = {one.table: one for one in retain(workspace, 5, now=NOW)}
        assert found["outcomes"].late > 0
        left = {row["id"] for row in rows_of(folder)}
        assert {row["id"] for row in rows_of(folder, "outcomes")} <= left
        assert [c for one in status(workspace, NOW) for c in one.counts if c.kind == "orphan"] == []


def test_what_waits_and_is_old_goes_as_well(folder: Path) -> None:
    with wk.Logger(folder, model="m") as log:
        log.prediction(id="old", score=0.5, timestamp=moment(START))
    with Workspace.open(folder) as workspace:
        retain(workspace, 5, now=NOW)
    assert "old" not in {row["id"] for row in rows_of(folder)}


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "journal").rglob("*")}
    with Workspace.open(folder) as workspace:
        dry = retain(workspace, 5, now=NOW, dry_run=True)
        assert {path: path.stat().st_mtime_ns for path in (folder / "journal").rglob("*")} == before
        real = retain(workspace, 5, now=NOW)
    assert [(o.table, o.old.rows, o.late) for o in dry] == [(o.table, o.old.rows, o.late) for o in real]


def test_a_window_is_not_parted(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", replace(MODEL, window="1w", reference=None))
    with Workspace.open(folder) as workspace:
        retain(workspace, 3, now=NOW)  # 2026-01-10, a Saturday
    assert dates(folder)[0] == "2026-01-05"
    with wk.Logger(folder, model="m") as log:
        log.outcome("order-200", 1, known_at=moment(NOW))
    with Workspace.open(folder) as workspace:
        before = rows_of(folder, "profiles")
        assert run(workspace, now=NOW + DAY).steps[0].computed == 1
        after = rows_of(folder, "profiles")
    counts = [
        [row["value"] for row in rows if row["part"] == "rows" and row["window_start"] == START + 4 * DAY]
        for rows in (before, after)
    ]
    assert counts[1][-1] == counts[0][-1]


@pytest.mark.parametrize("days", [0, -1, 1.5, "7", True, 10**6, None])
def test_nonsense_is_refused(folder: Path, days: object) -> None:
    with (
        Workspace.open(folder) as workspace,
        pytest.raises(WatchkeeperError, match="days: a whole number from 1"),
    ):
        retain(workspace, days)  # type: ignore[arg-type]


def test_nothing_is_old(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        assert retain(workspace, 365, now=NOW) == []
