"""Frames: pandas, Polars, PyArrow, DuckDB, whatever Narwhals knows, and dicts of lists."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from watchkeeper.errors import SourceError
from watchkeeper.rows import BATCH_ROWS
from watchkeeper.sources.reader import Reader, TableReader, unique_columns

if TYPE_CHECKING:
    import duckdb
    import polars as pl

__all__ = ["frame_reader", "is_spark"]

VALID = "a path, a glob, a list of paths, or a pandas, Polars, PyArrow, DuckDB or Spark frame"


def is_spark(data: object) -> bool:
    """Whether this is a Spark frame, classic or Connect."""
    return _package(data) == "pyspark" and type(data).__name__ == "DataFrame"


def _package(data: object) -> str:
    return type(data).__module__.partition(".")[0]


def frame_reader(data: Any, name: str, wanted: Collection[str] = (), time: str | None = None) -> Reader:
    """A reader of anything in memory, or of a lazy query.

    Parameters
    ----------
    wanted : columns that the model names: a pandas index of that name serves as one
    time : the timestamp's column: an unnamed pandas DatetimeIndex serves as that

    Raises
    ------
    SourceError
        for what is no frame, has columns of one name, or no rows
    """
    reader = _reader(_native(data), name, wanted, time)
    if reader.count == 0:
        raise SourceError(f"{name} has columns ({', '.join(reader.schema.names[:12])}) and no rows")
    return reader


def _native(data: Any) -> Any:
    if _package(data) != "narwhals":
        return data
    import narwhals as nw

    return nw.to_native(data)


def _reader(data: Any, name: str, wanted: Collection[str], time: str | None) -> Reader:
    package = _package(data)
    if package == "pandas":
        from watchkeeper.sources.pandas_frames import table_of

        return TableReader(name, table_of(data, name, wanted, time))
    if package == "polars":
        return _polars(data, name)
    if package in ("duckdb", "_duckdb"):
        return RelationReader(name, data)
    if isinstance(data, Mapping):
        return TableReader(name, _of_mapping(data, name))
    return _arrow(data, name) or _through_narwhals(data, name)


def _polars(data: Any, name: str) -> Reader:
    import polars as pl

    if isinstance(data, pl.LazyFrame):
        return LazyReader(name, data)
    if isinstance(data, pl.Series):
        data = data.to_frame()
    return TableReader(name, data.to_arrow())


def _arrow(data: Any, name: str) -> Reader | None:
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if isinstance(data, pa.Table):
        return TableReader(name, data)
    if type(data).__module__.startswith("pyarrow.") and hasattr(data, "scanner"):
        return DatasetReader(name, data)
    if hasattr(data, "__arrow_c_stream__"):  # record batch readers too: they can be read only once
        return TableReader(name, pa.RecordBatchReader.from_stream(data).read_all())
    return None


def _of_mapping(data: Mapping[Any, Any], name: str) -> pa.Table:
    from watchkeeper.sources.pandas_frames import array_of

    if not data:
        raise SourceError(f"{name} has no columns; give it at least one")
    columns = {str(key): array_of(values) for key, values in data.items()}
    lengths = {key: len(array) for key, array in columns.items()}
    if len(set(lengths.values())) > 1:
        raise SourceError(
            f"{name} has columns of different lengths: {', '.join(f'{k!r} {n}' for k, n in lengths.items())}"
        )
    return pa.table(columns)


def _through_narwhals(data: Any, name: str) -> Reader:
    import narwhals as nw

    try:
        frame = nw.from_native(data)
    except TypeError:
        raise SourceError(
            f"{name} is of type {type(data).__name__}, which cannot be read; give {VALID}"
        ) from None
    table = (
        frame.collect(backend="pyarrow").to_native() if isinstance(frame, nw.LazyFrame) else frame.to_arrow()
    )
    return TableReader(name, table)


class LazyReader(Reader):
    """A lazy Polars query; run anew for each pass, batch by batch."""

    count = None

    def __init__(self, name: str, frame: pl.LazyFrame) -> None:
        import polars as pl

        self.name, self._frame = name, frame
        try:
            self.schema = pl.DataFrame(schema=frame.collect_schema()).to_arrow().schema
        except (pl.exceptions.PolarsError, OSError) as error:
            raise SourceError(f"{name} cannot be computed: {str(error).splitlines()[0]}") from None
        unique_columns(name, self.schema.names)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import polars as pl

        frame = self._frame.select([pl.col(_literally(c)) for c in list(columns) or self.schema.names[:1]])
        try:
            for part in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                yield from part.to_arrow().to_batches()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise SourceError(f"{self.name} cannot be computed: {str(error).splitlines()[0]}") from None


def _literally(column: str) -> str:
    """Polars reads ``^...$`` as a pattern."""
    import re

    return f"^{re.escape(column)}$" if column.startswith("^") and column.endswith("$") else column


class RelationReader(Reader):
    """A DuckDB relation; run anew for each pass. Its connection belongs to the caller's thread, and is used there."""

    count = None
    reads_ahead = False

    def __init__(self, name: str, relation: duckdb.DuckDBPyRelation) -> None:
        self.name, self._relation = name, relation
        unique_columns(name, relation.columns)
        self.schema = relation.limit(0).to_arrow_table().schema.remove_metadata()

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        yield from self._read(columns)

    def beginning(self, columns: Sequence[str], rows: int) -> list[pa.RecordBatch]:
        """Told of the limit, DuckDB need not sort all rows for the first of them."""
        return list(self._read(columns, rows))

    def _read(self, columns: Sequence[str], limit: int | None = None) -> Iterator[pa.RecordBatch]:
        import duckdb

        from watchkeeper.sources.engine import quoted_name

        wanted = list(columns) or self.schema.names[:1]
        try:
            selected = self._relation.project(", ".join(quoted_name(c) for c in wanted))
            selected = selected if limit is None else selected.limit(limit)
            yield from selected.to_arrow_reader(BATCH_ROWS)
        except (duckdb.Error, pa.ArrowException) as error:
            raise SourceError(f"{self.name} cannot be computed: {str(error).splitlines()[0]}") from None


class DatasetReader(Reader):
    """A PyArrow dataset."""

    def __init__(self, name: str, dataset: Any) -> None:
        self.name, self._dataset = name, dataset
        unique_columns(name, dataset.schema.names)
        self.schema = dataset.schema.remove_metadata()
        self.count = None

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        wanted = list(columns) or self.schema.names[:1]
        try:
            yield from self._dataset.to_batches(columns=wanted, batch_size=BATCH_ROWS, batch_readahead=4)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"{self.name} cannot be read: {str(error).splitlines()[0]}") from None
