"""Text files: opening them, compressed or not, and saying what is wrong with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from watchkeeper.errors import SourceError

__all__ = ["beginning", "compression_of", "explained", "lines_of", "not_utf8"]

START = 1 << 20  # bytes that delimiter, header and encoding are told from
BLOCK = 1 << 22
COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def compression_of(path: Path) -> str | None:
    """gzip, zstd or None, by the file's first bytes.

    Raises nothing for an empty file.
    """
    with path.open("rb") as file:
        start = file.read(4)
    return next((kind for magic, kind in COMPRESSED.items() if start.startswith(magic)), None)


def blocks(path: Path) -> Iterator[bytes]:
    """The decompressed content."""
    with pa.input_stream(str(path), compression=compression_of(path)) as stream:
        while block := stream.read(BLOCK):
            yield block


def beginning(path: Path, name: str) -> bytes:
    """The first megabyte, decompressed.

    Raises
    ------
    SourceError
        for an empty file, one that cannot be decompressed, and what is no text
    """
    try:
        with pa.input_stream(str(path), compression=compression_of(path)) as stream:
            start = stream.read(START)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(
            f"{name} cannot be decompressed ({str(error)[:100]}); it may be cut short"
        ) from None
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SourceError(f"{name} is empty; a file with a header and rows is needed")
    for mark, encoding in MARKS.items():
        if start.startswith(mark):
            raise SourceError(f"{name} is {encoding}, not UTF-8; {_convert(name, encoding)}")
    if start[:8192].count(0) > 0.01 * len(start[:8192]):
        raise SourceError(f"{name} is not text: it holds zero bytes; give CSV, JSON lines or Parquet")
    return bytes(start)


def _convert(name: str, encoding: str) -> str:
    return f"convert it: iconv -f {encoding} -t UTF-8 {name} > utf8-{name}"


def lines_of(path: Path) -> Iterator[str]:
    """Lines as text, ends included; raises UnicodeDecodeError where they are not UTF-8."""
    left = b""
    for block in blocks(path):
        whole, end, rest = (left + block).rpartition(b"\n")
        left = rest
        if end:
            yield from io.StringIO((whole + end).decode("utf-8"), newline="")
    if left:
        yield from io.StringIO(left.decode("utf-8"), newline="")


def not_utf8(path: Path, name: str) -> SourceError | None:
    """The error that says where the file stops being UTF-8, if it does."""
    line, left = 1, b""
    for block in blocks(path):
        text = left + block
        whole, end, rest = text.rpartition(b"\n")
        try:
            (whole + end).decode("utf-8")
        except UnicodeDecodeError as error:
            return _undecodable(name, error, line + text[: error.start].count(b"\n"))
        line += whole.count(b"\n") + len(end)
        left = rest
    try:
        left.decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(name, error, line)
    return None


def _undecodable(name: str, error: UnicodeDecodeError, line: int) -> SourceError:
    byte = error.object[error.start]
    nearby = error.object[max(0, error.start - 10) : error.start + 10].split(b"\n")
    text = next((part for part in nearby if byte in part), b"").decode("cp1252", "replace").strip()
    control = sum(b < 9 or 13 < b < 32 for b in error.object[:8192]) > 20
    if control:
        return SourceError(
            f"{name} is not text (byte 0x{byte:02x} in line {line}); give CSV, JSON lines or Parquet"
        )
    guess = f"; as Windows-1252 it reads {text!r}" if "\ufffd" not in text else ""
    return SourceError(
        f"{name} is not UTF-8: byte 0x{byte:02x} in line {line}{guess}; {_convert(name, 'WINDOWS-1252')}"
    )


def ragged(path: Path, name: str, delimiter: str) -> SourceError | None:
    """The error that names the first record with too many or too few fields, if there is one."""
    records = csv.reader(lines_of(path), delimiter=delimiter)
    header: list[str] = []
    begin, end = 1, 0  # lines of the record
    try:
        for record in records:
            begin, end = end + 1, records.line_num
            if not record:
                continue
            if not header:
                header = record
            elif len(record) != len(header):
                return _ragged(f"{name}, line {begin}", len(record), len(header), end - begin, delimiter)
    except csv.Error as error:
        return SourceError(f"{name}, line {records.line_num}: {error}; mend that line")
    return None


def _ragged(where: str, fields: int, expected: int, further: int, delimiter: str) -> SourceError:
    found = f"{where}: {fields} field{'s' * (fields != 1)} where the header has {expected}"
    if further > 0:
        return SourceError(f"{found}, over {further + 1} lines; close the quote that opens there")
    return SourceError(f"{found}; mend that line, or quote a field that contains {delimiter!r}")


def explained(path: Path, name: str, error: BaseException, delimiter: str | None = None) -> SourceError:
    """What is wrong with a text file that DuckDB cannot read, in one sentence."""
    try:
        found = not_utf8(path, name) or (ragged(path, name, delimiter) if delimiter else None)
    except (OSError, pa.ArrowException) as broken:
        return SourceError(f"{name} cannot be decompressed ({str(broken)[:100]}); it may be cut short")
    if found is not None:
        return found
    reason = " ".join(str(error).replace(str(path), name).split("\n")[:3])[:300].removeprefix(
        "Invalid Input Error: "
    )
    return SourceError(f"{name} cannot be read: {reason}")
