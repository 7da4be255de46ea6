"""Reader: where rows lie, before preparation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from watchkeeper.errors import SourceError

__all__ = ["Reader", "TableReader", "unique_columns"]


class Reader(ABC):
    """Rows as their source has them, readable more than once.

    Attributes
    ----------
    name : what messages call it
    schema : columns with their types
    count : rows, where that is known without reading
    reads_ahead : whether reading is worth a thread of its own
    """

    name: str
    schema: pa.Schema
    count: int | None
    reads_ahead: bool = True

    @abstractmethod
    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Stream these columns, in the order of the rows; batches of any size."""

    def beginning(self, columns: Sequence[str], rows: int) -> list[pa.RecordBatch]:
        """The first rows of these columns."""
        taken: list[pa.RecordBatch] = []
        for batch in self.batches(columns):
            taken.append(batch.slice(0, rows))
            rows -= taken[-1].num_rows
            if rows <= 0:
                break
        return taken

    def parts(self) -> Sequence[Reader]:
        """Picklable readers of consecutive parts, each of known length; none where it cannot be read in parts."""
        return ()


class TableReader(Reader):
    """Rows that are in memory as Arrow."""

    reads_ahead = False

    def __init__(self, name: str, table: pa.Table) -> None:
        unique_columns(name, table.column_names)
        self.name = name
        self.schema = table.schema.remove_metadata()
        self.count = table.num_rows
        self._table = table

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        from watchkeeper.rows import BATCH_ROWS

        if not columns:
            for start in range(0, self._table.num_rows, BATCH_ROWS):
                yield rows_without_columns(min(BATCH_ROWS, self._table.num_rows - start))
            return
        yield from self._table.select(list(columns)).to_batches(max_chunksize=BATCH_ROWS)


def rows_without_columns(count: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_struct_array(pa.nulls(count, pa.struct([])))


def unique_columns(name: str, columns: Iterable[str]) -> None:
    """Raise SourceError where two columns have one name, or there are none."""
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            raise SourceError(f"{name} has two columns named {column!r}; rename one of them")
        seen.add(column)
    if not seen:
        raise SourceError(f"{name} has no columns; give it at least one")
