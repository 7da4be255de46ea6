"""Writer: appends frames to segments, durably."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import time
from collections.abc import Iterable
from pathlib import Path

from watchkeeper.wal.disk import FLAGS, sync_folder
from watchkeeper.wal.frame import HEADER, frame, header, new_marker
from watchkeeper.wal.lock import LOCK, acquire, require_locks
from watchkeeper.wal.names import CLOSED, OPEN, ROTATE

__all__ = ["SECONDS", "SIZE", "Writer", "new_name"]

SIZE = 64 << 20  # bytes of a segment: what the mover holds in memory at once
SECONDS = 60.0  # age at which a segment is closed, where nobody asks for it earlier


def new_name() -> str:
    """A name that no other writer has: host, process, chance.

    >>> new_name() != new_name()
    True
    """
    host = re.sub(r"[^A-Za-z0-9.]+", "-", platform.node())[:40].strip(".-") or "host"
    return f"{host}-{os.getpid()}-{os.urandom(4).hex()}"


class Writer:
    """Appends to the segments of one writer: ``<wal>/<name>/<number>.open``, renamed to ``.wal`` when closed.

    Nothing is made on disk before the first commit. One thread uses it at a time.

    Parameters
    ----------
    folder : the workspace's ``wal``
    name : of the writer; default: a new one
    size, seconds : a segment is closed when it is that large or that old

    >>> from tempfile import TemporaryDirectory
    >>> from watchkeeper.wal import Block, encode, read_segment, segments
    >>> with TemporaryDirectory() as folder:
    ...     writer = Writer(Path(folder))
    ...     writer.commit([encode(Block("release", "m", (), [[0, "1.2.7", None]]))])
    ...     writer.close()
    ...     [block.rows for segment in segments(folder) for block in read_segment(segment.path)]
    [[[0, '1.2.7', None]]]
    """

    def __init__(
        self, folder: Path, name: str | None = None, size: int = SIZE, seconds: float = SECONDS
    ) -> None:
        require_locks()
        self.name = name or new_name()
        self.wal = folder
        self.folder = folder / self.name
        self._size, self._seconds = size, seconds
        self._number = 0
        self._lock = self._file = -1
        self._path: Path | None = None  # of the segment that is not closed yet
        self._marker = b""
        self._durable = 0  # bytes of the segment that are on disk, and acknowledged
        self._broken = False  # bytes that are not acknowledged may lie behind them
        self._opened, self._asked = 0.0, 0

    def commit(self, payloads: Iterable[bytes]) -> None:
        """Append one frame for each payload; they are on disk when this returns.

        Raises
        ------
        OSError
            where the disk refuses; then none of them is there, and the same ones may be committed again
        """
        self._repair()
        if self._file >= 0 and not os.fstat(self._file).st_nlink:
            self.rotate()  # somebody deleted it: what is written there would be gone
        if self._file < 0:
            self._open()
        data = b"".join([frame(payload, self._marker) for payload in payloads])
        self._broken = True
        _write(self._file, data)
        os.fsync(self._file)
        self._durable += len(data)
        self._broken = False
        if self._durable >= self._size:
            with contextlib.suppress(OSError):  # what was committed is safe; the next call tries again
                self.rotate()

    def rotate_when_due(self) -> bool:
        """Close the segment where it is old, or where ``wal/rotate`` was touched since it was opened."""
        due = self._path is not None and (
            time.monotonic() - self._opened >= self._seconds or _touched(self.wal) != self._asked
        )
        if due:
            self.rotate()
        return due

    def rotate(self) -> None:
        """Close the segment, so that the mover can take it; the next commit opens another one."""
        self._repair()
        if self._path is None:
            return
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        with contextlib.suppress(FileNotFoundError):  # somebody deleted it
            if self._durable > HEADER:
                self._path.rename(self._path.with_suffix(CLOSED))
            else:
                self._path.unlink()
            sync_folder(self.folder)
        self._path = None

    def close(self) -> None:
        """Close the segment and give up the lock; a folder without segments goes away."""
        try:
            self.rotate()
        finally:
            self.release()
            with contextlib.suppress(OSError):
                (self.folder / LOCK).unlink()
                self.folder.rmdir()

    def release(self) -> None:
        """Let go of the descriptors without a touch on the disk: also in a forked child, whose parent goes on."""
        for descriptor in (self._file, self._lock):
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        self._file = self._lock = -1

    def _open(self) -> None:
        if self._path is not None:  # could not be renamed before
            self.rotate()
        if self._lock < 0 or not self.folder.exists():
            self._take_folder()
        self._number += 1
        asked, marker = _touched(self.wal), new_marker()
        path = self.folder / f"{self._number:08d}{OPEN}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | FLAGS, 0o644)
        self._path, self._marker, self._asked = path, marker, asked
        self._durable, self._broken = 0, True
        _write(self._file, header(marker))
        sync_folder(self.folder)
        self._durable, self._broken = HEADER, False
        self._opened = time.monotonic()

    def _take_folder(self) -> None:
        self.release()
        self._lock = acquire(self.folder)
        sync_folder(self.wal)

    def _repair(self) -> None:
        """After a failure: take away what was not acknowledged, and leave the segment.

        What a disk has after a failed fsync is not known, and a second one may say that all is well: so nothing
        more is written to that file.
        """
        if not self._broken:
            return
        assert self._path is not None
        with contextlib.suppress(FileNotFoundError):
            os.truncate(self._path, self._durable)
        self._broken = False
        self.rotate()


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _touched(wal: Path) -> int:
    """When somebody asked for the rows so far; 0: never."""
    try:
        return os.stat(wal / ROTATE).st_mtime_ns
    except OSError:
        return 0
