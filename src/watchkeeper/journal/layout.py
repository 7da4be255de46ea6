"""Layout: how a file is written that stays: sorted, each column in the encoding that suits its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

from watchkeeper.journal.schemas import Shape

__all__ = ["ORDER", "sorted_rows", "statistics", "writing"]

ROW_GROUP = 131_072
LEVEL = 3  # of Zstandard: 9 takes three times as long for 1 % less
ORDER = {
    "predictions": ("timestamp",), "outcomes": ("known_at",), "events": ("timestamp",), "truth": ("timestamp",),
    "profiles": ("plan", "window_start"), "service": ("series", "window_start"), "references": ("reference",),
    "verdicts": ("window_start", "metric"), "counted": ("reference", "kind", "window_start"),
}  # fmt: skip
"""By time: what was recorded together is alike, ids that count upwards above all; and windows are times."""


def sorted_rows(rows: pa.Table, shape: Shape) -> pa.Table:
    """In the table's order; rows that are equal in it stay as they were, so that the first one stays the first."""
    keys = [(name, "ascending") for name in ORDER[shape.name] if name in rows.column_names]
    place = pa.array(range(rows.num_rows), pa.int64())
    order = pc.sort_indices(rows.append_column("place", place), sort_keys=[*keys, ("place", "ascending")])
    return rows.take(order)


def writing(rows: pa.Table, shape: Shape) -> dict[str, Any]:
    """The arguments of pyarrow's writer.

    A dictionary pays where values repeat. Elsewhere it costs its indices on top, so that ids and times are written
    as differences to their neighbours, numbers as they are. All of it is read by Spark's vectorised reader too, which
    does not know split byte streams.
    """
    dictionary, encoding = [], {}
    for path, type_, column in _leaves(rows):
        if column is None or 2 * pc.count_distinct(column).as_py() <= len(column):
            dictionary.append(path)
        elif t.is_string(type_):
            encoding[path] = "DELTA_BYTE_ARRAY"
        elif t.is_timestamp(type_) or t.is_integer(type_):
            encoding[path] = "DELTA_BINARY_PACKED"
    return {
        "compression": "zstd", "compression_level": LEVEL, "row_group_size": ROW_GROUP, "store_schema": False,
        "use_dictionary": dictionary or False, "column_encoding": encoding or None,
        "write_statistics": [name for name in shape.indexed if name in rows.column_names] or False,
    }  # fmt: skip


def _leaves(rows: pa.Table) -> Iterator[tuple[str, pa.DataType, Any]]:
    """(Parquet's path, type, values or None where they are nested deeper) of each column and field of a struct."""
    for field in rows.schema:
        column = rows[field.name].combine_chunks()
        if t.is_struct(field.type):
            for inner in field.type:
                yield f"{field.name}.{inner.name}", inner.type, pc.struct_field(column, inner.name)
        elif t.is_list(field.type):
            yield f"{field.name}.list.element", field.type, None
        elif t.is_map(field.type):
            yield from ((f"{field.name}.key_value.{part}", field.type, None) for part in ("key", "value"))
        elif not t.is_boolean(field.type):
            yield field.name, field.type, column


def statistics(rows: pa.Table, shape: Shape) -> dict[str, Any]:
    """What the table's log keeps of a file: how many rows, and the ends of the indexed columns."""
    found: dict[str, Any] = {"numRecords": rows.num_rows, "minValues": {}, "maxValues": {}, "nullCount": {}}
    for name in shape.indexed:
        column = rows[name]
        found["nullCount"][name] = column.null_count
        if column.null_count < len(column):
            ends = pc.min_max(column)
            found["minValues"][name] = _plain(ends["min"])
            found["maxValues"][name] = _plain(ends["max"])
    return found


def _plain(value: Any) -> int | str:
    if t.is_timestamp(value.type):
        return str(value.as_py().strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    return int(value.as_py())
