"""The schema's number, and the steps from one to the next.

A new step is a function at the end of ``MIGRATIONS``: it changes the tables by SQLAlchemy within the transaction that
it gets, from what they were to what ``tables.py`` says now. Steps that were released are never changed.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy import Text as PlainText

from watchkeeper.errors import WorkspaceError
from watchkeeper.state.backup import back_up
from watchkeeper.state.database import Database
from watchkeeper.state.tables import METADATA, version

__all__ = ["MIGRATIONS", "migrate"]

Migration = Callable[[Connection], None]


def _acknowledgements(connection: Connection) -> None:
    Table(
        "acknowledgements", MetaData(), Column("model", PlainText, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False), Column("kind", PlainText, primary_key=True),
        Column("made_at", BigInteger, nullable=False), Column("made_by", PlainText), Column("note", PlainText),
        Column("begin", BigInteger), Column("seen", BigInteger), Column("reference", PlainText),
    ).create(connection)  # fmt: skip


MIGRATIONS: tuple[Migration, ...] = (_acknowledgements,)  # the first makes schema 2 of schema 1


def migrate(database: Database, migrations: tuple[Migration, ...] | None = None) -> None:
    """Create the tables, or bring them to this version's schema after a backup.

    Raises
    ------
    WorkspaceError
        where a newer version of Watchkeeper made them, or they are somebody else's
    """
    steps = MIGRATIONS if migrations is None else migrations
    newest = len(steps) + 1
    with database.reading() as connection:
        if _found(database, connection, newest) == newest:
            return
    with database.writing() as connection:  # nobody else writes, or migrates, from here on
        found = _found(database, connection, newest)
        if found is None:
            _create(database, connection, newest)
        elif found < newest:
            back_up(database, connection, found)
            for step in steps[found - 1 :]:
                step(connection)
            connection.execute(update(version).values(number=newest))


def _found(database: Database, connection: Connection, newest: int) -> int | None:
    """The schema's number, or None where there is nothing yet."""
    tables = inspect(connection).get_table_names(schema=database.schema)
    if not tables:
        return None
    if "version" not in tables:
        raise WorkspaceError(
            f"state {database.name}: a database of something else, with tables {', '.join(sorted(tables)[:5])}; "
            "give one of its own as 'state' in watchkeeper.yaml"
        )
    found = int(connection.execute(select(version.c.number)).scalar_one())
    if found > newest:
        raise WorkspaceError(
            f"state {database.name}: its schema is {found}, and this version of Watchkeeper knows {newest}; "
            "upgrade it: pip install --upgrade watchkeeper"
        )
    return found


def _create(database: Database, connection: Connection, newest: int) -> None:
    if database.schema is not None and not inspect(connection).has_schema(database.schema):
        connection.execute(text(f"CREATE SCHEMA {_quoted(connection, database.schema)}"))
    METADATA.create_all(connection)
    connection.execute(insert(version).values(number=newest))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
