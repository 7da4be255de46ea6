"""Files: what people already have, into the journal: tables, and the lines of text logs."""

from __future__ import annotations

import glob
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchkeeper.errors import SourceError, WorkspaceError
from watchkeeper.journal import Journal, bring, repeat
from watchkeeper.lines import load_patterns, read_lines
from watchkeeper.model import Model, infer
from watchkeeper.recording.batches import batches, tables_of
from watchkeeper.recording.private import Private
from watchkeeper.recording.tables import OutcomeFile, PredictionFile
from watchkeeper.recording.text import text_parts
from watchkeeper.state import Count, StoredFile
from watchkeeper.workspace import Workspace

__all__ = ["Progress", "Written", "log_files", "outcome_files"]

Progress = Callable[[str, int, int | None], None]
TABLES = (".csv", ".tsv", ".parquet", ".pq", ".json", ".jsonl", ".ndjson")
PACKED = (".gz", ".zst")
FIRST_BYTES = 4096  # that tell a file that has grown from another one of its name


@dataclass
class Written:
    """What became of files.

    Attributes
    ----------
    model : whose rows they are
    rows : table → rows that were recorded
    counts : what could not be used, and why
    notes : what a person should know, one sentence each
    """

    model: str
    rows: dict[str, int] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def log_files(
    data: Sequence[str],
    folder: str | os.PathLike[str],
    name: str | None = None,
    given: Mapping[str, object] | None = None,
    *,
    progress: Progress | None = None,
    now: int | None = None,
) -> Written:
    """Record the predictions of files, and the outcomes that stand beside them.

    Parameters
    ----------
    data : paths and globs
    folder : the workspace, made where there is none
    name : of the model; default: the only one there is, else the first file's
    given : keys of the model, where it has no file yet

    Raises
    ------
    SourceError
        for files that cannot be read
    WorkspaceError
        where the workspace cannot be used
    """
    paths = list(_paths(data))
    with Workspace.open(folder, create=True) as workspace:
        texts = [path for path in paths if not is_table(path)]
        model, notes = _model(workspace, name, paths, texts, given or {})
        job = _Recording(workspace, model, Written(model.name, notes=notes), progress, _clock(now))
        for path in paths:
            if path in texts:
                job.text(path)
            else:
                job.table(path, PredictionFile)
        return job.written


def outcome_files(
    data: Sequence[str],
    folder: str | os.PathLike[str],
    name: str | None = None,
    *,
    progress: Progress | None = None,
    now: int | None = None,
) -> Written:
    """Record the outcomes of files, as ``log_files`` does predictions; the workspace must be there."""
    with Workspace.open(folder) as workspace:
        model = _known_model(workspace, name)
        job = _Recording(workspace, model, Written(model.name), progress, _clock(now))
        for path in _paths(data):
            job.table(path, OutcomeFile)
        return job.written


@dataclass
class _Recording:
    workspace: Workspace
    model: Model
    written: Written
    progress: Progress | None
    now: int

    def table(self, path: Path, kind: type[PredictionFile] | type[OutcomeFile]) -> None:
        """Record the rows that were not recorded before."""
        key = f"{kind.__name__} {self.model.name} {path.resolve()}"
        before, print_ = self.workspace.state.file(key), _fingerprint(path)
        size = path.stat().st_size
        same = before is not None and before.fingerprint == print_[: len(before.fingerprint)]
        if before is not None and same and before.size == size:
            self.written.notes.append(f"{path}: recorded before, and has not changed.")
            return
        skip = before.offset if before is not None and same and _is_appended(path) else 0
        secret = self.workspace.secret if self.model.hash else b""
        source = kind(str(path), self.model, Private.of(self.model, secret), self.now)
        done = skip
        for parts in batches(source.parts(skip)):
            done += sum(part.rows for part in parts)
            self._bring(parts, (), StoredFile(key, done, size, print_))

    def text(self, path: Path) -> None:
        """Record the lines that were not recorded before."""
        key = f"text {self.model.name} {path.resolve()}"
        before = self.workspace.state.file(key)
        reading = read_lines(
            path, load_patterns(self.workspace.folder), before.offset if before else 0, self.model.timezone,
            head=before.fingerprint if before else "",
        )  # fmt: skip
        lost = 0
        for parts in batches(text_parts(reading, self.model.name, self.now)):
            counts = self._unmatched(reading.unmatched - lost, reading.examples)
            lost = reading.unmatched
            self._bring(parts, counts, StoredFile(key, reading.offset, path.stat().st_size, reading.head))
        if reading.unmatched > lost:
            self.workspace.state.add_counts(self._unmatched(reading.unmatched - lost, reading.examples))
        self.written.notes += [*reading.notes, *_said(path, reading.lines, reading.by_pattern)]

    def _unmatched(self, count: int, examples: Sequence[str]) -> list[Count]:
        if not count:
            return []
        reason = "lines that fit no pattern"
        found = [Count(self.model.name, "unmatched", reason, count, examples[0] if examples else None)]
        self.written.counts += found
        return found

    def _bring(self, parts: Iterable[Any], counts: Iterable[Count], file: StoredFile) -> None:
        with self.workspace.state.lease("mover"):
            repeat(self.workspace)
            tables, lost = tables_of(parts, Journal.of(self.workspace, self.model.name))
            bring(self.workspace, self.model.name, tables, [*counts, *lost], [file])
        self.written.counts += lost
        for name, rows in tables.items():
            self.written.rows[name] = self.written.rows.get(name, 0) + rows.num_rows
        if self.progress is not None:
            self.progress("recording", sum(self.written.rows.values()), None)


def _clock(now: int | None) -> int:
    return time.time_ns() // 1000 if now is None else now


def _paths(data: Sequence[str]) -> Iterator[Path]:
    for text in data:
        found = [text] if os.path.exists(text) else sorted(glob.glob(text, recursive=True))
        if not found:
            raise SourceError(f"{text}: no such file; give the path of one, or a glob in quotes")
        yield from (Path(path) for path in found)


def is_table(path: Path) -> bool:
    """Whether a file is read as a table, by its ending; anything else is a text log."""
    ending = path.with_suffix("").suffix if path.suffix.lower() in PACKED else path.suffix
    return ending.lower() in TABLES


def _is_appended(path: Path) -> bool:
    """Whether rows are added at the end of such a file; a Parquet file is written anew."""
    return path.suffix.lower() not in (".parquet", ".pq", *PACKED)


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        first = file.read(FIRST_BYTES)
    line = first[: first.find(b"\n") + 1] or first if _is_appended(path) else first
    stamp = "" if _is_appended(path) else str(path.stat().st_mtime_ns)
    return hashlib.sha256(line + stamp.encode()).hexdigest()


def _said(path: Path, lines: int, by_pattern: Mapping[str, int]) -> list[str]:
    found = ", ".join(f"{count:,} by {name}" for name, count in by_pattern.items() if count)
    return [f"{path}: {lines:,} new lines: {found or 'none fits a pattern'}."]


def _known_model(workspace: Workspace, name: str | None) -> Model:
    names = sorted(workspace.models())
    if name is None and len(names) != 1:
        listed = (
            f"there are {', '.join(names)}"
            if names
            else "there is none yet; 'watchkeeper log FILE' makes one"
        )
        raise WorkspaceError(f"which model? Give --model NAME; {listed}")
    return workspace.model(name or names[0])


def _model(
    workspace: Workspace,
    name: str | None,
    paths: Sequence[Path],
    texts: Sequence[Path],
    given: Mapping[str, object],
) -> tuple[Model, list[str]]:
    """The model of the files; a guess that is written down where it has no file."""
    names = sorted(workspace.models())
    if name is None and len(names) == 1:
        name = names[0]
    if name in names:
        return workspace.model(str(name)), []
    name = name or paths[0].name.split(".")[0]
    tables = [str(path) for path in paths if path not in texts]
    if not tables:
        model = Model.from_dict({"name": name, **given})
        path = workspace.save_model(model)
        return model, [f"{path}: written; set its task there ('binary', 'multiclass' or 'regression')."]
    guess = infer(tables, name, given)
    model = guess.model
    path = workspace.save_model(model, guess.to_yaml())
    return model, [f"{path}: guessed ({guess.summary}); correct it there."]
