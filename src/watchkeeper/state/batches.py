"""Batches: what the mover brings into the tables at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update

from watchkeeper.errors import WorkspaceError
from watchkeeper.state.clock import now
from watchkeeper.state.counts import Count, Counts, add_counts
from watchkeeper.state.files import Files, StoredFile, put_file
from watchkeeper.state.tables import batches

__all__ = ["Batch", "Batches"]

KEPT = 1000  # finished batches that are remembered, to look at; their numbers go on


@dataclass(frozen=True)
class Batch:
    """A batch that was begun, and which segments it is made of."""

    number: int
    segments: tuple[str, ...]


class Batches(Counts, Files):
    """The batches of a state."""

    def begin_batch(self, segments: Sequence[str], above: int = 0) -> int:
        """Write down which segments make the next batch; gives its number, from 1 on without gaps.

        Parameters
        ----------
        above : the last batch that the tables hold. A state that was restored from a backup goes on behind it: under a
            number that the tables have already, they would skip the batch

        Raises
        ------
        WorkspaceError
            while another batch is open: that one is to be repeated and finished first
        """
        with self.writing() as connection:
            unfinished = select(batches.c.number).where(batches.c.finished_at.is_(None))
            other = connection.execute(unfinished).scalar()
            if other is not None:
                raise WorkspaceError(
                    f"state {self.name}: batch {other} is not finished; repeat it before the next one begins"
                )
            last = connection.execute(select(func.max(batches.c.number))).scalar() or 0
            number = max(last, above) + 1
            values = {"number": number, "segments": json.dumps(list(segments)), "began_at": now(connection)}
            connection.execute(insert(batches).values(**values))
        return number

    def open_batch(self) -> Batch | None:
        """The batch that was begun and not finished: a process ended in between."""
        query = select(batches.c.number, batches.c.segments).where(batches.c.finished_at.is_(None))
        with self.reading() as connection:
            found = connection.execute(query).one_or_none()
        return None if found is None else Batch(found.number, tuple(json.loads(found.segments)))

    def last_batch(self) -> int:
        """The number of the newest finished batch, 0 before the first."""
        query = select(func.max(batches.c.number)).where(batches.c.finished_at.is_not(None))
        with self.reading() as connection:
            return connection.execute(query).scalar() or 0

    def last_segments(self) -> tuple[str, ...]:
        """Which segments made the newest finished batch."""
        query = select(batches.c.segments).where(batches.c.finished_at.is_not(None))
        with self.reading() as connection:
            found = connection.execute(query.order_by(batches.c.number.desc()).limit(1)).scalar()
        return () if found is None else tuple(json.loads(found))

    def finish_batch(
        self, number: int, counts: Iterable[Count] = (), files: Iterable[StoredFile] = ()
    ) -> None:
        """The batch is in the tables; its counts and how far files were read are written with it, hence once.

        Finishing it again changes nothing.

        Raises
        ------
        WorkspaceError
            where there is no such batch
        """
        with self.writing() as connection:
            at = now(connection)
            if number > (connection.execute(select(func.max(batches.c.number))).scalar() or 0):
                raise WorkspaceError(
                    f"state {self.name}: there is no batch {number}; begin_batch gives numbers"
                )
            unfinished = (batches.c.number == number) & batches.c.finished_at.is_(None)
            if connection.execute(update(batches).where(unfinished).values(finished_at=at)).rowcount == 0:
                return
            add_counts(connection, counts, at)
            for file in files:
                put_file(connection, file, at)
            connection.execute(delete(batches).where(batches.c.number <= number - KEPT))
