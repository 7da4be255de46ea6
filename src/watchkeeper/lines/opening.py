"""Opening a text log, compressed or not, where an earlier reading stopped."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Protocol

from watchkeeper.errors import SourceError

__all__ = ["BLOCK", "Stream", "cannot", "fingerprint", "is_beginning", "open_at"]

BLOCK = 1 << 20  # bytes read at once, and the longest line that is read
HEAD = 1 << 10  # bytes that tell a file from the one that took its name
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
WIDE = {b"\xff\xfe": "UTF-16LE", b"\xfe\xff": "UTF-16BE"}


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


def open_at(path: Path, offset: int) -> Stream | None:
    """A stream of the (decompressed) bytes from ``offset`` on; None where the file is shorter.

    Raises
    ------
    SourceError
        for a file that is not there, cannot be decompressed, or is no text
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        _checked(path, start)
        if start.startswith((GZIP, ZSTD)):
            return _skipped(_decompressed(path, start), offset)
        if path.stat().st_size < offset:
            return None
        plain = path.open("rb")
        plain.seek(offset)
        return plain
    except (OSError, EOFError, zlib.error) as error:
        raise cannot(path, error) from None


def _checked(path: Path, start: bytes) -> None:
    for mark, encoding in WIDE.items():
        if start.startswith(mark):
            raise SourceError(
                f"{path} is {encoding[:6]}, not UTF-8; convert it: "
                f"iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}"
            )


def _decompressed(path: Path, start: bytes) -> Stream:
    if start.startswith(GZIP):
        return gzip.open(path, "rb")
    import pyarrow as pa  # Python reads zstd itself from 3.14 on

    stream: Stream = pa.input_stream(str(path), compression="zstd")
    return stream


def _skipped(stream: Stream, offset: int) -> Stream | None:
    while offset:
        skipped = len(stream.read(min(offset, BLOCK)))
        if not skipped:
            stream.close()
            return None
        offset -= skipped
    return stream


def cannot(path: Path, error: Exception) -> SourceError:
    """The error that says why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return SourceError(f"{path}: no such file; give the path of a text log, plain, .gz or .zst")
    if isinstance(error, IsADirectoryError):
        return SourceError(f"{path} is a folder; give the path of a text log in it")
    if isinstance(error, PermissionError):
        return SourceError(f"{path}: permission denied; make it readable for this user")
    return SourceError(f"{path} cannot be read ({str(error)[:100]}); it may be cut short")


def fingerprint(path: Path, size: int = HEAD) -> str:
    """What the first bytes of a file are: tells it from a later one of its name. Empty for an empty file."""
    first = _first(path, size)
    return f"{len(first)}:{zlib.crc32(first):08x}" if first else ""


def is_beginning(path: Path, head: str) -> bool:
    """Whether a file begins as the one did whose fingerprint this is."""
    return not head or fingerprint(path, int(head.partition(":")[0])) == head


def _first(path: Path, size: int) -> bytes:
    stream = open_at(path, 0)
    if stream is None:
        return b""
    try:
        return stream.read(size)
    finally:
        stream.close()
