"""Engine: DuckDB, one connection per process and thread."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["quoted_name", "quoted_text", "reader", "scratch"]

_local = threading.local()


def scratch() -> duckdb.DuckDBPyConnection:
    """A connection that sees nothing but what is registered with it: no files, no network, no settings."""
    import duckdb

    if getattr(_local, "owner", None) != os.getpid():
        connection = duckdb.connect(":memory:", config={"enable_external_access": "false", "threads": "1"})
        connection.execute("SET lock_configuration = true")
        _local.connection, _local.owner = connection, os.getpid()
    found: duckdb.DuckDBPyConnection = _local.connection
    return found


def reader() -> duckdb.DuckDBPyConnection:
    """A new connection that reads files, in their order."""
    import duckdb

    return duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})


def quoted_name(name: str) -> str:
    """
    >>> quoted_name('a "b"')
    '"a ""b\"""'
    """
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """
    >>> quoted_text("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
