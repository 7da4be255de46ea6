"""The lock by which a writer shows that it lives: the kernel frees it however the process ends."""

from __future__ import annotations

import os
import time
from pathlib import Path

from watchkeeper.errors import WorkspaceError

try:
    import fcntl
except ImportError:  # pragma: no cover - not a POSIX system
    fcntl = None  # type: ignore[assignment]

__all__ = ["LOCK", "acquire", "is_held", "require_locks"]

LOCK = "lock"  # the file in a writer's folder
TRIES, PAUSE = 50, 0.01  # seconds: a look at the lock takes microseconds


def require_locks() -> None:
    if fcntl is None:  # pragma: no cover
        raise WorkspaceError("the log needs a system with flock (Linux, macOS, BSD); this one has none")


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
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_nlink:
            return lock
    except BlockingIOError:
        pass
    os.close(lock)
    return None


def is_held(folder: Path) -> bool:
    """Whether the writer of this folder lives."""
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False
