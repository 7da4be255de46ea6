"""Engine: DuckDB, one connection per process and thread."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["quoted_name", "quoted_text", "reader", "scratch"]

QUIET = "SET enable_progress_bar = false"  # which DuckDB draws into every notebook and shell else

_local = threading.local()


def scratch(timezone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """A connection that sees nothing but what is registered with it: no files, no network, no settings.

    Parameters
    ----------
    timezone : in which SQL functions such as ``dayofweek`` understand instants
    """
    import duckdb

    if getattr(_local, "owner", None) != os.getpid():
        _local.connections, _local.owner = {}, os.getpid()
    known: dict[str, duckdb.DuckDBPyConnection] = _local.connections
    if timezone not in known:
        connection = duckdb.connect(":memory:", config={"enable_external_access": "false", "threads": "1"})
        connection.execute(f"SET TimeZone = {quoted_text(timezone)}; {QUIET}")
        connection.execute("SET lock_configuration = true")
        known[timezone] = connection
    return known[timezone]


def reader() -> duckdb.DuckDBPyConnection:
    """A new connection that reads files, in their order."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    connection.execute(QUIET)
    return connection


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
