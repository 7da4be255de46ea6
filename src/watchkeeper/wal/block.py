"""Block: records of one kind and one model, with the same features; what one frame of a segment holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

__all__ = ["FIELDS", "KINDS", "Block", "encode", "pack"]

# The fixed fields of each kind, in the order of a row. Times are µs since 1970 UTC, seconds float, memory bytes,
# cpu cores; what is not known is None. Only predictions have features, whose values follow the fixed fields.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "prediction": (
        "id", "timestamp", "version", "prediction", "score", "seconds", "weight", "subject", "recorded_at",
    ),
    "outcome": ("id", "timestamp", "actual", "known_at", "recorded_at"),
    "error": ("timestamp", "version", "error", "seconds"),
    "process": ("timestamp", "process", "memory", "cpu"),
    "job": ("timestamp", "name", "seconds", "memory", "cpu", "rows", "status", "error"),
    "metric": ("timestamp", "name", "value", "low", "high", "count"),
    "release": ("timestamp", "version", "trained_at"),
    "dropped": ("timestamp", "reason", "count"),
}  # fmt: skip
KINDS: Final = tuple(FIELDS)


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Records of one kind and one model, with the same features.

    Attributes
    ----------
    kind : one of ``KINDS``
    model : its name
    features : their names, once for all rows; empty for other kinds than predictions
    rows : each the kind's ``FIELDS`` in order, then one value for each feature: a number, text, boolean or None;
        ``{"type": ..., "text": ...}`` for what is none of these

    >>> Block("outcome", "flight-delay", (), [["UA-1545", None, 0, None, 1_767_225_600_000_000]]).fields
    ('id', 'timestamp', 'actual', 'known_at', 'recorded_at')
    """

    kind: str
    model: str
    features: tuple[str, ...]
    rows: list[list[Any]]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all columns of ``rows``: the fixed fields, then the features."""
        return FIELDS[self.kind] + self.features

    def fault(self) -> str | None:
        """Why this is no block of this format, or None."""
        if self.kind not in FIELDS:
            return f"kind {self.kind!r} is not known"
        width = len(self.fields)
        odd = next((len(row) for row in self.rows if len(row) != width), width)
        return None if odd == width else f"a {self.kind} of {odd} values instead of {width}"


_encoder = msgspec.msgpack.Encoder()


def encode(block: Block) -> bytes:
    """A block as MessagePack: the array [kind, model, features, rows].

    >>> block = Block("release", "m", (), [[0, "1.2.7", None]])
    >>> msgspec.msgpack.decode(encode(block), type=Block) == block
    True
    """
    return _encoder.encode(block)


def pack(kind: str, model: str, features: Sequence[str], rows: Sequence[bytes]) -> bytes:
    """The same bytes as ``encode`` makes, of rows that are MessagePack already."""
    head = b"\x94" + b"".join(map(_encoder.encode, (kind, model, tuple(features))))
    return b"".join(_joined(head, rows))


def _joined(head: bytes, rows: Sequence[bytes]) -> Iterable[bytes]:
    yield head
    count = len(rows)
    if count < 16:  # MessagePack's three sizes of arrays
        yield bytes((0x90 | count,))
    else:
        yield b"\xdc" + count.to_bytes(2, "big") if count < 1 << 16 else b"\xdd" + count.to_bytes(4, "big")
    yield from rows
