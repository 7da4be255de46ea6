"""Blocks: what loggers wrote, as rows of the journal's tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from watchkeeper.journal.records import Recorded, events, outcomes, predictions
from watchkeeper.wal import FIELDS, Block

__all__ = ["TABLE_OF", "aligned", "rows_of", "under", "widened"]

TABLE_OF = {kind: {"prediction": "predictions", "outcome": "outcomes"}.get(kind, "events") for kind in FIELDS}
STRUCTS = ("features", "scores")


def rows_of(blocks: Sequence[Block], known: pa.Schema) -> Recorded:
    """Blocks that go into one table, as its rows.

    Parameters
    ----------
    known : the table's schema so far
    """
    table = TABLE_OF[blocks[0].kind]
    if table == "events":
        return events(_events(blocks), known)
    fixed = _columns(blocks, FIELDS[blocks[0].kind])
    if table == "outcomes":
        return outcomes(fixed, known)
    fixed["score"], fixed["scores"] = _scores(fixed["score"])
    return predictions(fixed, _columns(blocks, _features(blocks)), known)


def _features(blocks: Iterable[Block]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for block in blocks for name in block.features))


def _columns(blocks: Sequence[Block], names: Sequence[str]) -> dict[str, Any]:
    """Each of these fields over all blocks; None where a block has it not."""
    parts: dict[str, list[Sequence[Any]]] = {name: [] for name in names}
    for block in blocks:
        columns = dict(zip(block.fields, zip(*block.rows, strict=True), strict=True)) if block.rows else {}
        for name, into in parts.items():
            into.append(columns.get(name) or (None,) * len(block.rows))
    return {name: list(chain.from_iterable(into)) for name, into in parts.items()}


def _scores(values: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
    """(the scores that are one number, class → its scores)."""
    if not any(isinstance(v, dict) for v in values):
        return values, {}
    each = [v if isinstance(v, dict) else {} for v in values]
    classes = dict.fromkeys(name for row in each for name in row)
    single = [None if isinstance(v, dict) else v for v in values]
    return single, {name: [row.get(name) for row in each] for name in classes}


def _events(blocks: Sequence[Block]) -> dict[str, Any]:
    """The fields of all kinds side by side, with the kind."""
    names = tuple(dict.fromkeys(name for block in blocks for name in block.fields))
    kinds = [block.kind for block in blocks for _ in block.rows]
    return {"kind": kinds, **_columns(blocks, names)}


def widened(known: pa.Schema, rows: pa.Schema) -> pa.Schema:
    """A schema with the columns, and the fields of structs, of both."""
    merged = {f.name: f.type for f in known}
    for field in rows:
        if field.name in STRUCTS and field.name in merged:
            inner = {f.name: f.type for f in merged[field.name]} | {f.name: f.type for f in field.type}
            merged[field.name] = pa.struct(list(inner.items()))
        else:
            merged.setdefault(field.name, field.type)
    return pa.schema(list(merged.items()))


def aligned(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows in one table; what one of them lacks is null there."""
    schema = pa.schema([])
    for table in tables:
        schema = widened(schema, table.schema)
    return pa.concat_tables([under(table, schema) for table in tables])


def under(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """These rows with all columns, and all fields of structs, of a schema; null where they have none."""
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(table.num_rows, field.type))
        elif field.name in STRUCTS:
            columns.append(_wide(table[field.name], field.type))
        else:
            columns.append(table[field.name])
    return pa.table(columns, schema=schema)


def _wide(struct: pa.ChunkedArray, type_: pa.DataType) -> pa.Array:
    array = struct.combine_chunks() if struct.num_chunks != 1 else struct.chunk(0)
    have = {f.name: i for i, f in enumerate(array.type)}
    fields = [array.field(have[f.name]) if f.name in have else pa.nulls(len(array), f.type) for f in type_]
    return pa.StructArray.from_arrays(fields, fields=list(type_))
