"""Compact: every table of a workspace in few files, without what later runs superseded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from watchkeeper.journal import Cleaned, Compacted, Journal, clean, compact_date, dates_to_compact, in_reach
from watchkeeper.keeping.chosen import chosen
from watchkeeper.keeping.turns import in_turns
from watchkeeper.workspace import Workspace

if TYPE_CHECKING:
    from watchkeeper.journal.table import Table

__all__ = ["Kept", "compact"]

Progress = Callable[[str, int, int | None], None]
HOURS = 1  # for which replaced files are kept: a reader that began before may still need them
TRIES = 5  # a run may append at the very moment


@dataclass(frozen=True)
class Kept:
    """What became of one table.

    Attributes
    ----------
    compacted : its files before and after
    cleaned : files that were removed from disk: those that were replaced longer ago
    """

    model: str
    table: str
    compacted: Compacted = field(default_factory=Compacted)
    cleaned: Cleaned = field(default_factory=Cleaned)


@dataclass(frozen=True)
class _Work:
    model: str
    table: str
    date: str | None  # None: clean the table

    def done(self, workspace: Workspace, hours: int) -> Kept:
        journal = Journal.of(workspace, self.model)
        if self.date is None:
            return Kept(self.model, self.table, cleaned=clean(journal.tables[self.table], hours))
        upto = workspace.state.progress(self.model)
        return Kept(self.model, self.table, _patient(journal, self.table, self.date, upto))


def compact(
    workspace: Workspace, model: str | None = None, *, hours: int = HOURS, progress: Progress | None = None
) -> list[Kept]:
    """Put small files together, sorted and compressed; remove what nobody needs any more.

    Loggers, runs and readers may go on meanwhile. What a run gives afterwards is the same as before.

    Parameters
    ----------
    hours : for which files that were replaced are kept for readers that began before

    Raises
    ------
    WorkspaceError
        where another process moves or compacts for long, or the journal goes away: what is done stays, and the next
        call does the rest
    """
    found: dict[tuple[str, str], Kept] = {}
    done = 0

    def do(step: _Work) -> None:
        nonlocal done
        kept, key = step.done(workspace, hours), (step.model, step.table)
        before, done = found.get(key, Kept(*key)), done + 1
        found[key] = Kept(*key, before.compacted + kept.compacted, before.cleaned + kept.cleaned)
        if progress is not None:
            progress("compacting", done, len(work))

    with in_reach(workspace):
        work = list(_work(workspace, model))
        in_turns(workspace.state, "mover", work, do)
    return list(found.values())


def _work(workspace: Workspace, model: str | None) -> Iterator[_Work]:
    for name in chosen(workspace, model):
        for table in _tables(workspace, name):
            yield from (_Work(name, table.shape.name, date) for date in dates_to_compact(table))
            yield _Work(name, table.shape.name, None)


def _tables(workspace: Workspace, name: str) -> list[Table]:
    return [table for table in Journal.of(workspace, name).tables.values() if table.exists]


def _patient(journal: Journal, table: str, date: str, done: int) -> Compacted:
    """Again where a run appended to the table meanwhile."""
    from deltalake.exceptions import CommitFailedError

    for _ in range(TRIES - 1):
        try:
            return compact_date(journal, table, date, done)
        except CommitFailedError:
            continue
    return compact_date(journal, table, date, done)
