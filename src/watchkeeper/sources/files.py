"""Files: from a path, a glob or a list of these to a reader."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from watchkeeper.errors import SourceError
from watchkeeper.sources.reader import Reader
from watchkeeper.sources.schemas import conformed, united

__all__ = ["FileHints", "file_reader"]

FORMATS = {
    ".csv": "delimited", ".tsv": "delimited", ".tab": "delimited", ".txt": "delimited", ".psv": "delimited",
    ".parquet": "parquet", ".pq": "parquet", ".parq": "parquet",
    ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
COMPRESSED = {".gz", ".zst", ".zstd"}
READABLE = "CSV, TSV, JSON lines (each also .gz or .zst) or Parquet"
FOREIGN = {
    b"PK\x03\x04": "an Excel or zip file", b"\xd0\xcf\x11\xe0": "an old Excel file", b"ARROW1": "an Arrow IPC file",
    b"\x89HDF": "an HDF5 file", b"\x80\x04": "a pickle", b"\x80\x05": "a pickle", b"ORC": "an ORC file",
    b"SQLite format 3": "a SQLite database", b"\x89PNG": "a picture", b"%PDF": "a PDF", b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
}  # fmt: skip


@dataclass(frozen=True)
class FileHints:
    """What is known of columns before a file is opened: ``plain`` rarely repeat, ``as_text`` keep their spelling."""

    plain: tuple[str, ...] = ()
    as_text: tuple[str, ...] = ()


def file_reader(data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], hints: FileHints) -> Reader:
    """A reader of one or several files; several in the order of their names, columns united by name.

    Raises
    ------
    SourceError
        where there is no such file, or it cannot be read
    """
    paths = _paths(data)
    readers = [_one(path, hints) for path in paths]
    if len(readers) == 1:
        if readers[0].count == 0:
            raise SourceError(
                f"{readers[0].name} has columns ({', '.join(readers[0].schema.names[:12])}) and no rows"
            )
        return readers[0]
    name = str(data) if isinstance(data, str | os.PathLike) else f"{paths[0].name} and {len(paths) - 1} more"
    return FilesReader(name, readers)


class FilesReader(Reader):
    """Several files, one after the other."""

    def __init__(self, name: str, readers: Sequence[Reader]) -> None:
        self.name, self._readers = name, tuple(readers)
        self.schema = united({r.name: r.schema for r in readers})
        counts = [r.count for r in readers]
        self.count = None if None in counts else sum(c for c in counts if c is not None)
        if self.count == 0:
            raise SourceError(f"{name}: none of the {len(readers)} files has rows")

    def parts(self) -> Sequence[FilesReader]:
        """The parts of the files, and whole those that have none."""
        if self.count is None:
            return ()
        return [self._part(part) for reader in self._readers for part in reader.parts() or (reader,)]

    def _part(self, reader: Reader) -> FilesReader:
        part = copy(self)
        part._readers, part.count = (reader,), reader.count
        return part

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([self.schema.field(c) for c in columns])
        for reader in self._readers:
            own = [c for c in columns if c in reader.schema.names]
            for batch in reader.batches(own):
                yield conformed(batch, schema)


def _paths(data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    if isinstance(data, str | os.PathLike):
        return _found(os.fspath(data))
    if not data:
        raise SourceError("the list of files is empty; give at least one path")
    return [path for item in data for path in _found(os.fspath(item))]


def _found(text: str) -> list[Path]:
    path = Path(text).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        inside = sorted({_suffix(p) for p in path.iterdir() if _suffix(p) in FORMATS})
        example = f"{path}/*{inside[0] if inside else '.parquet'}"
        raise SourceError(f"{text} is a directory; name its files, such as '{example}'")
    if "://" in text:
        raise SourceError(f"{text} is a URL; read it into a frame first, or download it")
    if glob.has_magic(text):
        found = sorted(p for p in map(Path, glob.glob(str(path), recursive=True)) if p.is_file())
        if not found:
            raise SourceError(f"no file matches {text!r}{_siblings(path)}")
        return found
    raise SourceError(f"{text} does not exist{_siblings(path)}")


def _siblings(path: Path) -> str:
    """A clause that names a file of nearly this name, or the folder that is not there."""
    folder = path.parent
    if not folder.is_dir():
        return "" if glob.has_magic(str(folder)) else f"; there is no folder {str(folder)!r}"
    names = sorted(p.name for p in folder.iterdir() if p.is_file())
    near = get_close_matches(path.name, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {str(folder / near[0])!r}?"
    readable = [n for n in names if _suffix(Path(n)) in FORMATS]
    listed = f"it holds {', '.join(readable[:6])}" if readable else "it holds no data files"
    return f"; looked in {str(folder.resolve())!r}: {listed}"


def _suffix(path: Path) -> str:
    """The ending that tells the format, without that of a compression."""
    plain = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    return plain.suffix.lower()


def _one(path: Path, hints: FileHints) -> Reader:
    try:
        return _opened(path, hints)
    except PermissionError:
        raise SourceError(f"{path.name} may not be read: permission denied") from None


def _opened(path: Path, hints: FileHints) -> Reader:
    from watchkeeper.sources.delimited import DelimitedReader
    from watchkeeper.sources.json_lines import JsonReader
    from watchkeeper.sources.parquet import ParquetReader

    format_ = _format(path)
    if format_ == "parquet":
        return ParquetReader(path, path.name, hints.plain)
    reader = JsonReader if format_ == "json" else DelimitedReader
    return reader(path, path.name, hints.as_text)


def _format(path: Path) -> str:
    """By content where that tells, else by ending."""
    if path.stat().st_size == 0:
        raise SourceError(f"{path.name} is empty; {READABLE} is needed")
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"PAR1"):
        return "parquet"
    for magic, what in FOREIGN.items():
        if start.startswith(magic):
            raise SourceError(f"{path.name} is {what}; {READABLE} is needed")
    named = FORMATS.get(_suffix(path))
    if named == "parquet":
        raise SourceError(f"{path.name} is not Parquet: it does not begin with PAR1; {READABLE} is needed")
    return named or _sniffed(path)


def _sniffed(path: Path) -> str:
    from watchkeeper.sources.text_files import beginning

    start = beginning(path, path.name).lstrip(b"\xef\xbb\xbf \t\r\n")
    return "json" if start[:1] in (b"{", b"[") else "delimited"
