"""Table: a Delta table that a batch enters once, and whose files DuckDB reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.errors import DependencyError, WorkspaceError
from watchkeeper.journal.object_store import reaching, storage_of
from watchkeeper.journal.room import room_for
from watchkeeper.journal.schemas import Shape

if TYPE_CHECKING:
    import duckdb
    from deltalake import DeltaTable

__all__ = ["REPEAT", "Table", "gone"]

ROW_GROUP = 131_072
DAY = 86_400_000_000  # µs
REPEAT = "check that it is there, its file system mounted, and may be used; then repeat: nothing is lost"


@dataclass
class Table:
    """One table of a journal.

    Attributes
    ----------
    url : a folder, or an address that delta-rs understands
    options : of the object store
    needed : a folder without which no table is only one that nothing was written to yet
    """

    url: str
    shape: Shape
    options: Mapping[str, str] = field(default_factory=dict)
    needed: Path | None = None
    _handle: DeltaTable | None = field(default=None, init=False, repr=False, compare=False)

    @cached_property
    def _delta(self) -> Any:
        try:
            import deltalake
        except ImportError:
            raise DependencyError(
                "a journal needs the package deltalake; install it with: pip install 'watchkeeper[workspace]'"
            ) from None
        return deltalake

    def _open(self) -> DeltaTable | None:
        """The table as it was when it was first opened, and with what was appended here since: all that one run
        reads is of one moment. None where nothing was ever written.
        """
        if self._handle is None:
            self._handle = self.opened()
        return self._handle

    def opened(self) -> DeltaTable | None:
        """The table as it stands now; None where nothing was ever written.

        Raises
        ------
        WorkspaceError
            where something was, and its file system is away: a new journal would begin in its place, and nobody be
            found who is to be forgotten
        """
        found = self._delta.DeltaTable
        with reaching(self.url, self.options):
            if not found.is_deltatable(self.url, storage_of(self.url, self.options, first=True)):
                if self.needed is not None and not self.needed.is_dir():
                    raise gone(str(self.needed))
                return None
            table: DeltaTable = found(self.url, storage_options=self.storage)
        return table

    def standing(self) -> DeltaTable:
        """The table as it stands now, which was there before.

        Raises
        ------
        WorkspaceError
            where it is not any more
        """
        table = self.opened()
        if table is None:
            raise gone(self.url)
        return table

    @property
    def storage(self) -> dict[str, str] | None:
        """What delta-rs is told of the object store."""
        return storage_of(self.url, self.options)

    @property
    def exists(self) -> bool:
        return self._open() is not None

    @property
    def schema(self) -> pa.Schema:
        """Columns and types, ``features`` as wide as it has become; empty where nothing was written."""
        table = self._open()
        return pa.schema([]) if table is None else pa.schema(table.schema().to_arrow())

    def append(self, rows: pa.Table, batch: int | None = None) -> bool:
        """Add rows in one commit; False where the batch has been added before.

        Parameters
        ----------
        rows : the columns of the shape, those that are not there are null
        batch : numbers that rise; without one there is no memory of what was added
        """
        from deltalake import CommitProperties, Transaction, write_deltalake

        known = self._handle
        self._handle = table = self.opened()  # another process may have added the batch
        if known is not None and table is None:
            raise gone(self.url)
        if table is not None and batch is not None and self.last_batch() >= batch:
            return False
        rows = self._shaped(rows)
        mark = [Transaction(self._application, batch)] if batch is not None else None
        with reaching(self.url, self.options), room_for(self.url, rows):
            write_deltalake(
                self.url if table is None else table,
                rows,
                mode="append",
                schema_mode=None if table is None or rows.schema == self.schema else "merge",
                partition_by=["date"] if self.shape.dated else None,
                configuration=self._configuration if table is None else None,
                storage_options=self.storage,
                writer_properties=self.writing,
                commit_properties=CommitProperties(app_transactions=mark),
            )
        self._handle = self.opened()
        return True

    def last_batch(self) -> int:
        """The greatest number of a batch that was appended, 0 before the first."""
        table = self._open()
        return 0 if table is None else table.transaction_version(self._application) or 0

    def greatest(self, column: str) -> int:
        """The greatest value of an indexed column, 0 where there is none; by the table's log alone."""
        table = self._open()
        actions = pa.table({}) if table is None else pa.table(table.get_add_actions(flatten=True))
        if f"max.{column}" not in actions.column_names:
            return 0
        return int(pc.max(actions[f"max.{column}"]).as_py() or 0)

    @property
    def _application(self) -> str:
        return f"watchkeeper/{self.shape.name}"

    @property
    def _configuration(self) -> dict[str, str | None]:
        return {"delta.dataSkippingStatsColumns": ",".join(self.shape.indexed)}

    @cached_property
    def writing(self) -> Any:
        """How files are written."""
        return self._delta.WriterProperties(
            compression="ZSTD", compression_level=3, max_row_group_size=ROW_GROUP,
            default_column_properties=self._delta.ColumnProperties(statistics_enabled="NONE"),
            column_properties={
                name: self._delta.ColumnProperties(statistics_enabled="CHUNK") for name in self.shape.indexed
            },
        )  # fmt: skip

    def _shaped(self, rows: pa.Table) -> pa.Table:
        """With every fixed column, and the date of each row."""
        for name, type_ in self.shape.fields.items():
            if name not in rows.column_names:
                rows = rows.append_column(name, pa.nulls(rows.num_rows, type_))
            elif rows.schema.field(name).type != type_:
                rows = rows.set_column(rows.schema.get_field_index(name), name, rows[name].cast(type_))
        if self.shape.dated and "date" not in rows.column_names:
            rows = rows.append_column(
                "date", rows["timestamp"].cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
            )
        return rows.select(
            [*self.shape.fields, *(n for n in rows.column_names if n not in self.shape.fields)]
        )

    def files(
        self,
        start: int | None = None,
        end: int | None = None,
        after: int | None = None,
        by: str = "batch",
        within: Mapping[str, tuple[int, int]] | None = None,
    ) -> list[str]:
        """Live files that may hold rows of these times and batches.

        Parameters
        ----------
        start, end : µs since 1970 UTC, of the dates in question; ``end`` excluded
        after : only files with a number (``by``: batch, run) above this one
        within : indexed column → from where to where, both included
        """
        table = self._open()
        if table is None:
            return []
        actions = pa.table(table.get_add_actions(flatten=True)).sort_by("path")
        chosen = pa.repeat(pa.scalar(True), actions.num_rows)
        if self.shape.dated and "partition.date" in actions.column_names:
            dates = actions["partition.date"].cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
            if start is not None:
                chosen = pc.and_(chosen, pc.greater_equal(dates, start // DAY))
            if end is not None:
                chosen = pc.and_(chosen, pc.less(dates, -(-end // DAY)))
        if after is not None and f"max.{by}" in actions.column_names:
            chosen = pc.and_(chosen, pc.fill_null(pc.greater(actions[f"max.{by}"], after), True))
        for column, (least, greatest) in (within or {}).items():
            if f"max.{column}" in actions.column_names:
                inside = pc.and_(
                    pc.greater_equal(actions[f"max.{column}"], least),
                    pc.less_equal(actions[f"min.{column}"], greatest),
                )
                chosen = pc.and_(chosen, pc.fill_null(inside, True))
        return self._addresses(actions.filter(pc.fill_null(chosen, True)))

    def single(self, *columns: str) -> dict[str, tuple[int, ...]]:
        """Live files in which each of these indexed columns has one value only, and these; by the table's log alone."""
        table = self._open()
        actions = pa.table({}) if table is None else pa.table(table.get_add_actions(flatten=True))
        if not all(f"max.{column}" in actions.column_names for column in columns):
            return {}
        ends = [[actions[f"{end}.{c}"].to_pylist() for c in columns] for end in ("min", "max")]
        least, greatest = (list(zip(*end, strict=True)) for end in ends)
        pairs = zip(self._addresses(actions), least, greatest, strict=True)
        return {file: a for file, a, b in pairs if a == b and None not in a}

    def _addresses(self, actions: pa.Table) -> list[str]:
        table = self._open()
        assert table is not None
        root = table.table_uri.rstrip("/").removeprefix("file://")
        return [f"{root}/{_unquoted(p)}" for p in actions["path"].to_pylist()]

    def relation(
        self, connection: duckdb.DuckDBPyConnection, files: Sequence[str] | None = None
    ) -> duckdb.DuckDBPyRelation | None:
        """These files (default: all) as a relation; None where there are none."""
        files = self.files() if files is None else list(files)
        if not files:
            return None
        if "://" not in files[0]:
            return connection.read_parquet(files, hive_partitioning=self.shape.dated, union_by_name=True)
        table = self._open()
        assert table is not None
        names = {f.rsplit("/", 1)[-1] for f in files}
        dataset = table.to_pyarrow_dataset()
        import pyarrow.dataset as ds

        parts = [f for f in dataset.get_fragments() if f.path.rsplit("/", 1)[-1] in names]
        return connection.from_arrow(
            ds.FileSystemDataset(parts, dataset.schema, dataset.format, dataset.filesystem)
        )


def gone(place: str) -> WorkspaceError:
    """Of a table, or of all of a model, that was there."""
    return WorkspaceError(
        f"{place}: this part of the journal was there, and is not any more; if it was removed on purpose, begin a new"
        f" workspace, else {REPEAT}"
    )


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)
