"""Delimited text: CSV, TSV."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from watchkeeper.errors import SourceError
from watchkeeper.rows import BATCH_ROWS
from watchkeeper.sources.engine import quoted_name, quoted_text, reader
from watchkeeper.sources.kinds import is_text, untyped
from watchkeeper.sources.reader import Reader, unique_columns
from watchkeeper.sources.text_files import beginning, compression_of, explained, not_utf8

if TYPE_CHECKING:
    import duckdb

__all__ = ["DelimitedReader"]

DELIMITERS = ",\t;|"
SAMPLE = 100  # records that the delimiter is told from
# no BOOLEAN: DuckDB reads "yes" and "no" as such and would lose how classes are written
TYPES = "['BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'VARCHAR']"


class DelimitedReader(Reader):
    """One file of delimited text with a header, read by DuckDB; types are told from all of its rows.

    Parameters
    ----------
    as_text : columns to read as they are written, whatever they look like

    Raises
    ------
    SourceError
        for a file without header or rows, one that is not UTF-8, or records of different length
    """

    count = None

    def __init__(self, path: Path, name: str, as_text: Collection[str] = ()) -> None:
        self.path, self.name = path, name
        self._delimiter, self._header, records = _dialect(path, name)
        self._decimal = _decimal(records, self._delimiter)
        unique_columns(name, self._header)
        if not records:
            raise SourceError(f"{name} has a header ({', '.join(self._header[:12])}) and no rows")
        self._strict = True
        self._types: dict[str, str] = {}
        types = self._sniffed()
        self._types = {
            c: "VARCHAR" if c in as_text else str(k) for c, k in zip(self._header, types, strict=True)
        }
        relation = self._relation(reader(), self._header[:])
        fields = relation.limit(0).to_arrow_table().schema
        self.schema = pa.schema(
            [untyped(pa.field(c, f.type)) if is_text(f.type) else pa.field(c, f.type)
             for c, f in zip(self._header, fields, strict=True)]
        )  # fmt: skip

    def _sniffed(self) -> Sequence[object]:
        import duckdb

        try:
            return self._relation(reader(), self._header).types
        except duckdb.Error as error:
            problem = explained(self.path, self.name, error, self._delimiter)
            if not str(problem).startswith(f"{self.name} cannot be read"):
                raise problem from None
        self._strict = False  # every record has its fields: it is the line ends that differ
        try:
            return self._relation(reader(), self._header).types
        except duckdb.Error as error:
            raise explained(self.path, self.name, error, self._delimiter) from None

    def _relation(
        self, connection: duckdb.DuckDBPyConnection, columns: Sequence[str]
    ) -> duckdb.DuckDBPyRelation:
        """The columns, named by position: ``c0``, ``c1``; what people call them never becomes SQL."""
        place = {column: i for i, column in enumerate(self._header)}
        names = ", ".join(quoted_text(f"c{i}") for i in range(len(self._header)))
        types = ", ".join(f"{quoted_name(f'c{place[c]}')}: {quoted_text(t)}" for c, t in self._types.items())
        selected = ", ".join(quoted_name(f"c{place[c]}") for c in columns)
        # sample_size -1: types are told from all rows, once
        return connection.sql(
            f"SELECT {selected} FROM read_csv({quoted_text(str(self.path))}, names = [{names}], "
            + (f"types = {{{types}}}, " if types else "")
            + f"delim = {quoted_text(self._delimiter)}, quote = '\"', escape = '\"', comment = '', header = true, "
            f"compression = {quoted_text(compression_of(self.path) or 'none')}, "
            f"decimal_separator = {quoted_text(self._decimal)}, "
            f"skip = 0, null_padding = false, strict_mode = {str(self._strict).lower()}, sample_size = "
            f"{20_480 if types else -1}, auto_type_candidates = {TYPES})"
        )

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import duckdb

        wanted = list(columns) or self._header[:1]
        schema = pa.schema([self.schema.field(c) for c in wanted])
        try:
            for batch in self._relation(reader(), wanted).to_arrow_reader(BATCH_ROWS):
                yield pa.RecordBatch.from_arrays(
                    [a.cast(f.type) for a, f in zip(batch.columns, schema, strict=True)], schema=schema
                )
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise explained(self.path, self.name, error, self._delimiter) from None


def _dialect(path: Path, name: str) -> tuple[str, list[str], list[list[str]]]:
    """(delimiter, header, the first records that follow it)."""
    start = beginning(path, name)
    try:
        text = start.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(start) - 3:
            raise not_utf8(path, name) or SourceError(f"{name} is not UTF-8") from None
        text = start[: error.start].removeprefix(b"\xef\xbb\xbf").decode("utf-8")  # cut within a character
    order = "\t" + DELIMITERS if ".tsv" in path.name.lower() or ".tab" in path.name.lower() else DELIMITERS
    found = [(d, _records(text, d)) for d in dict.fromkeys(order)]
    delimiter, records = max(found, key=lambda f: _agreement(f[1]))
    header = [title or f"Unnamed: {i}" for i, title in enumerate(records[0])]  # as pandas calls an index
    if _is_data(records):
        raise SourceError(
            f"{name} has no header: its first line is {','.join(header)[:60]!r}; "
            "put one line with the names of the columns first"
        )
    return delimiter, header, records[1:]


def _records(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(1 << 24)
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if record:
                records.append(record)
            if len(records) > SAMPLE:
                break
    except csv.Error:  # told with its line once DuckDB has failed on it too
        pass
    return records or [[]]


def _agreement(records: list[list[str]]) -> tuple[float, int]:
    """How well a delimiter fits: more than one field, in as many records as possible as many as in the header."""
    width = len(records[0])
    if width < 2:
        return 0.0, width
    counts = Counter(len(record) for record in records[:SAMPLE])
    return counts[width] / len(records[:SAMPLE]), width


def _is_data(records: list[list[str]]) -> bool:
    """Whether the first record looks like those below it: numbers stand exactly where all below are numbers."""
    body = [r for r in records[1:] if len(r) == len(records[0])]
    numeric = [i for i, name in enumerate(records[0]) if _number(name)]
    years = all(len(records[0][i]) == 4 for i in numeric)  # a table may have years as columns
    below = [i for i in range(len(records[0])) if all(_number(r[i]) for r in body)]
    return bool(numeric) and bool(body) and not years and numeric == below


def _decimal(records: list[list[str]], delimiter: str) -> str:
    """What parts the decimals: a comma where numbers have one and none has a point."""
    if delimiter == ",":
        return "."
    fields = [field for record in records for field in record]
    commas, points = (any(re.fullmatch(rf"[+-]?\d+{mark}\d+", f) for f in fields) for mark in (",", r"\."))
    return "," if commas and not points else "."


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
