"""Rows become payloads: blocks of one kind and one set of features each, of a moderate size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from watchkeeper.logger.drops import Drops
from watchkeeper.logger.queue import Batch, Names, Row
from watchkeeper.logger.values import plain
from watchkeeper.wal.block import FIELDS, pack

__all__ = ["FRAME", "LARGEST", "encode", "payloads"]

FRAME = 256 << 10  # bytes: what one corrupt byte may cost
LARGEST = 1 << 20  # bytes of one record; a document or an image is no feature
SCORE = FIELDS["prediction"].index("score")

encode = msgspec.msgpack.Encoder().encode


def payloads(batch: Batch, model: str, drops: Drops) -> Iterator[bytes]:
    """One for each block."""
    for names, rows in batch.groups.items():
        kind = names if isinstance(names, str) else "prediction"
        features = _features(names, drops, len(rows))
        if features is None:
            continue
        for part in _parts(_encoded(rows, kind, drops)):
            yield pack(kind, model, features, part)


def _features(names: Names, drops: Drops, count: int) -> tuple[str, ...] | None:
    """The features' names as text; None where two of them are the same text."""
    if isinstance(names, str):
        return ()
    result = tuple(plain(name) if isinstance(name, str) else str(plain(name)) for name in names)
    if len(set(result)) == len(result):
        return result
    drops.count("prediction: two features have the same name", count, result)
    return None


def _encoded(rows: list[Row], kind: str, drops: Drops) -> Iterator[bytes]:
    for row in rows:
        data = row if isinstance(row, bytes) else _late(row, kind, drops)
        if len(data) > LARGEST:
            drops.count(f"{kind}: a record above {LARGEST >> 20} MiB")
        elif data:
            yield data


def _late(row: tuple[Any, ...], kind: str, drops: Drops) -> bytes:
    """A row with values that MessagePack does not have; b"" where it cannot be encoded at all."""
    held = kind == "prediction" and isinstance(row[SCORE], dict)
    try:
        return encode([v if held and i == SCORE else plain(v) for i, v in enumerate(row)])
    except Exception as error:
        drops.fault(kind, error)
        return b""


def _parts(rows: Iterator[bytes]) -> Iterator[list[bytes]]:
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
