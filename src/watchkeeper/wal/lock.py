"""The lock by which a writer shows that it lives: the kernel frees it however the process ends."""

from __future__ import annotations

import importlib
import os
import time
from pathlib import Path
from typing import Any

from watchkeeper.errors import WorkspaceError
from watchkeeper.wal.disk import FLAGS


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


fcntl, msvcrt = _module("fcntl"), _module("msvcrt")  # of POSIX, of Windows

__all__ = ["LOCK", "acquire", "is_held", "require_locks"]

LOCK = "lock"  # the file in a writer's folder
TRIES, PAUSE = 50, 0.01  # seconds: a look at the lock takes microseconds


def require_locks() -> None:
    if fcntl is None and msvcrt is None:
        raise WorkspaceError(
            "the log needs a system that locks files (Linux, macOS, BSD, Windows); this one does not"
        )


def acquire(folder: Path) -> int:
    """Take the lock of a writer's folder, making both; the descriptor holds it until it is closed.

    Raises
    ------
    OSError
        where somebody else has it, or the folder cannot be written
    """
    path = folder / LOCK
    for _ in range(TRIES):
        folder.mkdir(parents=True, exist_ok=True)
        lock = _try(path)
        if lock is not None:
            return lock
        time.sleep(PAUSE)
    raise OSError(f"{path} is held by another process")


def _try(path: Path) -> int | None:
    """The lock, or None where a mover looks at it, or removes it, at this very moment."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | FLAGS, 0o644)
    except FileNotFoundError:
        return None
    try:
        _take(lock)
        if os.fstat(lock).st_nlink:
            return lock
    except (BlockingIOError, PermissionError):
        pass
    os.close(lock)
    return None


def _take(lock: int, *, shared: bool = False) -> None:
    """Lock it at once, or raise an OSError; where nothing is shared, a look keeps another one away for microseconds."""
    if fcntl is not None:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    else:
        msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)


def is_held(folder: Path) -> bool:
    """Whether the writer of this folder lives."""
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | FLAGS)
    except OSError:
        return False
    try:
        _take(lock, shared=True)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False
