"""Disks that are full, read-only or gone: records wait, then the newest are dropped, and the service goes on."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.logger.conftest import Read


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk(small_disk: Path, read: Read, caplog: pytest.LogCaptureFixture) -> None:
    ballast = small_disk / "ballast"
    log = wk.Logger(small_disk, queue_rows=1_000)
    log.prediction(id="before")
    assert log.flush()
    with caplog.at_level(logging.WARNING, "watchkeeper"):
        ballast.write_bytes(b"x" * 900_000)
        for n in range(8_000):
            log.prediction(id=n, features={"x": "y" * 200})
            if n % 100 == 0:
                time.sleep(0.002)
        assert not log.flush()
        assert "disk: No space left on device" in log.dropped
        lost = sum(log.dropped.values())
        ballast.unlink()
        (small_disk / "wal" / "rotate").touch()
        (small_disk / "unneeded").touch()
        subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
        assert log.flush(10)
    log.prediction(id="after")
    assert log.close()
    ids = [r["id"] for r in read(small_disk)]
    assert (ids[0], ids[-1]) == ("before", "after")
    assert len(ids) == len(set(ids)) == 8_002 - lost
    assert sum(r["count"] for r in read(small_disk, "dropped")) == lost
    assert "No space left on device" in caplog.text


def test_a_disk_that_becomes_read_only(small_disk: Path, read: Read) -> None:
    log = wk.Logger(small_disk)
    log.prediction(id="before")
    assert log.flush()
    assert log._worker is not None
    log._worker.writer.rotate()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", small_disk / "wal"], check=True)
    log.prediction(id="during")
    assert not log.flush()
    with pytest.raises(wk.WorkspaceError, match=r"cannot be written \(Read-only"):
        wk.Logger(small_disk)
    subprocess.run(["umount", small_disk / "wal"], check=True)
    assert log.flush(10)
    assert log.close()
    assert [r["id"] for r in read(small_disk)] == ["before", "during"]


def test_a_file_that_may_not_grow(tmp_path: Path, read: Read) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = wk.Logger(tmp_path)
    log.prediction(id="before")
    assert log.flush()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
        for n in range(200):
            log.prediction(id=n, features={"x": "y" * 100})
        assert not log.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert log.flush(10)
    assert log.close()
    assert [r["id"] for r in read(tmp_path)] == ["before", *map(str, range(200))]


def test_a_folder_that_is_deleted(tmp_path: Path, read: Read) -> None:
    log = wk.Logger(tmp_path / "w")
    log.prediction(id="before")
    assert log.flush()
    shutil.rmtree(tmp_path / "w")
    log.prediction(id="after")
    assert log.flush(10)
    assert log.close()
    assert [r["id"] for r in read(tmp_path / "w")] == ["after"]
