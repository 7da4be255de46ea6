"""The workspace's folder, ready to be written to."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from watchkeeper.errors import WatchkeeperError, WorkspaceError
from watchkeeper.wal.lock import require_locks

__all__ = ["WAL", "bounds", "prepared"]

WAL = "wal"


def prepared(workspace: str | PathLike[str], model: str) -> tuple[Path, str]:
    """(the folder, with its ``wal`` in it; the model's name).

    Raises
    ------
    WatchkeeperError
        where the folder cannot be made or written, or the name cannot be a file's
    """
    if not isinstance(model, str) or not model.strip() or model.startswith(".") or set(model) & set("/\\\0"):
        raise WatchkeeperError(
            f"model: a name is needed that can be a file's, such as 'flight-delay', got {model!r}"
        )
    if not isinstance(workspace, str | PathLike) or not os.fspath(workspace):
        raise WorkspaceError(f"workspace: a folder is needed, such as 'monitoring/', got {workspace!r}")
    require_locks()
    folder = Path(workspace).absolute()  # the service may change its working folder
    try:
        _try(folder / WAL)
    except OSError as error:
        raise WorkspaceError(
            f"workspace: {folder / WAL} cannot be written ({error.strerror}); let this process write there, "
            "or give another folder"
        ) from error
    return folder, model


def _try(wal: Path) -> None:
    wal.mkdir(parents=True, exist_ok=True)
    probe = wal / f".probe-{os.urandom(4).hex()}"
    probe.touch()
    probe.unlink()


def bounds(rows: object, size: object) -> tuple[int, int]:
    """What the queue may hold: rows, bytes."""
    return _bound("queue_rows", rows), _bound("queue_bytes", size)


def _bound(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise WatchkeeperError(f"{name}: a whole number above 0 is needed, got {value!r}")
    return value
