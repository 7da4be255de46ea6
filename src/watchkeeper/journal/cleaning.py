"""Cleaning: files that a table no longer names are removed, and entries of its log that a checkpoint stands for."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from pyarrow import fs

from watchkeeper.journal.rewriting import files_of
from watchkeeper.journal.table import Table

__all__ = ["Cleaned", "clean"]

LOG = "_delta_log"
COMMIT = re.compile(r"^(\d{20})\.(json|crc|checkpoint.*\.parquet)$")


@dataclass(frozen=True)
class Cleaned:
    """How many files were removed: of rows, and of the log."""

    files: int = 0
    log: int = 0

    def __add__(self, other: Cleaned) -> Cleaned:
        return Cleaned(self.files + other.files, self.log + other.log)


def clean(table: Table, hours: int) -> Cleaned:
    """Remove what is older than some hours: readers that began before may still be at it.

    Parameters
    ----------
    hours : 0 removes it at once; then nobody else may be writing
    """
    if table.opened() is None:
        return Cleaned()
    removed = _vacuumed(table, hours)
    place = files_of(table)
    removed += _remove_halves(place, hours)
    return Cleaned(removed, _shorten_log(table, place, hours))


def _vacuumed(table: Table, hours: int) -> int:
    opened = table.standing()
    named: list[str] = opened.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True)
    there = files_of(table).get_file_info(named) if named else []
    dead = [file for file in there if file.type == fs.FileType.File]
    if dead:  # every vacuum is two entries in the log, and names again what an earlier one removed
        opened.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
    return len(dead)


def _remove_halves(place: fs.FileSystem, hours: int) -> int:
    """What a killed process left of a file or a commit that it was writing; vacuum does not look at these."""
    found = place.get_file_info(fs.FileSelector("", recursive=True))
    halves = [f for f in found if f.type == fs.FileType.File and _is_half(f.path) and _is_older(f, hours)]
    for file in halves:
        place.delete_file(file.path)
    return len(halves)


def _is_half(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return bool(re.search(r"#\d+$", name)) or name.endswith(".tmp")


def _shorten_log(table: Table, place: fs.FileSystem, hours: int) -> int:
    """Write a checkpoint where commits came after the last one, and remove what lies before it."""
    opened = table.standing()
    version = opened.version()
    entries = _entries(place)
    if not any(n == version and "checkpoint" in f.path for n, f in entries):
        opened.create_checkpoint()
        entries = _entries(place)
    removed = 0
    for _, file in sorted(((n, f) for n, f in entries if n < version), key=lambda pair: pair[0]):
        if not _is_older(file, hours):
            break  # what is left must have no gaps
        place.delete_file(file.path)
        removed += 1
    return removed


def _entries(place: fs.FileSystem) -> list[tuple[int, fs.FileInfo]]:
    found = place.get_file_info(fs.FileSelector(LOG))
    named = [(COMMIT.match(file.base_name), file) for file in found]
    return [(int(match[1]), file) for match, file in named if match is not None]


def _is_older(file: fs.FileInfo, hours: int) -> bool:
    return not hours or bool(file.mtime.timestamp() < time.time() - 3600 * hours)
