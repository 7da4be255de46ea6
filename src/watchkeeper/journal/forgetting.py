"""Forgetting: the rows of one person out of every table of a model.

Files that hold such rows are written anew without them. Nothing of it is in the table's log: neither a predicate nor,
as ids, subjects and features have none there, a statistic. ``clean`` takes the old files off the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.rewriting import LiveFile, Replacement, live_files, read, replace
from watchkeeper.journal.table import Table

__all__ = ["FORGOTTEN", "Person", "forget_rows"]

FORGOTTEN = "(forgotten)"
LONG = 4  # characters from which on a name within a longer text is meant
TEXTS = {"events": ("error", "name", "reason", "status", "process", "version"), "verdicts": ("segment",)}
Mask = Any  # an Arrow array of truth values


@dataclass(frozen=True)
class Person:
    """Who is to be forgotten, as the tables may have it: plain, and hashed.

    Attributes
    ----------
    role : "id", of predictions, or "subject", whom they are about
    names : the texts that mean this one
    columns : features that hold it as well
    """

    role: str
    names: frozenset[str]
    columns: tuple[str, ...] = ()

    @property
    def needed(self) -> list[str]:
        """Columns of the predictions that tell whose they are."""
        return ["id", "timestamp", "subject", *(f"features.{name}" for name in self.columns)]

    def marks(self, rows: pa.Table) -> Mask:
        """Which predictions are this one's."""
        found = _among(rows[self.role], self.names)
        fields = (
            [f.name for f in rows.schema.field("features").type] if "features" in rows.column_names else []
        )
        for name in self.columns:
            if name in fields:
                values = pc.struct_field(rows["features"], name).cast(pa.string())
                found = pc.or_(found, _among(values, self.names | {f"{n}.0" for n in self.names}))
        return found


@dataclass
class _Keys:
    """The predictions that go: their ids, with their times, and those ids that others have as well."""

    pairs: set[tuple[str | None, int]] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        return {name for name, _ in self.pairs if name is not None}

    def marks(self, rows: pa.Table) -> Mask:
        """Rows that are about these predictions: by id and time, or by an id that nobody else has."""
        found = _among(rows["id"], self.ids)
        ids, moments = rows["id"].to_pylist(), rows["timestamp"].cast(pa.int64()).to_pylist()
        kept = [
            mine and (moment is None or (name, moment) in self.pairs or name not in self.shared)
            for mine, name, moment in zip(found.to_pylist(), ids, moments, strict=True)
        ]
        return pa.array(kept, pa.bool_())


def forget_rows(journal: Journal, person: Person) -> tuple[dict[str, int], frozenset[str]]:
    """Remove what is this person's. Nobody else may be writing.

    Predictions go last: they tell whose an outcome is, should this have to be repeated.

    Returns
    -------
    (table → rows removed, or cleared of the name; the ids of the predictions, where these are the person's alone)
    """
    keys = _keys(journal, person)
    by_id = person.role == "id"

    def about(rows: pa.Table) -> Mask:
        return _among(rows["id"], person.names) if by_id else keys.marks(rows)

    def theirs(rows: pa.Table) -> Mask:
        return (
            pc.or_(person.marks(rows), about(rows))
            if by_id
            else pc.or_(person.marks(rows), _exact(rows, keys))
        )

    found = {
        "outcomes": _remove(journal.outcomes, about),
        "truth": _remove(journal.truth, about),
        **{name: _clear(journal.tables[name], columns, person.names) for name, columns in TEXTS.items()},
        "predictions": _remove(journal.predictions, theirs, person.needed),
    }
    return found, frozenset(keys.ids - keys.shared) | (person.names if by_id else frozenset())


def _keys(journal: Journal, person: Person) -> _Keys:
    keys = _Keys()
    if person.role == "id":
        return keys
    files = live_files(journal.predictions)
    for file in files:
        rows = read(journal.predictions, [file], person.needed)
        keys.pairs |= _pairs(rows.filter(person.marks(rows)))
    for file in files if keys.pairs else ():
        rows = read(journal.predictions, [file], person.needed)
        others = rows.filter(pc.and_(_among(rows["id"], keys.ids), pc.invert(person.marks(rows))))
        keys.shared |= {name for name, moment in _pairs(others) - keys.pairs if name is not None}
    return keys


def _pairs(rows: pa.Table) -> set[tuple[str | None, int]]:
    moments = rows["timestamp"].cast(pa.int64()).to_pylist()
    return set(zip(rows["id"].to_pylist(), moments, strict=True))


def _exact(rows: pa.Table, keys: _Keys) -> Mask:
    moments = rows["timestamp"].cast(pa.int64()).to_pylist()
    ids = rows["id"].to_pylist()
    return pa.array([pair in keys.pairs for pair in zip(ids, moments, strict=True)], pa.bool_())


def _among(column: Any, names: Collection[str]) -> Mask:
    return pc.fill_null(pc.is_in(column, pa.array(sorted(names), pa.string())), False).combine_chunks()


def _remove(
    table: Table, doomed: Callable[[pa.Table], Mask], columns: Sequence[str] = ("id", "timestamp")
) -> int:
    def left(file: LiveFile) -> tuple[pa.Table, int] | None:
        marks = doomed(read(table, [file], columns))
        count = int(pc.sum(marks).as_py() or 0)
        return (read(table, [file]).filter(pc.invert(marks)), count) if count else None

    return _rewrite(table, left)


def _clear(table: Table, columns: Sequence[str], names: Collection[str]) -> int:
    """Texts that name the person are replaced."""

    def cleared(file: LiveFile) -> tuple[pa.Table, int] | None:
        texts = read(table, [file], columns)
        marks = {name: _naming(texts[name], names) for name in texts.column_names}
        count = int(pc.sum(reduce(pc.or_, marks.values())).as_py() or 0)
        return (_with(read(table, [file]), marks), count) if count else None

    return _rewrite(table, cleared)


def _with(rows: pa.Table, marks: Mapping[str, Mask]) -> pa.Table:
    for name, named in marks.items():
        place, said = rows.schema.get_field_index(name), pa.scalar(FORGOTTEN, pa.string())
        rows = rows.set_column(place, rows.schema.field(name), pc.if_else(named, said, rows[name]))
    return rows


def _naming(column: Any, names: Collection[str]) -> Mask:
    found = _among(column, names)
    for name in names:
        if len(name) >= LONG:
            found = pc.or_(found, pc.fill_null(pc.match_substring(column, name), False).combine_chunks())
    return found


def _rewrite(table: Table, made: Callable[[LiveFile], tuple[pa.Table, int] | None]) -> int:
    """Files in which something changes, in one commit."""
    found = [(file, made(file)) for file in live_files(table)]
    changed = [(file, result) for file, result in found if result is not None]
    if changed:
        replace(table, [Replacement([file], rows) for file, (rows, _) in changed], data_change=True)
    return sum(count for _, (_, count) in changed)
