"""Counts: what could not be used, by reason, with an example; never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from watchkeeper.state.clock import micros, moment, now
from watchkeeper.state.database import Database
from watchkeeper.state.tables import counts

__all__ = ["Count", "Counts", "add_counts"]

REASON = 300  # characters: PostgreSQL's index takes no key beyond 2,700 bytes
EXAMPLE = 1000


@dataclass(frozen=True)
class Count:
    """How often something happened.

    Attributes
    ----------
    model : "" where no model is known, as of a torn frame
    kind : "dropped", "torn", "corrupt", "misfit", "orphan", "conflict", ...
    reason : why, in the words that a person reads
    example : the newest
    first_at, last_at : when it happened first and last; None in a count that is yet to be added: now
    """

    model: str
    kind: str
    reason: str
    count: int
    example: str | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None


class Counts(Database):
    """The counts of a state."""

    def count(
        self,
        model: str,
        kind: str,
        reason: str,
        count: int = 1,
        example: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Add to what was counted before under this model, kind and reason."""
        self.add_counts([Count(model, kind, reason, count, example, at, at)])

    def add_counts(self, found: Iterable[Count]) -> None:
        """Add many, in one transaction."""
        with self.writing() as connection:
            add_counts(connection, found, now(connection))

    def counts(self, model: str | None = None) -> list[Count]:
        """What was counted of a model, or of all, by kind and then the most frequent first."""
        query = select(counts).order_by(counts.c.model, counts.c.kind, counts.c.count.desc(), counts.c.reason)
        with self.reading() as connection:
            rows = connection.execute(query if model is None else query.where(counts.c.model == model)).all()
        return [
            Count(r.model, r.kind, r.reason, r[3], r.example, moment(r.first_at), moment(r.last_at))
            for r in rows
        ]


def add_counts(connection: Connection, found: Iterable[Count], at: int) -> None:
    """Add counts within a transaction of somebody else."""
    for count in found:
        if count.count:
            _add(connection, count, at)


def _add(connection: Connection, count: Count, at: int) -> None:
    key = {"model": count.model, "kind": count.kind, "reason": count.reason[:REASON]}
    same = (
        (counts.c.model == key["model"]) & (counts.c.kind == key["kind"]) & (counts.c.reason == key["reason"])
    )
    first = at if count.first_at is None else micros(count.first_at)
    last = max(first, at if count.last_at is None else micros(count.last_at))
    example = None if count.example is None else count.example[:EXAMPLE]
    before = connection.execute(select(counts.c.first_at, counts.c.last_at).where(same)).one_or_none()
    if before is None:
        values = {"count": count.count, "example": example, "first_at": first, "last_at": last}
        connection.execute(insert(counts).values(**key, **values))
        return
    values = {"first_at": min(before.first_at, first), "last_at": max(before.last_at, last)}
    newest = func.coalesce(example, counts.c.example)
    connection.execute(
        update(counts).where(same).values(count=counts.c.count + count.count, example=newest, **values)
    )
