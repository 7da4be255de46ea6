"""Cutting a stream of bytes into lines, a block at a time, whatever it holds."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.lines.opening import BLOCK, Stream, cannot

__all__ = ["Block", "cut"]


@dataclass(frozen=True)
class Block:
    """Whole lines, one after the other.

    Attributes
    ----------
    texts : the lines without their ends
    raw : the same as bytes
    size : bytes, ends included, and those of a line too long that came before
    skipped : bytes before the first of the lines: of a line too long
    not_utf8 : lines with bytes that are not UTF-8
    """

    texts: list[str]
    raw: bytes
    size: int
    skipped: int = 0
    too_long: int = 0
    not_utf8: int = 0

    @property
    def count(self) -> int:
        return len(self.texts) + self.too_long

    def sizes(self) -> Iterable[int]:
        """Bytes of each line without its newline."""
        if self.raw.isascii() and b"\r" not in self.raw:
            return map(len, self.texts)
        return map(len, self.raw.split(b"\n")) if self.texts else ()


def cut(stream: Stream, path: Path, final: bool, limit: int = BLOCK) -> Iterator[Block]:
    """The lines of a stream.

    Parameters
    ----------
    final : whether what follows the last newline is a line
    limit : bytes read at once; a longer line is skipped, so that the memory is bounded
    """
    left, skipped = b"", 0  # of the line that is not whole yet: its bytes; how many were dropped
    while raw := _read(stream, path, limit):
        if skipped:
            end = raw.find(b"\n") + 1
            if not end:
                skipped += len(raw)
                continue
            yield Block([], b"", skipped + end, skipped + end, too_long=1)
            raw, skipped = raw[end:], 0
        whole, newline, rest = raw.rpartition(b"\n")
        if newline:
            yield from _blocks(left + whole, limit)
            left = b""
        left += rest
        if len(left) > limit:
            skipped, left = len(left), b""
    if final and skipped:
        yield Block([], b"", skipped, skipped, too_long=1)
    elif final and left:
        yield _block(left, len(left))


def _read(stream: Stream, path: Path, size: int) -> bytes:
    try:
        return stream.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise cannot(path, error) from None


def _blocks(raw: bytes, limit: int) -> Iterator[Block]:
    """Lines of which only the first can be too long: the others lie within one read."""
    first = raw.find(b"\n")
    length = len(raw) if first < 0 else first
    if length <= limit:
        yield _block(raw, len(raw) + 1)
        return
    yield Block([], b"", length + 1, length + 1, too_long=1)
    if first >= 0:
        yield _block(raw[first + 1 :], len(raw) - first)


def _block(raw: bytes, size: int) -> Block:
    not_utf8 = 0
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        not_utf8 = sum(not _is_utf8(line) for line in raw.split(b"\n"))
    texts = text.split("\n")
    if b"\r" in raw:
        texts = [line.removesuffix("\r") for line in texts]
    texts[0] = texts[0].removeprefix("\ufeff")  # a byte order mark, at the beginning of a file
    return Block(texts, raw, size, not_utf8=not_utf8)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
