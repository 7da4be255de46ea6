"""Runs: what was judged when, and up to which batch each model is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from watchkeeper.errors import WorkspaceError
from watchkeeper.state.clock import moment, now
from watchkeeper.state.database import Database
from watchkeeper.state.tables import progress, runs

__all__ = ["Run", "Runs"]


@dataclass(frozen=True)
class Run:
    """One run; ``finished_at`` and ``outcome`` are None while it is at work, or where its process ended early."""

    number: int
    started_by: str
    began_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    models: Mapping[str, int] = field(default_factory=dict)  # the last batch that it folded in


class Runs(Database):
    """The runs of a state."""

    def begin_run(self, started_by: str = "", above: int = 0) -> int:
        """Gives the run's number, from 1 on; ``started_by`` says who or what, for people.

        Parameters
        ----------
        above : the last run that the tables hold: of each window the greatest counts, also after a restored backup
        """
        with self.writing() as connection:
            last = connection.execute(select(func.max(runs.c.number))).scalar() or 0
            number = max(last, above) + 1
            values = {"number": number, "started_by": started_by, "began_at": now(connection)}
            connection.execute(insert(runs).values(**values))
        return number

    def finish_run(self, number: int, models: Mapping[str, int], outcome: str) -> None:
        """Write the outcome and each model's progress, together.

        Parameters
        ----------
        models : model → the last batch that this run folded in; a smaller one than before changes nothing
        outcome : "ok", "alarm", or what went wrong

        Raises
        ------
        WorkspaceError
            where there is no such run, or it is finished already
        """
        values = {"models": json.dumps(dict(models)), "outcome": outcome}
        unfinished = (runs.c.number == number) & runs.c.finished_at.is_(None)
        with self.writing() as connection:
            finish = update(runs).where(unfinished).values(finished_at=now(connection), **values)
            if connection.execute(finish).rowcount == 0:
                raise WorkspaceError(f"state {self.name}: run {number} was not begun, or is finished already")
            for model, batch in models.items():
                _advance(connection, model, batch, number)

    def progress(self, model: str) -> int:
        """The last batch that a run folded in, 0 before the first."""
        with self.reading() as connection:
            return connection.execute(select(progress.c.batch).where(progress.c.model == model)).scalar() or 0

    def last_run(self) -> Run | None:
        """The run that was begun last, finished or not."""
        return next(iter(self.runs(1)), None)

    def runs(self, most: int = 100) -> list[Run]:
        """The newest runs, newest first."""
        with self.reading() as connection:
            rows = connection.execute(select(runs).order_by(runs.c.number.desc()).limit(most)).all()
        return [_run(row) for row in rows]


def _advance(connection: Connection, model: str, batch: int, run: int) -> None:
    same = progress.c.model == model
    before = connection.execute(select(progress.c.batch).where(same)).scalar()
    if before is None or batch >= before:
        connection.execute(delete(progress).where(same))
        connection.execute(insert(progress).values(model=model, batch=batch, run=run))


def _run(row: Row[Any]) -> Run:
    finished = None if row.finished_at is None else moment(row.finished_at)
    models = json.loads(row.models or "{}")
    return Run(row.number, row.started_by, moment(row.began_at), finished, row.outcome, models)
