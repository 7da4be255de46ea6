"""The write-ahead log: what services append, and what the mover takes from it.

What only the mover needs is imported where it is first used: a service that logs starts without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from watchkeeper.wal.block import FIELDS, KINDS, Block, encode
from watchkeeper.wal.disk import sync_file, sync_folder
from watchkeeper.wal.names import file_name
from watchkeeper.wal.writing import Writer

if TYPE_CHECKING:
    from watchkeeper.wal.reading import Damage, first_model, read_segment
    from watchkeeper.wal.segment import Segment, remove, request_rotation, segments

__all__ = [
    "FIELDS", "KINDS", "Block", "Damage", "Segment", "Writer", "encode", "file_name", "first_model", "read_segment",
    "remove", "request_rotation", "segments", "sync_file", "sync_folder",
]  # fmt: skip

_HOMES = {
    **dict.fromkeys(("Damage", "first_model", "read_segment"), "watchkeeper.wal.reading"),
    **dict.fromkeys(("Segment", "remove", "request_rotation", "segments"), "watchkeeper.wal.segment"),
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'watchkeeper.wal' has no attribute {name!r}")
