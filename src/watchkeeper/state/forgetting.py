"""Forgetting: a person's names out of the state and its backups, down to the bytes of their files."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, Text, inspect, select, text, update

from watchkeeper.errors import WorkspaceError
from watchkeeper.state.database import Database
from watchkeeper.state.engines import PATIENCE, engine_of

__all__ = ["Forgetting"]

LONG = 4  # characters from which on a name within a longer word is meant
DISTINCT = 8  # digits from which on a number among the categories of a plan is meant: fewer may be anybody's
KEYS = (
    "model",
    "kind",
    "key",
    "path",
    "name",
    "segments",
    "holder",
    "place",
)  # names of ours, not of persons


class Forgetting(Database):
    """A state that can forget."""

    def forget(self, names: Collection[str], ids: Collection[str] = ()) -> int:
        """Remove names from all that is remembered, backups included; gives how many values held them.

        Parameters
        ----------
        ids : names that only examples may hold

        An example that names one goes as a whole. Elsewhere, as among the categories of a plan, another word takes
        its place, so that what was counted stays what it is.
        """
        changed = _forget(self, names, ids)
        for backup in self._backups():
            other = Database(*engine_of(str(backup)))
            try:
                changed += _forget(other, names, ids)
            finally:
                other.close()
        return changed

    def _backups(self) -> Iterator[Path]:
        """Files beside a state in SQLite; half ones, which a killed process left, go at once."""
        if self.schema is not None:
            return
        path = Path(str(self.engine.url.database))
        for found in sorted(path.parent.glob(f"{path.name}.*.backup*")):
            if found.suffix == ".backup":
                yield found
            else:
                found.unlink()


def _forget(database: Database, names: Collection[str], ids: Collection[str]) -> int:
    changed = 0
    with database.writing() as connection:
        for schema in _schemas(connection, database.schema):
            for table in _tables(connection, schema):
                changed += _forget_in(connection, table, names, ids)
    _rewrite(database)
    return changed


def _schemas(connection: Connection, schema: str | None) -> list[str | None]:
    """The state's, and in PostgreSQL those of its backups."""
    if schema is None:
        return [None]
    names = inspect(connection).get_schema_names()
    return [name for name in names if name == schema or name.startswith(f"{schema}_backup_")]


def _tables(connection: Connection, schema: str | None) -> list[Table]:
    plain = connection.execution_options(schema_translate_map=None)
    names = inspect(plain).get_table_names(schema=schema)
    return [Table(name, MetaData(), schema=schema, autoload_with=plain) for name in names]


def _forget_in(connection: Connection, table: Table, names: Collection[str], ids: Collection[str]) -> int:
    columns = [c for c in table.columns if isinstance(c.type, Text) and c.name not in KEYS]
    changed = 0
    for row in connection.execute(select(table)).mappings().all():
        values = {c.name: row[c.name] for c in columns if row[c.name] is not None}
        fresh = {name: _cleared(name, value, names, ids) for name, value in values.items()}
        differ = {name: value for name, value in fresh.items() if value != values[name]}
        if differ:
            same = [c == row[c.name] for c in table.columns if row[c.name] is not None]
            connection.execute(update(table).where(*same).values(**differ))
            changed += len(differ)
    return changed


def _cleared(column: str, value: str, names: Collection[str], ids: Collection[str]) -> str | None:
    if column == "example":
        return None if any(_names(value, name) for name in {*names, *ids}) else value
    meant = [name for name in names if name in value and len(name) >= (DISTINCT if name.isdigit() else LONG)]
    if not meant:
        return value
    try:
        read = json.loads(value)
    except ValueError:
        return _other(value, meant)
    return json.dumps(_walked(read, meant), ensure_ascii=False)


def _names(value: str, name: str) -> bool:
    """Whether a text has a name in it, a short one as a word of its own.

    >>> _names("speed=15", "5"), _names("speed=5", "5"), _names("user=anna-1", "anna")
    (False, True, True)
    """
    if len(name) >= LONG:
        return name in value
    return name in value and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", value) is not None


def _walked(read: Any, names: Collection[str]) -> Any:
    if isinstance(read, dict):
        return {_walked(key, names): _walked(value, names) for key, value in read.items()}
    if isinstance(read, list):
        return [_walked(value, names) for value in read]
    return _other(read, names) if isinstance(read, str) else read


def _other(value: str, names: Collection[str]) -> str:
    """The text with other words for the names: each its own, for two categories must stay two."""
    for name in names:
        value = value.replace(name, f"forgotten-{secrets.token_hex(4)}")
    return value


def _rewrite(database: Database) -> None:
    """Write the files anew: what was deleted is otherwise still in their free pages and in the log."""
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if database.schema is None:
            cursor.execute("VACUUM")
            _truncate_log(cursor, database.name)
    finally:
        connection.close()
    if database.schema is not None:
        with database.engine.connect() as plain:
            plain.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM"))


def _truncate_log(cursor: Any, name: str) -> None:
    until = time.monotonic() + PATIENCE
    while cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > until:
            raise WorkspaceError(
                f"state {name}: another process has been reading for {PATIENCE} seconds, so that its log cannot be "
                "emptied of what was forgotten; end it and repeat"
            )
        time.sleep(0.05)
