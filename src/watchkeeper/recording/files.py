"""Files: what people already have, into the journal: tables, and the lines of text logs."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watchkeeper.errors import SourceError, WorkspaceError
from watchkeeper.journal import Journal, bring, in_reach, repeat
from watchkeeper.lines import Reading, load_patterns, read_lines
from watchkeeper.logger.privacy import privacy_of
from watchkeeper.model import Model, infer
from watchkeeper.recording.batches import BATCH_ROWS, Part, tables_of
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
        return job.finish()


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
        return job.finish()


@dataclass
class _Recording:
    """Brings parts of files into a journal, as many rows at once as a commit should hold."""

    workspace: Workspace
    model: Model
    written: Written
    progress: Progress | None
    now: int
    _parts: list[Part] = field(default_factory=list)
    _files: dict[str, StoredFile] = field(default_factory=dict)
    _counts: list[Count] = field(default_factory=list)

    def table(self, path: Path, kind: type[PredictionFile] | type[OutcomeFile]) -> None:
        """Record the rows that were not recorded before."""
        key = f"{kind.__name__} {self.model.name} {path.resolve()}"
        before, print_ = self.workspace.state.file(key), _fingerprint(path)
        size = path.stat().st_size
        same = before is not None and before.fingerprint == print_
        if before is not None and same and before.size == size:
            self.written.notes.append(f"{path}: recorded before, and has not changed.")
            return
        done = before.offset if before is not None and same and _is_appended(path) else 0
        source = kind(str(path), self.model, privacy_of(self.workspace.folder, self.model.name), self.now)
        for part in source.parts(done):
            done += part.rows
            self._add(part, StoredFile(key, done, size, print_))

    def text(self, path: Path) -> None:
        """Record the lines that were not recorded before."""
        key = f"text {self.model.name} {path.resolve()}"
        before = self.workspace.state.file(key)
        name, head = json.loads(before.fingerprint) if before else (path.name, "")
        reading = read_lines(
            path, load_patterns(self.workspace.folder), before.offset if before else 0, self.model.timezone,
            name=name, head=head,
        )  # fmt: skip
        if reading.anew:
            reading.name = (
                f"{path.name}~{self.now}"  # ids of a file that was rotated must not repeat the old one's
            )
        for part in text_parts(reading, self.model.name, self.now):
            self._add(part, _read_so_far(key, reading))
        self._files[key] = _read_so_far(key, reading)
        if reading.unmatched:
            example = reading.examples[0] if reading.examples else None
            reason = f"lines that fit no pattern of {', '.join(reading.patterns)}"
            self._counts.append(Count(self.model.name, "unmatched", reason, reading.unmatched, example))
        self.written.notes += [*reading.notes, *_said(path, reading.lines, reading.by_pattern)]

    def _add(self, part: Part, file: StoredFile) -> None:
        self._parts.append(part)
        self._files[file.path] = file
        if sum(p.rows for p in self._parts) >= BATCH_ROWS:
            self.finish()

    def finish(self) -> Written:
        """Bring what waits."""
        counts, files = list(self._counts), list(self._files.values())
        with self.workspace.state.lease("mover"), in_reach(self.workspace):
            repeat(self.workspace)
            if self._parts:
                tables, lost = tables_of(self._parts, Journal.of(self.workspace, self.model.name))
                counts += lost
                bring(self.workspace, self.model.name, tables, counts, files)
                for name, rows in tables.items():
                    self.written.rows[name] = self.written.rows.get(name, 0) + rows.num_rows
            else:
                self.workspace.state.add_counts(counts)
                for file in files:
                    self.workspace.state.set_file(file.path, file.offset, file.size, file.fingerprint)
        self.written.counts += counts
        self._parts, self._files, self._counts = [], {}, []
        if self.progress is not None:
            self.progress("recording", sum(self.written.rows.values()), None)
        return self.written


def _read_so_far(key: str, reading: Reading) -> StoredFile:
    """How far a text log was read, with what its ids begin with and what tells it from another one."""
    return StoredFile(
        key, reading.offset, reading.path.stat().st_size, json.dumps([reading.name, reading.head])
    )


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
        known = "" if model.task else "; set its task there ('binary', 'multiclass' or 'regression')"
        return model, [f"{path}: written{known}."]
    guess = infer(tables, name, given)
    model = guess.model
    path = workspace.save_model(model, guess.to_yaml())
    return model, [f"{path}: guessed ({guess.summary}); correct it there."]
