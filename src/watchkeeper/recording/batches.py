"""Batches: parts of files put together to rows of the journal's tables, many in one commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pyarrow as pa

from watchkeeper.journal import Journal, Recorded, aligned, widened
from watchkeeper.state import Count

__all__ = ["BATCH_ROWS", "Part", "tables_of"]

BATCH_ROWS = 1_048_576  # in one commit


class Part(Protocol):
    """Rows of a file, as they come; ``rows`` counts them, ``lost`` those that could not be used, by reason."""

    @property
    def rows(self) -> int: ...

    @property
    def lost(self) -> dict[str, int]: ...

    def recorded(self, known: dict[str, pa.Schema]) -> dict[str, Recorded]:
        """Table → rows in the types that it has."""
        ...


def tables_of(parts: Iterable[Part], journal: Journal) -> tuple[dict[str, pa.Table], list[Count]]:
    """(table → its rows, what could not be used)."""
    known = {name: table.schema for name, table in journal.tables.items()}
    tables: dict[str, list[pa.Table]] = {}
    counts: list[Count] = []
    for part in parts:
        counts += [Count(journal.model, "set aside", reason, n) for reason, n in part.lost.items()]
        for name, recorded in part.recorded(known).items():
            known[name] = widened(known[name], recorded.rows.schema)
            tables.setdefault(name, []).append(recorded.rows)
            counts += misfits(journal.model, recorded)
    return {name: aligned(found) for name, found in tables.items()}, counts


def misfits(model: str, recorded: Recorded) -> list[Count]:
    return [
        Count(
            model, "misfit", f"values of {column!r} of another type than before", n, recorded.examples[column]
        )
        for column, n in recorded.misfits.items()
    ]
