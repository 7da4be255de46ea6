"""Opening a state: what is made, what is migrated, what is refused and why."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, inspect, select, text, update

from watchkeeper.errors import WorkspaceError
from watchkeeper.state import State
from watchkeeper.state.migrations import MIGRATIONS, migrate
from watchkeeper.state.tables import METADATA, facts, version


def add_a_table(connection: Connection) -> None:
    Table("added", MetaData(), Column("a", Integer)).create(connection)


def fail(connection: Connection) -> None:
    add_a_table(connection)
    connection.execute(update(facts).values(value="0"))
    raise RuntimeError("half way")


def tables(state: State) -> set[str]:
    return set(inspect(state.engine).get_table_names(schema=state.schema))


def number(state: State) -> int:
    with state.reading() as connection:
        return connection.execute(select(version.c.number)).scalar_one()


def test_the_tables_are_there_and_the_schema_has_its_number(state: State) -> None:
    assert tables(state) == set(METADATA.tables)
    assert number(state) == len(MIGRATIONS) + 1


@pytest.mark.parametrize("form", ["path", "sqlite:///path", "PathLike"])
def test_a_path_is_a_state_of_sqlite(tmp_path: Path, form: str) -> None:
    path = tmp_path / "ä state.db"
    given = {"path": str(path), "sqlite:///path": f"sqlite:///{path}", "PathLike": path}[form]
    with State.open(given) as state:
        assert state.name == str(path)
        assert repr(state) == f"State({str(path)!r})"
        with state.reading() as connection:
            pragmas = [
                connection.execute(text(f"PRAGMA {p}")).scalar()
                for p in ("journal_mode", "busy_timeout", "synchronous", "foreign_keys")
            ]
        assert pragmas == ["wal", 30_000, 2, 1]
    assert path.exists()


def test_a_migration_keeps_what_was_there_beside_it(url: str, tmp_path: Path) -> None:
    with State.open(url) as state:
        state.set_fact("m", "k", "before")
        migrate(state, (*MIGRATIONS, add_a_table))
        assert (tables(state) - set(METADATA.tables), number(state)) == ({"added"}, len(MIGRATIONS) + 2)
        state.set_fact("m", "k", "after")
        copy = backup(state, len(MIGRATIONS) + 1)
        assert copy == ("before", len(MIGRATIONS) + 1)
        migrate(state, (*MIGRATIONS, add_a_table))  # nothing to do
        assert state.fact("m", "k") == "after"


def backup(state: State, schema: int) -> tuple[str, int]:
    """(the fact, the schema's number) in the backup."""
    if state.schema is None:
        with sqlite3.connect(f"{state.name}.{schema}.backup") as file:
            (value,), (found,) = (
                file.execute(q).fetchone() for q in ("SELECT value FROM facts", "SELECT number FROM version")
            )
        file.close()
    else:
        with state.reading() as connection:
            copy = f'"{state.schema}_backup_{schema}"'
            value, found = (
                connection.execute(text(f"SELECT {c} FROM {copy}.{t}")).scalar()
                for c, t in (("value", "facts"), ("number", "version"))
            )
    return str(value).strip('"'), found


def test_a_migration_that_fails_changes_nothing(state: State) -> None:
    state.set_fact("m", "k", "before")
    with pytest.raises(RuntimeError, match="half way"):
        migrate(state, (*MIGRATIONS, fail))
    assert (tables(state), number(state), state.fact("m", "k")) == (
        set(METADATA.tables),
        len(MIGRATIONS) + 1,
        "before",
    )
    migrate(state, (*MIGRATIONS, add_a_table))
    assert "added" in tables(state)


def test_a_newer_schema_is_refused(state: State, url: str) -> None:
    with state.writing() as connection:
        connection.execute(update(version).values(number=99))
    with pytest.raises(WorkspaceError, match=rf"its schema is 99, .* knows {len(MIGRATIONS) + 1}; upgrade"):
        State.open(url)


def test_a_database_of_something_else_is_refused(url: str) -> None:
    with State.open(url) as state, state.writing() as connection:
        METADATA.drop_all(connection)
        add_a_table(connection)
    with pytest.raises(WorkspaceError, match="of something else, with tables added"):
        State.open(url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://u:secret@h/d", "'mysql' is not a database that is known; valid are"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("://", "is not a URL"),
        ("postgresql://u@h:port/d", "is not a URL"),
        ("sqlite:////nowhere/state.db", "there is no folder /nowhere"),
        ("/nowhere/state.db", "there is no folder /nowhere"),
        ("postgresql://u:secret@127.0.0.1:1/d", r"u:\*\*\*@127.*is the server up"),
    ],
)
def test_what_cannot_be_opened_is_named_without_its_password(url: str, says: str) -> None:
    with pytest.raises(WorkspaceError, match=says) as raised:
        State.open(url)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_text("this is text, and long enough to be looked at as a database" * 100)
    with pytest.raises(WorkspaceError, match=r"state\.db: file is not a database; restore"):
        State.open(path)


@pytest.mark.skipif(os.name != "posix", reason="needs file permissions")
def test_a_file_that_cannot_be_written_names_the_fix(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    State.open(tmp_path / "state.db").close()
    tmp_path.chmod(0o500)
    (tmp_path / "state.db").chmod(0o400)
    with pytest.raises(WorkspaceError, match="right to write"):
        State.open(tmp_path / "state.db").set_fact("m", "k", 1)


def test_a_user_without_rights_is_told(postgresql_url: str) -> None:
    from sqlalchemy import create_engine

    server, _, schema = postgresql_url.partition("?schema=")
    admin = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {schema} LOGIN"))
    admin.dispose()
    with pytest.raises(WorkspaceError, match=r"permission denied.*right to write there"):
        State.open(postgresql_url.replace("postgres@", f"{schema}@"))


def test_two_schemas_share_a_database(server: str, postgresql_url: str) -> None:
    with State.open(postgresql_url) as one, State.open(f"{postgresql_url}_b") as two:
        one.set_fact("m", "k", 1)
        assert two.models() == []


def test_what_a_dead_server_says_is_a_message(postgresql_url: str) -> None:
    with State.open(postgresql_url) as state:
        with state.reading() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with State.open(postgresql_url) as other, other.reading() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        assert state.models() == []  # a connection that died is replaced


def without(package: str) -> str:
    """The error of opening a state where a package is missing."""
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from watchkeeper.errors import DependencyError\n"
        "try:\n    from watchkeeper.state import State; State.open('postgresql://u@h/d')\n"
        "except DependencyError as error: print(error)"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_missing_packages_are_named() -> None:
    assert 'pip install "watchkeeper[workspace]"' in without("sqlalchemy")
    assert 'pip install "watchkeeper[postgresql]"' in without("psycopg")


def write_and_fail(state: State) -> None:
    with state.writing() as connection:
        connection.execute(insert(facts).values(model="m", key="k", value="1", set_at=0))
        raise ZeroDivisionError


def test_a_transaction_is_whole_or_not_at_all(state: State) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(state)
    assert state.models() == []
