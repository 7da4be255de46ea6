"""Database: short transactions, one writer at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from watchkeeper.errors import WorkspaceError
from watchkeeper.state.engines import PATIENCE, shown

__all__ = ["Database"]


class Database:
    """An engine and the two kinds of transaction that everything else is made of."""

    def __init__(self, engine: Engine, schema: str | None) -> None:
        self.engine = engine
        self.schema = schema
        self.name = shown(engine.url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What is written is seen; nothing waits."""
        with self._named_errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Written whole or not at all; other writers wait, so that what was read here still holds at the end."""
        with self._named_errors(), self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                if self.schema is not None:
                    self._wait_in_line(connection, self.schema)
                yield connection

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        self.engine.dispose()

    @staticmethod
    def _wait_in_line(connection: Connection, schema: str) -> None:
        """PostgreSQL lets many write at once; one lock for the schema makes it as simple as SQLite."""
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
        key = zlib.crc32(f"watchkeeper {schema}".encode())
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            said = " ".join(str(error.orig).split())
            raise WorkspaceError(f"state {self.name}: {said}{_fix(said, self.schema is None)}") from error


def _fix(said: str, file: bool) -> str:
    """What a person can do about what the database said."""
    if "locked" in said or "lock timeout" in said:
        return f"; another process has been writing for {PATIENCE} seconds, end it and repeat"
    if "not a database" in said or "malformed" in said:
        return "; restore it from a backup, or give another path as 'state' in watchkeeper.yaml"
    if "readonly" in said or "unable to open" in said or "permission denied" in said:
        return "; give this user the right to write there" + (", in the folder too" if file else "")
    if "disk I/O error" in said or "full" in said:
        return "; is the disk full? Make room and repeat: what was recorded is kept"
    return "" if file else "; is the server up, and is the URL in watchkeeper.yaml right?"
