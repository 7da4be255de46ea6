"""Told: the greatest numbers that journals hold, behind which a state that was lost or restored goes on."""

from __future__ import annotations

from collections.abc import Iterator

from watchkeeper.journal.journal import Journal
from watchkeeper.workspace import Workspace

__all__ = ["last_batch", "last_run"]


def last_batch(workspace: Workspace) -> int:
    """The greatest number of a batch that is in the tables, 0 before the first."""
    return max((journal.last_batch() for journal in _journals(workspace)), default=0)


def last_run(workspace: Workspace) -> int:
    """The greatest number of a run that has written something, 0 before the first."""
    return max((journal.last_run() for journal in _journals(workspace)), default=0)


def _journals(workspace: Workspace) -> Iterator[Journal]:
    for name in sorted({*workspace.state.models(), *workspace.models()}):
        yield Journal.of(workspace, name)
