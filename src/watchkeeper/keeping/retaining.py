"""Retain: the rows of the last days; what is older goes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watchkeeper.errors import WatchkeeperError
from watchkeeper.journal import (
    Journal,
    Moved,
    Old,
    clean,
    expire,
    expire_late,
    expired,
    in_reach,
    late,
    take_in,
)
from watchkeeper.keeping.chosen import chosen
from watchkeeper.model import Model
from watchkeeper.wal import request_rotation
from watchkeeper.workspace import Workspace

__all__ = ["Expired", "retain"]

TABLES = ("truth", "outcomes", "events", "predictions")  # profiles and verdicts stay
MOST = 36_525  # days: a century
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Expired:
    """What is older than the days to keep.

    Attributes
    ----------
    before : the first date that stays, "2026-01-31", UTC
    late : outcomes of later dates that are of predictions that go
    """

    model: str
    table: str
    before: str
    old: Old
    late: int = 0


def retain(
    workspace: Workspace,
    days: int,
    model: str | None = None,
    *,
    dry_run: bool = False,
    now: int | None = None,
) -> list[Expired]:
    """Remove predictions, outcomes, truth and events of dates that are older; their files are gone at once.

    A window is computed from all of its rows or from none: where the cut would part one, it lies before it.

    Parameters
    ----------
    days : to keep, from now back
    dry_run : only say what would go
    now : µs since 1970 UTC. Default: the clock

    Raises
    ------
    WatchkeeperError
        for days that are none
    WorkspaceError
        while a run, or another process that writes, is at work for long
    """
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST:
        raise WatchkeeperError(f"days: a whole number from 1 to {MOST:,} is needed, got {days!r}")
    cut = (
        EPOCH + timedelta(microseconds=time.time_ns() // 1000 if now is None else now) - timedelta(days=days)
    )
    if dry_run:
        with in_reach(workspace):
            return _expired(workspace, cut, model)
    request_rotation(workspace.wal)
    with workspace.state.lease("run"), workspace.state.lease("mover"), in_reach(workspace):
        take_in(workspace, Moved())  # what waits may be old as well
        found = _expired(workspace, cut, model)
        for one in found:
            if one.table == "outcomes":
                expire_late(Journal.of(workspace, one.model), one.before)
        for one in found:
            expire(Journal.of(workspace, one.model).tables[one.table], one.old)
        for name in chosen(workspace, model):
            for table in TABLES:
                clean(Journal.of(workspace, name).tables[table], hours=0)
    return found


def _expired(workspace: Workspace, cut: datetime, model: str | None) -> list[Expired]:
    described = workspace.models()
    found = []
    for name in chosen(workspace, model):
        before, journal = first_date(cut, described.get(name)), Journal.of(workspace, name)
        for table in TABLES:
            after = late(journal, before) if table == "outcomes" else 0
            found.append(Expired(name, table, before, expired(journal.tables[table], before), after))
    return [one for one in found if one.old.files or one.late]


def first_date(cut: datetime, model: Model | None) -> str:
    """The first date that stays: of the window that the cut falls into.

    >>> first_date(datetime(2026, 1, 14, 12, tzinfo=UTC), Model(window="1w"))
    '2026-01-12'
    """
    if model is not None and model.parsed_window.kind == "time":
        moment = (cut - EPOCH) // timedelta(microseconds=1)
        starts = model.parsed_window.starts(moment, moment, model.timezone)
        cut = EPOCH + timedelta(microseconds=int(starts[0]))
    return f"{cut:%Y-%m-%d}"
