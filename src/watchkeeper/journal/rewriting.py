"""Rewriting: live files of a table replaced by others in one commit, and what is left of them removed.

delta-rs can compact and delete by itself. But it does not sort what it compacts, it knows no encodings by column, and
it writes the predicate of a delete, hence who was forgotten, into the table's log.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import fs, parquet

from watchkeeper.journal.blocks import aligned, under
from watchkeeper.journal.layout import sorted_rows, statistics, writing
from watchkeeper.journal.table import Table
from watchkeeper.wal import sync_file

__all__ = ["LiveFile", "Replacement", "files_of", "live_files", "read", "replace"]


@dataclass(frozen=True)
class LiveFile:
    """A file of the table as it stands.

    Attributes
    ----------
    path : below the table, as its log names it
    date : its partition, "" where the table has none
    size : bytes
    """

    path: str
    date: str
    size: int
    rows: int
    modified: int  # ms since 1970


@dataclass(frozen=True)
class Replacement:
    """Files, and the rows that take their place, of one date."""

    old: Sequence[LiveFile]
    rows: pa.Table | None = None


def live_files(table: Table) -> list[LiveFile]:
    """All live files, by date and then oldest first."""
    opened = table.opened()
    if opened is None:
        return []
    actions = pa.table(opened.get_add_actions(flatten=True))
    dates = actions["partition.date"].cast(pa.string()) if "partition.date" in actions.column_names else None
    found = [
        LiveFile(row["path"], "" if dates is None else str(dates[i]), row["size_bytes"], row["num_records"] or 0,
                 row["modification_time"])
        for i, row in enumerate(
            actions.select(["path", "size_bytes", "num_records", "modification_time"]).to_pylist()
        )
    ]  # fmt: skip
    return sorted(found, key=lambda file: (file.date, file.modified, file.path))


def files_of(table: Table) -> fs.FileSystem:
    """The folder of a table, wherever it is."""
    if "://" not in table.url:
        return fs.SubTreeFileSystem(table.url, fs.LocalFileSystem())
    from deltalake.fs import DeltaStorageHandler

    opened = table.standing()
    return fs.PyFileSystem(DeltaStorageHandler.from_table(opened._table, table.storage))


def read(table: Table, files: Sequence[LiveFile], columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of some files, one after the other, without the column of the partition.

    Parameters
    ----------
    columns : of those that a file has; fields of structs as "features.amount". Default: all
    """
    place = files_of(table)
    wanted = None if columns is None else list(columns)
    return aligned([parquet.ParquetFile(place.open_input_file(f.path)).read(wanted) for f in files])


def replace(table: Table, replacements: Sequence[Replacement], *, data_change: bool = False) -> int:
    """Commit all of them at once; gives the bytes of the new files.

    Parameters
    ----------
    data_change : whether the table holds other rows afterwards

    Raises
    ------
    deltalake.exceptions.CommitFailedError
        where one of the files was replaced by somebody else meanwhile; nothing is changed then
    """
    opened = table.standing()
    schema = pa.schema(opened.schema().to_arrow())
    made = [
        _added(table, schema, r, data_change) for r in replacements if r.rows is not None and r.rows.num_rows
    ]
    removed = [_removed(file, data_change) for r in replacements for file in r.old]
    if made or removed:
        opened.create_write_transaction(
            [*made, *removed], "append", opened.schema(), ["date"] if table.shape.dated else []
        )
    return sum(action.size for action in made)


def _removed(file: LiveFile, data_change: bool) -> Any:
    from deltalake.transaction import RemoveAction

    partition: dict[str, str | None] = {"date": file.date} if file.date else {}
    return RemoveAction(file.path, data_change, int(time.time() * 1000), file.size, partition)


def _added(table: Table, schema: pa.Schema, replacement: Replacement, data_change: bool) -> Any:
    """Write the rows into a new file, which nobody sees before it is committed."""
    from deltalake.transaction import AddAction

    date = replacement.old[0].date
    wanted = pa.schema([field for field in schema if field.name != "date" or not table.shape.dated])
    rows = sorted_rows(under(replacement.rows, wanted), table.shape)
    folder = f"date={date}/" if date else ""
    path = f"{folder}part-00000-{uuid.uuid4()}-c000.zstd.parquet"
    size = _write(table, path, rows)
    partition: dict[str, str | None] = {"date": date} if date else {}
    told = json.dumps(statistics(rows, table.shape))
    return AddAction(path, size, partition, int(time.time() * 1000), data_change, told)


def _write(table: Table, path: str, rows: pa.Table) -> int:
    place = files_of(table)
    with place.open_output_stream(path) as stream:
        parquet.write_table(rows, stream, **writing(rows, table.shape))
    if "://" not in table.url:  # what it replaces may be removed at once
        sync_file(Path(table.url, path))
    size: int = place.get_file_info(path).size
    return size
