"""Engines: SQLite and PostgreSQL, set up so that several processes can use them at once."""

from __future__ import annotations

import os
import time
import weakref
from pathlib import Path
from sqlite3 import Connection as SQLite
from sqlite3 import OperationalError

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from watchkeeper.errors import DependencyError, WorkspaceError

__all__ = ["PATIENCE", "engine_of", "shown"]

PATIENCE = 30  # seconds that one process waits for another's short transaction
SCHEMA = "watchkeeper"  # of PostgreSQL, where the URL names none by ?schema=
POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
VALID = "valid are a path, 'sqlite:///path' and 'postgresql://user@host/database'"

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def engine_of(url: str | os.PathLike[str]) -> tuple[Engine, str | None]:
    """(engine, the schema of its tables or None); connects to nothing yet."""
    parsed = _parsed(os.fspath(url))
    if parsed.drivername == "sqlite":
        engine, schema = _sqlite(parsed), None
    else:
        engine, schema = _postgresql(parsed)
    _engines.add(engine)
    return engine, schema


def shown(url: URL) -> str:
    """The URL without its password; a file by its path."""
    return str(url.database) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


def _parsed(text: str) -> URL:
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise WorkspaceError(f"state: {text.partition('://')[0]}://... is not a URL; {VALID}") from None
    if url.drivername != "sqlite" and url.drivername not in POSTGRESQL:
        raise WorkspaceError(f"state: {url.drivername!r} is not a database that is known; {VALID}")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise WorkspaceError(
            f"state: {text!r} names no file, and processes share one; give 'sqlite:///state.db'"
        )
    return url


def _sqlite(url: URL) -> Engine:
    folder = Path(str(url.database)).parent
    if not folder.is_dir():
        raise WorkspaceError(
            f"state: {url.database}: there is no folder {folder}; make it, or correct the path"
        )
    engine = create_engine(url, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", lambda connection, _: _set_up(connection))
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: SQLite) -> None:
    connection.isolation_level = None  # transactions begin as `_begin` says, not as the driver guesses
    _write_ahead(connection)
    # a batch's number must outlive a power failure, as the tables do that were written under it
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: SQLite) -> None:
    """Switch to the write-ahead log; SQLite does not wait by itself where two processes do so at once."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin(connection: Connection) -> None:
    # a transaction that reads and then writes fails at once, without waiting, where another wrote in between
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> tuple[Engine, str]:
    named = url.query.get("schema", SCHEMA)
    schema = named if isinstance(named, str) else named[-1]
    target = url.set(drivername="postgresql+psycopg").difference_update_query(["schema"])
    try:
        engine = create_engine(target, pool_pre_ping=True, connect_args={"connect_timeout": PATIENCE // 3})
    except ImportError as error:
        raise DependencyError(
            f'a state in PostgreSQL needs psycopg ({error}): pip install "watchkeeper[postgresql]"'
        ) from None
    return engine.execution_options(schema_translate_map={None: schema}), schema


def _forget_connections() -> None:
    """A forked child must not speak on its parent's connections."""
    for engine in _engines:
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections)
