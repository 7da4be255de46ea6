"""Retaining: the rows of old dates, whole files at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.rewriting import LiveFile, Replacement, live_files, read, replace
from watchkeeper.journal.table import Table

__all__ = ["Old", "expire", "expire_late", "expired", "late"]

KEY = "id, known_at, batch"  # of an outcome
LATE = """
SELECT DISTINCT id, known_at, outcome_batch AS batch FROM old_truth GROUP BY id, timestamp, known_at, outcome_batch
HAVING NOT arg_max(withdrawn, (batch, NOT withdrawn))
"""


@dataclass(frozen=True)
class Old:
    """Files of dates before another one.

    Attributes
    ----------
    first, last : their dates, "" where there are none
    """

    files: Sequence[LiveFile] = ()

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)

    @property
    def dates(self) -> list[str]:
        return sorted({file.date for file in self.files})


def expired(table: Table, before: str) -> Old:
    """What a table has of the dates before this one, "2026-01-31"."""
    return Old([file for file in live_files(table) if file.date < before]) if table.shape.dated else Old()


def late(journal: Journal, before: str) -> int:
    """How many outcomes that became known later are of predictions of the dates before this one."""
    if not _see(journal, before):
        return 0
    found = journal.row(f"SELECT count(*) FROM outcome SEMI JOIN ({LATE}) USING ({KEY})")
    return 0 if found is None else int(found[0])


def expire_late(journal: Journal, before: str) -> None:
    """Take these out of the table: without their predictions they would wait for ever. Before the truth goes."""
    if not _see(journal, before):
        return
    journal.connection.execute(f"CREATE OR REPLACE TEMP TABLE late AS {LATE}")
    made = []
    for file in live_files(journal.outcomes):
        rows = read(journal.outcomes, [file])
        journal.connection.register("part", rows)
        left = journal.rows(f"SELECT part.* FROM part ANTI JOIN late USING ({KEY})")
        if left.num_rows < rows.num_rows:
            made.append(Replacement([file], left.select(rows.column_names).cast(rows.schema)))
    if made:
        replace(journal.outcomes, made, data_change=True)


def _see(journal: Journal, before: str) -> bool:
    """Let SQL see the truth that goes, and the outcomes that stay."""
    truth, outcomes = journal.truth, journal.outcomes
    gone = {file.path for file in expired(truth, before).files}
    stay = {file.path for file in live_files(outcomes)} - {
        file.path for file in expired(outcomes, before).files
    }
    old = [file for file in truth.files() if any(file.endswith(path) for path in gone)]
    kept = [file for file in outcomes.files() if any(file.endswith(path) for path in stay)]
    return journal.view("old_truth", truth, old) and journal.view("outcome", outcomes, kept)


def expire(table: Table, old: Old) -> None:
    """Take these files out of the table, in one commit; ``clean`` takes them off the disk."""
    if old.files:
        replace(table, [Replacement(old.files)], data_change=True)
