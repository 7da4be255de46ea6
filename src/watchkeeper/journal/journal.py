"""Journal: everything that was recorded of one model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from watchkeeper.journal.object_store import is_remote
from watchkeeper.journal.schemas import TABLES
from watchkeeper.journal.table import Table
from watchkeeper.wal import file_name

if TYPE_CHECKING:
    import duckdb

    from watchkeeper.workspace import Workspace

__all__ = ["RECORDED", "Journal"]

RECORDED = "recorded"  # the fact that tells up to which batch a model has something in its journal


@dataclass
class Journal:
    """The tables of one model.

    Attributes
    ----------
    url : of all journals: a folder, or an address that delta-rs understands
    model : its name
    options : of the object store
    recorded : whether something is in it, so that its folder must be there
    """

    url: str
    model: str
    options: Mapping[str, str] = field(default_factory=dict)
    recorded: bool = False

    @classmethod
    def of(cls, workspace: Workspace, model: str) -> Journal:
        """The journal of a model, where the workspace keeps it."""
        recorded = workspace.state.fact(model, RECORDED) is not None
        return cls(workspace.journal_url, model, workspace.storage_options, recorded)

    @cached_property
    def tables(self) -> dict[str, Table]:
        root = f"{self.url.rstrip('/')}/{file_name(self.model)}"
        needed = Path(root.removeprefix("file://")) if self.recorded and not is_remote(root) else None
        return {name: Table(f"{root}/{name}", shape, self.options, needed) for name, shape in TABLES.items()}

    @property
    def predictions(self) -> Table:
        return self.tables["predictions"]

    @property
    def outcomes(self) -> Table:
        return self.tables["outcomes"]

    @property
    def events(self) -> Table:
        return self.tables["events"]

    @property
    def truth(self) -> Table:
        return self.tables["truth"]

    def last_batch(self) -> int:
        """The greatest number that a table was told of a batch, 0 before the first."""
        recorded = (self.tables[name] for name in ("predictions", "outcomes", "events"))
        return max(table.last_batch() for table in recorded)

    def last_run(self) -> int:
        """The greatest number of a run that has written something, 0 before the first."""
        return max(self.tables[name].greatest("run") for name in ("profiles", "service", "verdicts"))

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """To read the tables with; times are UTC."""
        from watchkeeper.sources.engine import reader

        connection = reader()
        connection.execute("SET TimeZone = 'UTC'")
        return connection

    def row(self, sql: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
        """The first row that a query gives."""
        found: list[tuple[Any, ...]] = self.connection.execute(sql, values or {}).fetchall()
        return found[0] if found else None

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> pa.Table:
        """All that a query gives."""
        return self.connection.query(sql, params=values or None).to_arrow_table()

    def view(self, name: str, table: Table, files: Iterable[str] | None = None) -> bool:
        """Let SQL see some files of a table (default: all) under a name; False where there are none."""
        relation = table.relation(self.connection, None if files is None else list(files))
        if relation is None:
            self.connection.execute(f"DROP VIEW IF EXISTS {name}")
            return False
        relation.create_view(name, replace=True)
        return True
