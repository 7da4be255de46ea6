"""Acknowledgements: changes that a person has taken for the new normal of a model, and taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from watchkeeper.errors import WorkspaceError
from watchkeeper.state.clock import moment, now
from watchkeeper.state.database import Database
from watchkeeper.state.tables import acknowledgements

__all__ = ["Acknowledgement", "Acknowledgements"]

MADE, UNDONE = "made", "undone"


@dataclass(frozen=True)
class Acknowledgement:
    """A change that is the new normal from some moment on.

    Attributes
    ----------
    number : of the model's acknowledgements, from 1 on; one that was undone keeps its number
    begin : windows that start from then on are compared with each other; µs since 1970 UTC
    seen : windows that ended by then had been judged when it was made; µs since 1970 UTC
    reference : what the windows before were compared with, as the model says it
    made_at, made_by, note : when, by whom, and why
    undone_at, undone_by : when it was taken back, and by whom; None where it holds
    """

    number: int
    begin: int
    seen: int
    reference: str
    made_at: datetime
    made_by: str | None = None
    note: str | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None

    @property
    def holds(self) -> bool:
        return self.undone_at is None


class Acknowledgements(Database):
    """The acknowledgements of a state; rows are added, and never changed."""

    def acknowledge(
        self,
        model: str,
        begin: int,
        seen: int,
        reference: str,
        by: str | None = None,
        note: str | None = None,
    ) -> Acknowledgement:
        """Write down that a change is the new normal from ``begin`` on."""
        of_model = acknowledgements.c.model == model
        with self.writing() as connection:
            last = connection.execute(select(func.max(acknowledgements.c.number)).where(of_model)).scalar()
            values = {
                "number": (last or 0) + 1, "made_at": now(connection), "made_by": by, "note": note, "begin": begin,
                "seen": seen, "reference": reference,
            }  # fmt: skip
            connection.execute(insert(acknowledgements).values(model=model, kind=MADE, **values))
        return self.acknowledgements(model)[-1]

    def undo_acknowledgement(self, model: str, number: int, by: str | None = None) -> None:
        """Write down that one does not hold any more.

        Raises
        ------
        WorkspaceError
            where there is none of this number that holds
        """
        same = (acknowledgements.c.model == model) & (acknowledgements.c.number == number)
        with self.writing() as connection:
            kinds = list(connection.execute(select(acknowledgements.c.kind).where(same)).scalars())
            if kinds != [MADE]:
                raise WorkspaceError(f"state {self.name}: no acknowledgement {number} of {model!r} holds")
            values = {"number": number, "kind": UNDONE, "made_at": now(connection), "made_by": by}
            connection.execute(insert(acknowledgements).values(model=model, **values))

    def acknowledgements(self, model: str) -> list[Acknowledgement]:
        """All that were ever made of a model, oldest first."""
        query = select(acknowledgements).where(acknowledgements.c.model == model)
        with self.reading() as connection:
            rows = connection.execute(
                query.order_by(acknowledgements.c.number, acknowledgements.c.kind)
            ).all()
        found: dict[int, Acknowledgement] = {}
        for row in rows:  # what was made lies before what was undone
            found[row.number] = _made(row) if row.kind == MADE else _undone(found[row.number], row)
        return list(found.values())


def _made(row: Row[Any]) -> Acknowledgement:
    return Acknowledgement(
        row.number, row.begin, row.seen, row.reference, moment(row.made_at), row.made_by, row.note
    )


def _undone(made: Acknowledgement, row: Row[Any]) -> Acknowledgement:
    return replace(made, undone_at=moment(row.made_at), undone_by=row.made_by)
