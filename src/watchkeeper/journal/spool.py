"""Spool: rows of files on their way into the tables, so that a batch that was cut short can be repeated."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from watchkeeper.journal.begun import begin
from watchkeeper.journal.journal import RECORDED, Journal
from watchkeeper.state import Count, StoredFile
from watchkeeper.wal import sync_file, sync_folder
from watchkeeper.workspace import Workspace

__all__ = ["SPOOL", "Spooled", "bring", "bring_spooled", "tidy"]

SPOOL = "spool"


def bring(
    workspace: Workspace,
    model: str,
    tables: Mapping[str, pa.Table],
    counts: Iterable[Count] = (),
    files: Iterable[StoredFile] = (),
) -> int:
    """Rows of files into a journal, as one batch, whose number it gives. The caller holds the mover's lease.

    Parameters
    ----------
    counts : what could not be used of the files
    files : how far they were read; both are written together with the batch, hence once
    """
    spooled = _spool(workspace, model, tables)
    number = begin(workspace, [spooled.name], above=Journal.of(workspace, model).last_batch())
    bring_spooled(workspace, spooled, number)
    workspace.state.finish_batch(number, counts, files)
    spooled.remove()
    return number


@dataclass(frozen=True)
class Spooled:
    """Rows that wait in files beside the write-ahead log, so that a batch that was cut short can be repeated."""

    folder: Path
    name: str
    model: str

    @classmethod
    def named(cls, workspace: Workspace, name: str) -> Spooled:
        _, identity, model = name.split("/", 2)
        return cls(workspace.wal / SPOOL / identity, name, model)

    def tables(self) -> Mapping[str, pa.Table]:
        return {path.stem: parquet.read_table(path) for path in sorted(self.folder.glob("*.parquet"))}

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _spool(workspace: Workspace, model: str, tables: Mapping[str, pa.Table]) -> Spooled:
    """Write the rows of each table to disk, for good."""
    name = f"{SPOOL}/{uuid.uuid4().hex}/{model}"
    spooled = Spooled.named(workspace, name)
    spooled.folder.mkdir(parents=True)
    for table, rows in tables.items():
        path = spooled.folder / f"{table}.parquet"
        parquet.write_table(rows, path, compression="zstd")
        sync_file(path)
    sync_folder(spooled.folder)
    return spooled


def bring_spooled(workspace: Workspace, spooled: Spooled, number: int) -> None:
    """Append what waits to its tables; those that have it already skip it."""
    journal = Journal.of(workspace, spooled.model)
    tables = spooled.tables()
    for name, rows in tables.items():
        marked = rows.append_column("batch", pa.repeat(pa.scalar(number, pa.int64()), rows.num_rows))
        journal.tables[name].append(marked, number)
    if tables:
        workspace.state.set_fact(spooled.model, RECORDED, number)


def tidy(workspace: Workspace) -> None:
    """Remove what a process left that ended before its batch began: the file will be read again."""
    shutil.rmtree(workspace.wal / SPOOL, ignore_errors=True)
