"""Writers: rotation, who lives, what a failing disk leaves."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from watchkeeper.wal import Block, Writer, encode, read_segment, remove, request_rotation, segments


def one(n: int) -> bytes:
    return encode(Block("outcome", "m", (), [[f"id-{n}", None, n, None, 0]]))


def ids(folder: Path, take_open: bool = False) -> list[str]:
    found = segments(folder, take_open)
    return [row[0] for s in found for block in read_segment(s.path) for row in block.rows]


def states(folder: Path) -> list[str]:
    return [segment.state for segment in segments(folder, take_open=True)]


def test_nothing_is_made_before_the_first_commit(tmp_path: Path) -> None:
    Writer(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_a_living_writer_keeps_its_segment(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.commit([one(0)])
    assert segments(tmp_path) == []
    assert states(tmp_path) == ["living"]
    assert ids(tmp_path, take_open=True) == ["id-0"]
    seen = segments(tmp_path, take_open=True)[0].path
    writer.close()
    assert states(tmp_path) == ["closed"]
    assert len(list(read_segment(seen))) == 1  # renamed after it was listed


def test_a_dead_writer_leaves_its_segment(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.commit([one(0)])
    writer.release()  # as the kernel does when a process is killed
    assert states(tmp_path) == ["left"]
    assert ids(tmp_path) == ["id-0"]
    remove(segments(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_segments_are_closed_by_size_and_age(tmp_path: Path) -> None:
    writer = Writer(tmp_path, size=100)
    for n in range(9):
        writer.commit([one(n)])
    assert len(segments(tmp_path)) >= 3
    assert ids(tmp_path, take_open=True) == [f"id-{n}" for n in range(9)]
    assert [s.number for s in segments(tmp_path)] == sorted(s.number for s in segments(tmp_path))
    writer.close()
    writer = Writer(tmp_path / "b", seconds=2.0)
    assert not writer.rotate_when_due()
    writer.commit([one(0)])
    assert not writer.rotate_when_due()
    time.sleep(2.1)
    assert writer.rotate_when_due()
    assert states(tmp_path / "b") == ["closed"]
    writer.close()


def test_a_mover_asks_for_the_rows_so_far(tmp_path: Path) -> None:
    writers = [Writer(tmp_path) for _ in range(2)]
    for writer in writers:
        writer.commit([one(0)])
    assert not request_rotation(tmp_path, timeout=0.05)
    stop = threading.Event()

    def serve() -> None:
        while not stop.wait(0.01):
            for writer in writers:
                writer.rotate_when_due()

    thread = threading.Thread(target=serve)
    thread.start()
    assert request_rotation(tmp_path, timeout=5)
    stop.set()
    thread.join()
    assert states(tmp_path) == ["closed", "closed"]
    writers[0].commit([one(1)])
    assert not writers[0].rotate_when_due()  # asked before it was opened
    for writer in writers:
        writer.close()


def test_removing_segments_keeps_a_living_writer(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.commit([one(0)])
    writer.rotate()
    remove(segments(tmp_path))
    assert (writer.folder / "lock").exists()
    writer.commit([one(1)])
    writer.close()
    assert ids(tmp_path) == ["id-1"]
    remove(segments(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", ["write", "fsync", "truncate"])
def test_a_failed_commit_leaves_nothing_and_can_be_repeated(tmp_path: Path, fails: str) -> None:
    writer = Writer(tmp_path)
    writer.commit([one(0)])
    write = os.write

    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:

        def half(file: int, data: bytes) -> int:
            patch.setattr(os, "write", refuse)
            return write(file, data[:20])

        patch.setattr(os, "write", half)
        if fails != "write":
            patch.setattr(os, fails, refuse)
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                writer.commit([one(1)])
    writer.commit([one(1)])
    writer.commit([one(2)])
    writer.close()
    assert ids(tmp_path) == ["id-0", "id-1", "id-2"]


def test_a_writer_survives_its_folder(tmp_path: Path) -> None:
    import shutil

    writer = Writer(tmp_path)
    writer.commit([one(0)])
    shutil.rmtree(writer.folder)
    writer.commit([one(1)])
    writer.close()
    assert ids(tmp_path) == ["id-1"]


def test_two_writers_of_one_name_are_refused(tmp_path: Path) -> None:
    first, second = Writer(tmp_path, "same"), Writer(tmp_path, "same")
    first.commit([one(0)])
    with pytest.raises(OSError, match="held by another"):
        second.commit([one(1)])
    first.close()
