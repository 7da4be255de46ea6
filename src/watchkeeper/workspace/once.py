"""Files that are written whole: a reader never sees half of one."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

__all__ = ["put", "put_once"]


def put(path: Path, text: str) -> None:
    """Write a file, or replace it."""
    half = _half(path, text, 0o666)
    half.replace(path)


def put_once(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a file unless it is there; of several processes that do so at once, the first has its way."""
    if path.exists():
        return
    half = _half(path, text, mode)
    try:
        with suppress(FileExistsError):
            os.link(half, path)
    except OSError:  # a file system without links
        half.replace(path)
    half.unlink(missing_ok=True)


def _half(path: Path, text: str, mode: int) -> Path:
    half = path.with_name(f".{secrets.token_hex(8)}.half")
    try:
        with os.fdopen(
            os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:  # a full disk
        half.unlink(missing_ok=True)
        raise
    return half
