"""Backups of the state, taken before its tables change."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from watchkeeper.state.database import Database

__all__ = ["back_up"]


def back_up(database: Database, connection: Connection, number: int) -> str:
    """Copy everything as it is; gives the name of the copy.

    Parameters
    ----------
    connection : in a transaction that keeps other writers out, and has changed nothing yet
    number : of the schema, part of the copy's name

    SQLite: a file beside the state, ``state.db.<number>.backup``. PostgreSQL: a schema beside the state's,
    ``watchkeeper_backup_<number>``, whose tables hold the same rows.
    """
    if database.schema is None:
        return _file(database, number)
    return _tables(connection, database.schema, number)


def _file(database: Database, number: int) -> str:
    target = Path(f"{database.engine.url.database}.{number}.backup")
    half = target.with_name(f"{target.name}.{os.getpid()}")  # a name that is there is a backup that is whole
    half.unlink(missing_ok=True)
    other = database.engine.raw_connection()  # a transaction cannot be copied from within
    try:
        other.cursor().execute("VACUUM INTO ?", (str(half),))
    finally:
        other.close()
    half.replace(target)
    return str(target)


def _tables(connection: Connection, schema: str, number: int) -> str:
    quote = connection.dialect.identifier_preparer.quote_identifier
    copy = f"{schema}_backup_{number}"
    connection.execute(text(f"DROP SCHEMA IF EXISTS {quote(copy)} CASCADE"))
    connection.execute(text(f"CREATE SCHEMA {quote(copy)}"))
    for table in inspect(connection).get_table_names(schema=schema):
        source = f"{quote(schema)}.{quote(table)}"
        connection.execute(text(f"CREATE TABLE {quote(copy)}.{quote(table)} AS TABLE {source}"))
    return copy
