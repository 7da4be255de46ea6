"""Disk: files and folders opened and made durable, as this system has it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["FLAGS", "sync_file", "sync_folder"]

FLAGS: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)
"""No child inherits the descriptor, and no byte is translated; on Windows both have other names."""


def sync_folder(folder: Path) -> None:
    """Let new and renamed files survive a loss of power; Windows opens no folder, its file systems log names."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    _sync(folder, os.O_RDONLY)


def sync_file(path: Path) -> None:
    """Let what a file holds survive a loss of power."""
    _sync(path, os.O_RDWR)  # Windows syncs no file that is open to read alone


def _sync(path: Path, how: int) -> None:
    descriptor = os.open(path, how | FLAGS)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
