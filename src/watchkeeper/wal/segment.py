"""Segment: those of all writers: which there are, which may be taken, how to ask for more, how to remove them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from watchkeeper.wal.lock import LOCK, acquire, is_held
from watchkeeper.wal.names import CLOSED, OPEN, ROTATE

__all__ = ["Segment", "remove", "request_rotation", "segments"]

PAUSE = 0.02  # seconds between looks at the folder


@dataclass(frozen=True, order=True)
class Segment:
    """A file of blocks.

    Attributes
    ----------
    writer, number : whose, and the how manieth of it, from 1
    path : ``<wal>/<writer>/<number>.wal``, or ``.open``
    state : "closed" by its writer, "left" open by one that ended without closing it: both are complete and may be
        taken; "living": its writer still appends to it
    size : bytes
    """

    writer: str
    number: int
    path: Path
    state: Literal["closed", "left", "living"]
    size: int


def segments(folder: str | os.PathLike[str], take_open: bool = False) -> list[Segment]:
    """All segments below a workspace's ``wal``, by writer and number.

    Parameters
    ----------
    folder : the workspace's ``wal``; one that does not exist has none
    take_open : also those that living writers still append to, for a look at the newest rows

    >>> segments("/no/such/wal")
    []
    """
    return sorted(s for s in _all(Path(folder)) if take_open or s.state != "living")


def request_rotation(folder: str | os.PathLike[str], timeout: float = 2.0) -> bool:
    """Ask every writer to close its segment, and wait until those that were open are; False: some are not.

    >>> request_rotation("/no/such/wal")
    True
    """
    wal = Path(folder)
    waiting = {s.path for s in _all(wal) if s.state == "living"}
    if not waiting:
        return True
    (wal / ROTATE).touch()
    until = time.monotonic() + timeout
    while waiting := {s.path for s in _all(wal) if s.state == "living"} & waiting:
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE)
    return True


def remove(taken: Iterable[Segment]) -> None:
    """Delete segments, and the folders of writers that have ended when nothing is left in them."""
    folders = set()
    for segment in taken:
        segment.path.unlink(missing_ok=True)
        folders.add(segment.path.parent)
    for folder in folders:
        _tidy(folder)


def _tidy(folder: Path) -> None:
    """Remove the folder of a writer that has ended; the lock keeps a new one of this name away meanwhile."""
    with contextlib.suppress(OSError):
        if is_held(folder) or any(path.name != LOCK for path in folder.iterdir()):
            return
        lock = acquire(folder)
        try:
            if all(path.name == LOCK for path in folder.iterdir()):
                (folder / LOCK).unlink()
                folder.rmdir()
        finally:
            os.close(lock)


def _all(wal: Path) -> Iterator[Segment]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for folder in wal.iterdir():
            if folder.is_dir():
                yield from _of_writer(folder)


def _of_writer(folder: Path) -> Iterator[Segment]:
    lives = is_held(folder)  # before the look at its files: what it leaves behind after that comes next time
    for path in folder.iterdir():
        if path.suffix in (OPEN, CLOSED) and path.stem.isdecimal():
            left: Literal["living", "left"] = "living" if lives else "left"
            with contextlib.suppress(FileNotFoundError):  # renamed or taken in between
                state = "closed" if path.suffix == CLOSED else left
                yield Segment(folder.name, int(path.stem), path, state, path.stat().st_size)
