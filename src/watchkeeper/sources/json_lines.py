"""JSON: one object per line, or an array of objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from watchkeeper.errors import SourceError
from watchkeeper.rows import BATCH_ROWS
from watchkeeper.sources.engine import quoted_name, quoted_text, reader
from watchkeeper.sources.kinds import untyped
from watchkeeper.sources.reader import Reader, unique_columns
from watchkeeper.sources.text_files import beginning, compression_of, explained

if TYPE_CHECKING:
    import duckdb

__all__ = ["JsonReader"]


class JsonReader(Reader):
    """One file of JSON lines, read by DuckDB; keys and types are told from all of its rows.

    A key with values of several types becomes text.
    """

    count = None

    def __init__(self, path: Path, name: str, as_text: Collection[str] = ()) -> None:
        import duckdb

        self.path, self.name = path, name
        start = beginning(path, name).lstrip(b"\xef\xbb\xbf \t\r\n")
        if start[:1] not in (b"{", b"["):
            begin = start[:20].decode(errors="replace")
            raise SourceError(
                f"{name} is not JSON lines: it begins with {begin!r}; one object a line is needed"
            )
        self._array = start[:1] == b"["
        try:
            relation = self._from(reader(), "*", {})
            names, types = relation.columns, [str(t) for t in relation.types]
        except duckdb.Error as error:
            raise explained(path, name, error) from None
        unique_columns(name, names)
        self._mixed = {c for c, t in zip(names, types, strict=True) if t == "JSON"}
        text = {"JSON", *(() if not as_text else ("BIGINT", "DOUBLE", "UBIGINT", "HUGEINT"))}
        self._types = {
            c: "JSON" if t in text and (t == "JSON" or c in as_text) else t
            for c, t in zip(names, types, strict=True)
        }
        self._mixed |= {c for c in names if self._types[c] == "JSON"}
        self.schema = self._schema(names)
        if not self._any():
            raise SourceError(f"{name} has no rows")

    def _schema(self, names: Sequence[str]) -> pa.Schema:
        schema = self._relation(reader(), names).limit(0).to_arrow_table().schema
        fields = [pa.field(c, f.type) for c, f in zip(names, schema, strict=True)]
        return pa.schema([untyped(f) if f.name in self._mixed else f for f in fields])

    def _any(self) -> bool:
        return len(self._relation(reader(), self.schema.names[:1]).limit(1).to_arrow_table()) > 0

    def _from(
        self, connection: duckdb.DuckDBPyConnection, selected: str, types: dict[str, str]
    ) -> duckdb.DuckDBPyRelation:
        columns = ", ".join(f"{quoted_name(c)}: {quoted_text(t)}" for c, t in types.items())
        kind = "array" if self._array else "newline_delimited"
        return connection.sql(
            f"SELECT {selected} FROM read_json({quoted_text(str(self.path))}, format = {quoted_text(kind)}, "
            f"compression = {quoted_text(compression_of(self.path) or 'none')}, "
            "maximum_object_size = 67108864, convert_strings_to_integers = false, "
            + (f"columns = {{{columns}}})" if types else "sample_size = -1)")
        )

    def _relation(
        self, connection: duckdb.DuckDBPyConnection, columns: Sequence[str]
    ) -> duckdb.DuckDBPyRelation:
        selected = ", ".join(
            f"json_extract_string({quoted_name(c)}, '$') AS {quoted_name(c)}"
            if c in self._mixed
            else quoted_name(c)
            for c in columns
        )
        return self._from(connection, selected, self._types)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import duckdb

        wanted = list(columns) or self.schema.names[:1]
        schema = pa.schema([self.schema.field(c) for c in wanted])
        try:
            for batch in self._relation(reader(), wanted).to_arrow_reader(BATCH_ROWS):
                yield pa.RecordBatch.from_arrays(
                    [a.cast(f.type) for a, f in zip(batch.columns, schema, strict=True)], schema=schema
                )
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise explained(self.path, self.name, error) from None
