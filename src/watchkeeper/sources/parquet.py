"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from watchkeeper.errors import SourceError
from watchkeeper.rows import BATCH_ROWS
from watchkeeper.sources.kinds import is_text
from watchkeeper.sources.reader import Reader, unique_columns

__all__ = ["ParquetReader"]


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
        self.count = metadata.num_rows
        self._dictionaries = [f.name for f in self.schema if is_text(f.type) and f.name not in plain]

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        wanted = list(columns) or self.schema.names[:1]
        try:
            with pq.ParquetFile(self.path, read_dictionary=self._dictionaries, pre_buffer=False) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=wanted, use_threads=True):
                    yield batch.select(wanted)
        except (pa.ArrowException, OSError) as error:
            raise _broken(self.name, error) from None


def _broken(name: str, error: BaseException) -> SourceError:
    reason = str(error).split("\n")[0][:200]
    return SourceError(
        f"{name} cannot be read as Parquet ({reason}); write it again, it may be cut short or damaged"
    )
