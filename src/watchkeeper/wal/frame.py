"""The bytes of a segment: a header, then frames.

    header   7 bytes of magic, 1 of version, 8 random ones (this segment's marker), 4 bytes CRC-32 of these
    frame    marker, 4 bytes length and 4 bytes CRC-32 (little-endian; of length and payload), payload

Behind a broken frame the reader looks for the next marker. It is random, so that no payload holds it, not even one
that somebody wrote on purpose.
"""

from __future__ import annotations

import os
from typing import Final
from zlib import crc32

__all__ = [
    "HEADER", "LIMIT", "MARKER", "OVERHEAD", "VERSION", "checksum", "frame", "header", "new_marker", "read_header",
]  # fmt: skip

VERSION: Final = 1
MAGIC: Final = b"WKWAL\r\n"  # a transfer that changes line ends is seen at once
HEADER: Final = 20  # bytes
MARKER: Final = 8  # bytes
OVERHEAD: Final = 16  # bytes of a frame before its payload
LIMIT: Final = 1 << 28  # bytes of a payload; a greater length is a broken one


def new_marker() -> bytes:
    return os.urandom(MARKER)


def header(marker: bytes) -> bytes:
    """The first bytes of a segment.

    >>> len(header(new_marker())) == HEADER
    True
    """
    start = MAGIC + bytes((VERSION,)) + marker
    return start + crc32(start).to_bytes(4, "little")


def read_header(data: bytes) -> tuple[int, bytes] | None:
    """(version, marker) of a segment, or None where its header is not whole.

    >>> read_header(header(b"12345678"))
    (1, b'12345678')
    """
    whole = data.startswith(MAGIC) and crc32(data[:16]).to_bytes(4, "little") == data[16:HEADER]
    return (data[7], data[8:16]) if whole else None


def frame(payload: bytes, marker: bytes) -> bytes:
    length = len(payload).to_bytes(4, "little")
    return b"".join((marker, length, checksum(length, payload).to_bytes(4, "little"), payload))


def checksum(length: bytes, payload: bytes | memoryview) -> int:
    return crc32(payload, crc32(length))
