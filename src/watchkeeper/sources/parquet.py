"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

import pyarrow as pa

from watchkeeper.errors import SourceError
from watchkeeper.rows import BATCH_ROWS
from watchkeeper.sources.kinds import is_text
from watchkeeper.sources.reader import Reader, unique_columns

__all__ = ["ParquetReader"]

PART_ROWS = BATCH_ROWS  # at least: what is found of a part costs as much to send as that of two


class ParquetReader(Reader):
    """One file, a row group at a time.

    Text is read as the dictionary that the file holds, but in columns whose values rarely repeat. Measured on
    10 million rows × 29 columns: 1.4 s and 0.4 GB, against 2.9 s and 3.2 GB through DuckDB's Arrow reader.

    Parameters
    ----------
    plain : columns whose values rarely repeat, such as ids
    """

    def __init__(self, path: Path, name: str, plain: Sequence[str] = ()) -> None:
        import pyarrow.parquet as pq

        self.path, self.name = path, name
        try:
            metadata = pq.read_metadata(path)
            self.schema = metadata.schema.to_arrow_schema().remove_metadata()
        except (pa.ArrowException, OSError) as error:
            raise _broken(name, error) from None
        unique_columns(name, self.schema.names)
        self.count: int = metadata.num_rows
        self._groups = range(metadata.num_row_groups)
        self._sizes = [metadata.row_group(i).num_rows for i in self._groups]
        self._dictionaries = [f.name for f in self.schema if is_text(f.type) and f.name not in plain]

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        wanted = list(columns) or self.schema.names[:1]
        try:
            with pq.ParquetFile(self.path, read_dictionary=self._dictionaries, pre_buffer=False) as file:
                # one thread: several take as long, and twice the processor's time
                for batch in file.iter_batches(BATCH_ROWS, self._groups, columns=wanted, use_threads=False):
                    yield batch.select(wanted)
        except (pa.ArrowException, OSError) as error:
            raise _broken(self.name, error) from None

    def parts(self) -> Sequence[ParquetReader]:
        """Row groups, small ones together."""
        found: list[ParquetReader] = []
        first, rows = self._groups.start, 0
        for group in self._groups:
            rows += self._sizes[group]
            if rows >= PART_ROWS or group + 1 == self._groups.stop:
                found.append(self._part(range(first, group + 1), rows))
                first, rows = group + 1, 0
        return found

    def _part(self, groups: range, rows: int) -> ParquetReader:
        part = copy(self)
        part._groups, part.count = groups, rows
        return part


def _broken(name: str, error: BaseException) -> SourceError:
    reason = str(error).split("\n")[0][:200]
    return SourceError(
        f"{name} cannot be read as Parquet ({reason}); write it again, it may be cut short or damaged"
    )
