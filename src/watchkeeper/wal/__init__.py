"""The write-ahead log: what services append, and what the mover takes from it."""

from watchkeeper.wal.block import FIELDS, KINDS, Block, encode
from watchkeeper.wal.disk import sync_file, sync_folder
from watchkeeper.wal.names import file_name
from watchkeeper.wal.reading import Damage, first_model, read_segment
from watchkeeper.wal.segments import Segment, remove, request_rotation, segments
from watchkeeper.wal.writing import Writer

__all__ = [
    "FIELDS", "KINDS", "Block", "Damage", "Segment", "Writer", "encode", "file_name", "first_model", "read_segment",
    "remove", "request_rotation", "segments", "sync_file", "sync_folder",
]  # fmt: skip
