"""A full disk, asked about before anything is written, and told where it fills up meanwhile."""

from __future__ import annotations

import errno
import shutil
from collections import namedtuple
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake.exceptions import DeltaError

from watchkeeper.errors import WorkspaceError
from watchkeeper.journal.room import room_for
from watchkeeper.journal.schemas import TABLES
from watchkeeper.journal.table import Table

ROWS = pa.table({"id": ["a"] * 1000, "x": [1.0] * 1000})
Usage = namedtuple("Usage", "total used free")


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9 - size, size))


def test_it_says_how_much_is_free_and_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(str(tmp_path / "journal" / "m" / "predictions"), TABLES["predictions"])
    free(monkeypatch, 100_000)
    with pytest.raises(
        WorkspaceError, match=r"predictions: the disk is full: 0\.10 MB are free, 0\.2\d MB are"
    ):
        table.append(pa.table({"id": ["a"], "timestamp": pa.array([0], pa.timestamp("us", "UTC"))}), 1)
    assert not (tmp_path / "journal").exists()
    free(monkeypatch, 10_000_000)
    assert table.append(pa.table({"id": ["a"], "timestamp": pa.array([0], pa.timestamp("us", "UTC"))}), 1)


def test_a_file_for_each_date_needs_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    dates = pa.table({"date": pa.array(range(1000), pa.date32())})
    free(monkeypatch, 1_000_000)
    with room_for("/", dates.slice(0, 10)):
        pass
    with pytest.raises(WorkspaceError, match=r"4\.\d\d MB are needed"), room_for("/", dates):
        pass


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        DeltaError("Unable to copy: No space left (os error 28)"),
    ],
)
def test_a_disk_that_fills_up_meanwhile(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(WorkspaceError, match="the disk is full"), room_for(str(tmp_path), ROWS):
        raise error


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(DeltaError, match="a defect"), room_for(str(tmp_path), ROWS):
        raise DeltaError("a defect")


def test_of_an_object_store_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 0)
    with room_for("s3://bucket/journal", ROWS):
        pass
