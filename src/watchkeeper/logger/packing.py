"""Rows become payloads: blocks of one kind and one set of features each, of a moderate size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from watchkeeper.logger.drops import Drops
from watchkeeper.logger.queue import Batch, Names
from watchkeeper.logger.values import PLAIN, plain
from watchkeeper.wal.block import FIELDS, pack

__all__ = ["FRAME", "LARGEST", "encoded", "payloads"]

FRAME = 256 << 10  # bytes: what one corrupt byte may cost
LARGEST = 1 << 20  # bytes of one record; a document or an image is no feature
SCORE = FIELDS["prediction"].index("score")

_encode = msgspec.msgpack.Encoder().encode


def encoded(row: tuple[Any, ...]) -> bytes:
    """A row as MessagePack; its values may be anything, but for a prediction's scores by class.

    Raises
    ------
    ValueError
        where it is larger than a record may be
    """
    try:
        data = _encode(row if PLAIN.issuperset(map(type, row)) else _plain(row))
    except (OverflowError, UnicodeEncodeError):  # integers beyond 64 bits, half a surrogate pair
        data = _encode(_plain(row))
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    return data


def _plain(row: tuple[Any, ...]) -> list[Any]:
    result = [value if type(value) in (float, int) and abs(value) < 2**63 else plain(value) for value in row]
    if len(row) > SCORE and type(row[SCORE]) is dict:
        result[SCORE] = row[SCORE]
    return result


def payloads(batch: Batch, model: str, drops: Drops) -> Iterator[bytes]:
    """One for each block."""
    for names, rows in batch.groups.items():
        kind = names if isinstance(names, str) else "prediction"
        features = _features(names, drops, len(rows))
        if features is not None:
            yield from (pack(kind, model, features, part) for part in _parts(rows))


def _features(names: Names, drops: Drops, count: int) -> tuple[str, ...] | None:
    """The features' names as text; None where two of them are the same text."""
    if isinstance(names, str):
        return ()
    result = tuple(plain(name) if isinstance(name, str) else str(plain(name)) for name in names)
    if len(set(result)) == len(result):
        return result
    drops.count("prediction: two features have the same name", count, result)
    return None


def _parts(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row)
        if size >= FRAME:
            yield part
            part, size = [], 0
    if part:
        yield part
