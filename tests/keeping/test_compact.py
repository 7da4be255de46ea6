"""Compact: fewer and smaller files, the same rows, and the same runs afterwards."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

import watchkeeper as wk
from tests.keeping.build import DAY, MODEL, NOW, START, built, disk, files_of, moment, predicted, rows_of
from tests.running.workspaces import profile_of_everything, same_profile, whole
from watchkeeper.journal import Journal, move
from watchkeeper.keeping import compact
from watchkeeper.result import Result
from watchkeeper.running import run
from watchkeeper.workspace import Workspace

TABLES = ("predictions", "outcomes", "truth", "events")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each day in two batches, so that every date has several files; corrections, and an id that comes again."""
    folder = built(tmp_path_factory.mktemp("original") / "ws", every=4)
    random = np.random.default_rng(1)
    with wk.Logger(folder, model="m") as log:
        for part in range(2):
            for day in range(12):
                predicted(log, 1000 + 100 * part + day, START + day * DAY + 5, random)
                log.outcome(f"order-{day * 30}", 1, known_at=moment(START + (day + 6) * DAY))
            log.prediction(id="again", score=0.9, timestamp=moment(START + (5 + part) * DAY))
            log.prediction(id="twice", score=0.1 * part, timestamp=moment(START + 6 * DAY))
            if not part:  # is withdrawn from the first prediction of that id when the second comes
                log.outcome("again", 1, known_at=moment(START + 8 * DAY))
            log.flush()
            with Workspace.open(folder) as workspace:
                run(workspace, now=NOW)
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ws"))


def compacted(folder: Path, hours: int = 0) -> None:
    with Workspace.open(folder) as workspace:
        compact(workspace, hours=hours)


def test_one_file_a_date_and_the_same_rows(folder: Path) -> None:
    before = {name: rows_of(folder, name) for name in TABLES}
    size = disk(folder / "journal")
    assert files_of(folder) > 24
    compacted(folder)
    dates = {row["date"] for row in before["predictions"]}
    assert files_of(folder) == len(dates)
    assert disk(folder / "journal") < 0.5 * size
    for name in ("predictions", "outcomes", "events"):
        assert rows_of(folder, name) == before[name], name


def test_what_a_run_does_is_the_same(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    compacted(folder)
    results = []
    for place in (folder, other):
        with wk.Logger(place, model="m") as log:
            for i in range(50):
                log.outcome(f"order-{i * 7}", 0, known_at=moment(NOW + i))
                late = moment(START + DAY + i)
                log.prediction(id=f"late-{i}", score=i / 50, timestamp=late, features={"size": float(i)})
        with Workspace.open(place) as workspace:
            done = run(workspace, now=NOW + DAY)
            assert done.steps[0].computed > 0
            results.append(done)
    mine, theirs = (done.steps[0] for done in results)
    assert (mine.computed, mine.judged, mine.waiting) == (theirs.computed, theirs.judged, theirs.waiting)
    assert isinstance(mine.result, Result)
    assert isinstance(theirs.result, Result)
    assert mine.result.metrics.equals(theirs.result.metrics)
    same_profile(profile_of_everything(folder), profile_of_everything(other))


def test_it_still_equals_the_whole(folder: Path, tmp_path: Path) -> None:
    compacted(folder)
    (tmp_path / "whole").mkdir()
    same_profile(profile_of_everything(folder), whole(folder, tmp_path / "whole", NOW))


def test_a_run_knows_what_is_new(folder: Path) -> None:
    compacted(folder)
    with Workspace.open(folder) as workspace:
        assert run(workspace, now=NOW).idle
        done = workspace.state.progress("m")
        predictions = Journal.of(workspace, "m").predictions
        assert predictions.files(after=done) == []
        assert predictions.files(after=done - 1) != []
        assert predictions.append(predictions.opened().to_pyarrow_table(), done) is False  # type: ignore[union-attr]


WINDOWS = {
    "profiles": ("plan", "window_start"),
    "service": ("series", "window_start"),
    "verdicts": ("window_start", "window_end"),
}


def test_what_runs_superseded_goes(folder: Path) -> None:
    profiles = profile_of_everything(folder)
    before = {name: rows_of(folder, name) for name in (*WINDOWS, "truth")}
    compacted(folder)
    same_profile(profile_of_everything(folder), profiles)
    after = {name: rows_of(folder, name) for name in before}
    assert [name for name in before if len(after[name]) >= len(before[name])] == []
    for name, keys in WINDOWS.items():
        assert _runs(after[name], keys) == {w: {max(runs)} for w, runs in _runs(before[name], keys).items()}
    assert not any(row["withdrawn"] for row in after["truth"])


def _runs(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[tuple[Any, ...], set[int]]:
    """Window → the runs that it has rows of."""
    found: dict[tuple[Any, ...], set[int]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), set()).add(row["run"])
    return found


def test_nothing_new_changes_nothing(folder: Path) -> None:
    compacted(folder)
    before = {path: path.stat().st_mtime_ns for path in (folder / "journal").rglob("*")}
    compacted(folder)
    assert {path: path.stat().st_mtime_ns for path in (folder / "journal").rglob("*")} == before


def test_readers_keep_their_files_for_an_hour(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        journal = Journal.of(workspace, "m")
        journal.view("all_rows", journal.predictions)
        count = journal.row("SELECT count(*) FROM all_rows")
        compact(workspace)
        assert journal.row("SELECT count(*) FROM all_rows") == count
        assert len(list((folder / "journal/m/predictions/_delta_log").glob("*.json"))) > 5
        compact(workspace, hours=0)
        assert len(list((folder / "journal/m/predictions/_delta_log").glob("*.json"))) <= 1


def test_neither_ids_nor_features_have_statistics(folder: Path) -> None:
    compacted(folder)
    with Workspace.open(folder) as workspace:
        files = Journal.of(workspace, "m").predictions.files()
    group = parquet.ParquetFile(files[0]).metadata.row_group(0)
    kept = {c.path_in_schema for c in map(group.column, range(group.num_columns)) if c.statistics is not None}
    assert kept == {"timestamp", "batch"}


def test_a_file_is_sorted_by_time(folder: Path) -> None:
    compacted(folder)
    with Workspace.open(folder) as workspace:
        for file in Journal.of(workspace, "m").predictions.files():
            moments = parquet.ParquetFile(file).read(["timestamp"])["timestamp"].to_pylist()
            assert moments == sorted(moments)


def test_a_wider_row_after_it_is_read_with_the_others(folder: Path) -> None:
    compacted(folder)
    with wk.Logger(folder, model="m") as log:
        log.prediction(id="new", score=0.5, features={"size": "odd", "more": 1.0}, timestamp=moment(START))
    with Workspace.open(folder) as workspace:
        move(workspace)
    compacted(folder)
    row = next(row for row in rows_of(folder) if row["id"] == "new")
    assert (row["features"]["more"], row["misfits"]) == (1.0, [("size", '"odd"')])
    assert sum(row["features"] is not None for row in rows_of(folder)) > 300


def kept_of_versions(folder: Path, reference: Path) -> set[str | None]:
    """Whose the file is that is kept, where it is a version's own reference as well."""
    with Workspace.open(folder) as workspace:
        model = replace(workspace.model("m"), reference={"2": str(reference), "default": str(reference)})
        workspace.save_model(model)
    with wk.Logger(folder, model="m") as log:
        for i in range(40):
            log.prediction(
                id=f"v{i}", score=0.5, timestamp=moment(START), features={"size": 1.0}, version="2"
            )
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
    compacted(folder)
    return {json.loads(row["reference"])[-1] for row in rows_of(folder, "references")}


def test_a_reference_file_is_kept_as_it_is_now(tmp_path: Path) -> None:
    reference = tmp_path / "reference.csv"
    folder = tmp_path / "ws"
    for number in range(2):
        rows = [f"{i / 50},{i % 7},{'ab'[i % 2]}" for i in range(50 + number)]
        reference.write_text("\n".join(["score,size,place", *rows]))
        built(folder, replace(MODEL, reference=str(reference), segments=()), days=2 + number, every=1)
    before = {row["reference"] for row in rows_of(folder, "references")}
    compacted(folder)
    after = {row["reference"] for row in rows_of(folder, "references")}
    assert len(before) > len(after) == 1
    assert json.loads(after.pop())[1:3] == [reference.stat().st_size, reference.stat().st_mtime_ns]
    assert kept_of_versions(folder, reference) == {None, "2"}
    with wk.Logger(folder, model="m") as log:
        log.prediction(id="late", score=0.5, timestamp=moment(START), features={"size": 1.0})
    with Workspace.open(folder) as workspace:
        assert run(workspace, now=NOW).steps[0].result is not None
