"""Compacting: many small files into few that compress well; what later runs have superseded goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.rewriting import LiveFile, Replacement, live_files, read, replace
from watchkeeper.journal.table import Table

__all__ = ["Compacted", "compact_date", "dates_to_compact"]

TARGET = {
    True: 128 * 2**20,
    False: 32 * 2**20,
}  # bytes of a file, dated or not: profiles unpack to ten times that
SMALL = 0.5  # of the target: smaller ones are put together

# what is left of the truth of one date: the last word about each outcome, unless that is that it was withdrawn
LAST_WORD = """
SELECT * EXCLUDE (place) FROM part WHERE batch > $done
UNION ALL BY NAME
SELECT * EXCLUDE (place) FROM (
    SELECT * FROM part WHERE batch <= $done
    QUALIFY row_number() OVER (
        PARTITION BY id, timestamp, known_at, outcome_batch ORDER BY batch DESC, withdrawn, place) = 1
) WHERE NOT withdrawn
"""
NEWEST = {
    "profiles": "plan, window_start",
    "service": "series, window_start",
    "verdicts": "window_start, window_end",
}  # of each the greatest run counts


@dataclass(frozen=True)
class Compacted:
    """What became of a table, or one date of it: live files, their bytes and rows, before and after."""

    files: tuple[int, int] = (0, 0)
    size: tuple[int, int] = (0, 0)
    rows: tuple[int, int] = (0, 0)

    def __add__(self, other: Compacted) -> Compacted:
        pairs = ((self.files, other.files), (self.size, other.size), (self.rows, other.rows))
        return Compacted(*((a[0] + b[0], a[1] + b[1]) for a, b in pairs))


def dates_to_compact(table: Table) -> list[str]:
    """Dates with several small files; "" of a table that has no dates."""
    files = live_files(table)
    dates = dict.fromkeys(file.date for file in files)
    return [date for date in dates if any(len(b) > 1 for b in _bins(table, files, date))]


def compact_date(journal: Journal, name: str, date: str, done: int) -> Compacted:
    """Put the small files of a date together, in one commit.

    Parameters
    ----------
    name : of the table
    done : the last batch that every run has folded in: until then, what was withdrawn again must stay
    """
    table = journal.tables[name]
    files = live_files(table)
    every = sum(file.date == date for file in files)
    made: list[Replacement] = []
    for part in _bins(table, files, date):
        rows = read(table, part)
        kept = _kept(journal, name, rows, done, whole=len(part) == every)
        if len(part) > 1 or kept.num_rows < rows.num_rows:
            made.append(Replacement(part, kept))
    size = replace(table, made) if made else 0
    old = [file for part in made for file in part.old]
    left = [part.rows.num_rows for part in made if part.rows is not None and part.rows.num_rows]
    return Compacted(
        (len(old), len(left)), (sum(f.size for f in old), size), (sum(f.rows for f in old), sum(left))
    )


def _bins(table: Table, files: Sequence[LiveFile], date: str) -> Iterator[list[LiveFile]]:
    """Small files of a date, oldest first, as many as one file should hold."""
    target = TARGET[table.shape.dated]
    part: list[LiveFile] = []
    for file in files:
        if file.date == date and file.size < SMALL * target:
            if part and sum(f.size for f in part) + file.size > target:
                yield part
                part = []
            part.append(file)
    if part:
        yield part


def _kept(journal: Journal, name: str, rows: pa.Table, done: int, *, whole: bool) -> pa.Table:
    """The rows that count."""
    if name == "truth":
        return _last_word(journal, rows, done) if whole else rows
    if name in NEWEST:
        return _newest(journal, name, rows)
    return _of_current_files(journal, rows) if name == "references" else rows


def _last_word(journal: Journal, rows: pa.Table, done: int) -> pa.Table:
    part = rows.append_column("place", pa.array(range(rows.num_rows), pa.int64()))
    return _query(journal, part, LAST_WORD, rows.schema, done)


def _newest(journal: Journal, name: str, rows: pa.Table) -> pa.Table:
    """Of each window what the last run said."""
    keys = NEWEST[name]
    if not journal.view("compacted", journal.tables[name]):
        return rows
    newest = f"SELECT {keys}, max(run) AS run FROM compacted GROUP BY ALL"
    return _query(
        journal, rows, f"SELECT part.* FROM part SEMI JOIN ({newest}) USING ({keys}, run)", rows.schema
    )


def _query(
    journal: Journal, part: pa.Table, sql: str, schema: pa.Schema, done: int | None = None
) -> pa.Table:
    journal.connection.register("part", part)
    found = journal.rows(sql, None if done is None else {"done": done})
    journal.connection.unregister("part")
    return found.select(schema.names).cast(schema)


def _of_current_files(journal: Journal, rows: pa.Table) -> pa.Table:
    """Of each reference file its last state, under the last plan: what is missing would be read from it again."""
    journal.view("compacted", journal.tables["references"])
    keys = journal.rows("SELECT DISTINCT reference FROM compacted")["reference"].to_pylist()
    latest: dict[tuple[str, str | None], tuple[int, int]] = {}
    for key in keys:
        latest[_whose(key)] = max(latest.get(_whose(key), (0, 0)), _age(key))
    kept = [key for key in keys if _age(key) == latest[_whose(key)]]
    return rows.filter(pa.compute.is_in(rows["reference"], pa.array(kept, pa.string())))


def _whose(key: str) -> tuple[str, str | None]:
    """(path, version) of a key, which is [path, size, time of change, plan, what that counts, version]."""
    path, *_, version = json.loads(key)
    return path, version


def _age(key: str) -> tuple[int, int]:
    """(plan, time of change) of a key."""
    _, _, changed, plan, *_ = json.loads(key)
    return int(plan), int(changed)
