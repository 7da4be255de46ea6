"""Opening: from whatever the user has to rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.errors import ModelError
from watchkeeper.model import Bins, Model
from watchkeeper.sources.crew import expect
from watchkeeper.sources.files import FileHints, file_reader
from watchkeeper.sources.frames import frame_reader, is_spark
from watchkeeper.sources.kinds import UNTYPED, Kind, is_text, true_and_false
from watchkeeper.sources.layout import layout_of
from watchkeeper.sources.local import LocalRows, SourceRows
from watchkeeper.sources.reader import Reader

__all__ = ["head", "open_rows", "split"]

HEAD_ROWS = 50_000
TELLING = 20_000  # rows from which text is told from numbers


def open_rows(
    data: Any,
    model: Model,
    name: str | None = None,
    kinds: Mapping[str, Kind] | None = None,
    keep_time: bool = True,
    optional: bool = False,
) -> SourceRows:
    """Rows of a file or frame, prepared for a model.

    Parameters
    ----------
    data : a path, glob or list of paths (CSV, TSV, JSON lines, Parquet; the first three also .gz or .zst), a
        pandas, Polars, PyArrow, DuckDB, Narwhals or Spark frame, or a dict of lists
    model : whose columns are meant
    name : how messages call a frame: "current" makes "the current frame". Files have their own names
    kinds : what the plan decided of each column; None where the plan will be made from these rows
    keep_time : False where nothing depends on the timestamp
    optional : whether prediction, score, outcome and ids may be missing (a reference of inputs alone)

    Raises
    ------
    SourceError
        where the data cannot be read
    ColumnError
        where a column that the model names is missing, or cannot serve its role
    ModelError
        where an expression of the model cannot be computed

    Examples
    --------
    >>> rows = open_rows({"x": [1, None], "carrier": ["UA", "AA"]}, Model())
    >>> [chunk.batch.to_pylist() for chunk in rows.chunks()]
    [[{'x': 1.0, 'carrier': 'UA'}, {'x': None, 'carrier': 'AA'}]]
    """
    kinds = _of_inputs(kinds, model)
    if is_spark(data):
        from watchkeeper.sources.spark import SparkRows

        return SparkRows.of(data, model, _called(name), kinds, keep_time=keep_time, optional=optional)
    reader = reader_of(data, name, model, kinds)
    sample = _beginning(reader, [f.name for f in reader.schema if is_text(f.type)], TELLING)
    layout = layout_of(
        reader.name, reader.schema, sample, model, kinds, optional=optional, keep_time=keep_time
    )
    rows = LocalRows(reader, layout)
    if len(rows.parts()) > 1:
        expect()
    return rows


def _of_inputs(kinds: Mapping[str, Kind] | None, model: Model) -> Mapping[str, Kind] | None:
    """Without labels that are text: classes compare by value, and text is none that stands for a number."""
    if kinds is None or model.task == "regression":
        return kinds
    labels = (model.prediction, model.outcome)
    return {column: kind for column, kind in kinds.items() if column not in labels or kind == "number"}


def _called(name: str | None) -> str:
    return f"the {name} frame" if name else "the frame"


def reader_of(
    data: Any, name: str | None, model: Model | None = None, kinds: Mapping[str, Kind] | None = None
) -> Reader:
    """Whatever reads this; Spark apart."""
    path = isinstance(data, str | os.PathLike)
    if path or (isinstance(data, list | tuple) and all(isinstance(item, str | os.PathLike) for item in data)):
        return file_reader(data, _hints(model, kinds))
    if model is None:
        return frame_reader(data, _called(name))
    parts = [p for split in model.segmentations for p in split.parts]
    columns = {p if isinstance(p, str) else p.column for p in parts if isinstance(p, str | Bins)}
    return frame_reader(
        data, _called(name), {*model.roles, *(model.features or ()), *columns}, model.timestamp
    )


def _hints(model: Model | None, kinds: Mapping[str, Kind] | None) -> FileHints:
    if model is None:
        return FileHints()
    unique = (model.id, model.subject, model.timestamp)
    labels = [
        c for c in (model.prediction, model.outcome) if c is not None and isinstance(model.positive, str)
    ]
    written = [c for c, kind in (kinds or {}).items() if kind == "category"]
    return FileHints(tuple(c for c in unique if c is not None), (*labels, *written))


def _beginning(reader: Reader, columns: list[str], rows: int) -> pa.Table | None:
    """The first rows of some columns."""
    if not columns:
        return None
    taken = reader.beginning(columns, rows)
    return _as_text(taken, pa.schema([reader.schema.field(c) for c in columns]))


def _as_text(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    from watchkeeper.sources.schemas import conformed

    plain = [
        pa.RecordBatch.from_arrays([_decoded(a) for a in conformed(b, schema).columns], schema=schema)
        for b in batches
    ]
    return pa.Table.from_batches(plain, schema)


def _decoded(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def head(data: Any, rows: int = HEAD_ROWS) -> pa.Table:
    """The first rows as they come, in the source's own types; in a file without types, true and false are flags."""
    if is_spark(data):
        from watchkeeper.sources.spark import head_of

        return head_of(data, rows)
    reader = reader_of(data, None)
    taken: list[pa.RecordBatch] = []
    for batch in reader.batches(reader.schema.names):
        taken.append(batch.slice(0, rows))
        rows -= taken[-1].num_rows
        if rows <= 0:
            break
    return _with_flags(_as_text(taken, reader.schema)) if taken else reader.schema.empty_table()


def _with_flags(table: pa.Table) -> pa.Table:
    for i, field in enumerate(table.schema):
        if field.metadata == UNTYPED and is_text(field.type) and true_and_false(table.column(i)):
            flags = pc.equal(pc.utf8_lower(table.column(i).cast(pa.string())), "true")
            table = table.set_column(i, field.name, flags)
    return table


def split(rows: SourceRows, count: int) -> tuple[SourceRows, SourceRows]:
    """The first ``count`` rows, and the rest.

    Raises
    ------
    ModelError
        for a source without an order (Spark)
    """
    if not isinstance(rows, LocalRows):
        raise ModelError(
            f"reference: 'first {count} rows' needs rows in an order, and {rows.name} has none; "
            "take a time, such as 'first 4w'"
        )
    middle = rows.start + count
    return rows.between(rows.start, middle), rows.between(middle, rows.stop)
