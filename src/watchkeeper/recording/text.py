"""Text: what the lines of text logs say, as rows of the journal's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from watchkeeper.journal import Recorded, rows_of
from watchkeeper.lines import Reading
from watchkeeper.wal import FIELDS, Block

__all__ = ["TextPart", "text_parts"]

PART_LINES = 65_536
MIXED = {"prediction": "predictions", "outcome": "outcomes"}


@dataclass(frozen=True)
class TextPart:
    """Records of some lines."""

    blocks: dict[str, list[Block]]
    rows: int
    lost: dict[str, int]

    def recorded(self, known: dict[str, pa.Schema]) -> dict[str, Recorded]:
        """Table → rows in the types that it has."""
        return {table: rows_of(blocks, known[table]) for table, blocks in self.blocks.items()}


def text_parts(reading: Reading, model: str, now: int) -> Iterator[TextPart]:
    """The records of a text log; a line without a time came now, in the order of the lines."""
    waiting: list[tuple[str, dict[str, Any]]] = []
    for records in reading:
        waiting += records
        if len(waiting) >= PART_LINES:
            yield _part(waiting, model, now)
            waiting = []
    if waiting:
        yield _part(waiting, model, now)


def _part(records: Iterable[tuple[str, dict[str, Any]]], model: str, now: int) -> TextPart:
    rows: dict[tuple[str, tuple[str, ...]], list[list[Any]]] = {}
    for kind, fields in records:
        made = {**fields, "recorded_at": now}
        if made.get("timestamp") is None and kind != "outcome":
            made["timestamp"] = now
        if kind == "outcome":
            made["known_at"] = made.get("known_at") or made.get("timestamp") or now
        features = made.get("features") or {}
        row = [made.get(name) for name in FIELDS[kind]] + list(features.values())
        rows.setdefault((kind, tuple(features)), []).append(row)
    blocks: dict[str, list[Block]] = {}
    for (kind, names), found in rows.items():
        blocks.setdefault(MIXED.get(kind, "events"), []).append(Block(kind, model, names, found))
    return TextPart(blocks, sum(map(len, rows.values())), {})
