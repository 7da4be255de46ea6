"""read_segment: the blocks of a segment, whatever happened to its bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from watchkeeper.errors import WorkspaceError
from watchkeeper.wal.block import Block
from watchkeeper.wal.frame import HEADER, LIMIT, MARKER, OVERHEAD, VERSION, checksum, read_header
from watchkeeper.wal.names import CLOSED, OPEN

__all__ = ["Damage", "first_model", "read_segment"]

TORN = "the file ends within a frame"
REASONS = 20  # of which the text is kept; all are counted
_decoder = msgspec.msgpack.Decoder(Block)


@dataclass
class Damage:
    """What of a segment could not be read.

    Attributes
    ----------
    corrupt : frames, or what lies between two readable ones, that were skipped
    torn : whether the segment ends within a frame, as after a crash: rows that nobody was told are safe
    bytes : skipped altogether
    reasons : the first 20 as text

    >>> str(Damage())
    'nothing is damaged'
    """

    corrupt: int = 0
    torn: bool = False
    bytes: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, reason: str, count: int, torn: bool = False) -> None:
        self.corrupt += not torn
        self.torn |= torn
        self.bytes += count
        if len(self.reasons) < REASONS:
            self.reasons.append(reason)

    def __bool__(self) -> bool:
        return bool(self.corrupt or self.torn)

    def __str__(self) -> str:
        return f"{self.bytes:,} bytes skipped: {'; '.join(self.reasons)}" if self else "nothing is damaged"


def read_segment(path: str | os.PathLike[str], damage: Damage | None = None) -> Iterator[Block]:
    """The blocks of a segment, in the order in which they were written.

    Torn and corrupt frames are skipped and told in ``damage``, never an error. A segment that its writer still
    appends to gives what is there now, and may look torn.

    Parameters
    ----------
    path : of a closed or an open segment; an open one that was renamed meanwhile is found
    damage : is filled while the blocks are taken

    Raises
    ------
    WorkspaceError
        where the file is not there or cannot be read
    """
    damage = Damage() if damage is None else damage
    data = _bytes_of(Path(path))
    version, marker = read_header(data) or (VERSION, data[HEADER : HEADER + MARKER])
    if not data:
        return
    if len(data) < HEADER:
        damage.add("the file ends within its header", len(data), torn=True)
    elif version != VERSION:
        damage.add(f"format {version}; this Watchkeeper reads {VERSION}", len(data))
    else:
        if read_header(data) is None:  # every frame begins with the marker, the first one too
            damage.add("the header is not whole", HEADER)
        yield from _blocks(data, marker, damage)


def _bytes_of(path: Path) -> bytes:
    for candidate in (path, path.with_suffix(CLOSED)) if path.suffix == OPEN else (path,):
        try:
            return candidate.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise WorkspaceError(f"{path}: cannot be read ({error.strerror})") from error
    raise WorkspaceError(f"{path}: there is no such segment; watchkeeper.wal.segments lists those there are")


def _blocks(data: bytes, marker: bytes, damage: Damage) -> Iterator[Block]:
    view, at = memoryview(data), HEADER
    while at < len(data):
        found = _frame(data, view, at, marker)
        if isinstance(found, tuple):
            block, at = found
            yield block
            continue
        following = data.find(marker, at + 1)
        end = len(data) if following < 0 else following
        damage.add(f"byte {at:,}: {found}", end - at, torn=found == TORN)
        at = end


def _frame(data: bytes, view: memoryview, at: int, marker: bytes) -> tuple[Block, int] | str:
    """(the block of the frame that begins here, where the next one begins), or what is wrong with it."""
    start = at + OVERHEAD
    size, checked = data[at + MARKER : start - 4], data[start - 4 : start]
    end = start + int.from_bytes(size, "little")
    if data[at : at + MARKER] != marker[: len(data) - at]:
        return "no frame begins here"
    if max(start, end) > len(data) and data.find(marker, at + 1) < 0:
        return TORN
    if end - start > LIMIT or checksum(size, view[start:end]) != int.from_bytes(checked, "little"):
        return "the checksum differs"
    try:
        block = _decoder.decode(view[start:end])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return f"not a block: {error}"
    return block.fault() or (block, end)


def first_model(path: str | os.PathLike[str]) -> str | None:
    """Whose the first record of a segment is; None where that cannot be read. The rest is not looked at."""
    try:
        with open(path, "rb") as file:
            head = file.read(HEADER + OVERHEAD)
            size = int.from_bytes(head[HEADER + MARKER : HEADER + MARKER + 4], "little")
            data = head + file.read(min(size, LIMIT))
    except OSError:
        return None
    known = read_header(data)
    found = None if known is None else _frame(data, memoryview(data), HEADER, known[1])
    return found[0].model if isinstance(found, tuple) else None
