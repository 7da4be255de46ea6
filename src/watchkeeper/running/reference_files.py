"""Reference files: profiles of files, each read once for each plan and state of the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa

from watchkeeper import sources
from watchkeeper.errors import SourceError
from watchkeeper.journal import Store
from watchkeeper.model import Model
from watchkeeper.profiles import PROFILE, Plan, Profile, from_arrow, plan_to_json, profile_of, to_arrow
from watchkeeper.rows import Chunk, Rows, Summable

__all__ = ["located", "of_file", "stamp"]

T = TypeVar("T", bound=Summable)


def located(path: str, folder: Path) -> Path:
    """Where a reference's file is: as it is written, or within the workspace."""
    given, inside = Path(path), folder / path
    return inside if not given.exists() and inside.exists() else given


def of_file(store: Store, path: Path, version: str | None = None) -> Profile:
    """The profile of a file.

    Parameters
    ----------
    version : whose reference it is: all of its rows count as that version's, whatever the file says
    """
    table = store.journal.tables["references"]
    key = json.dumps([str(path), *stamp(path), store.number, _shape(store.plan), version])
    if store.journal.view("stored_reference", table):
        columns = ", ".join(PROFILE.names)
        sql = f"SELECT {columns} FROM stored_reference WHERE reference = $key"
        rows = store.journal.rows(sql, {"key": key})
        if rows.num_rows:
            return from_arrow(rows.cast(PROFILE), store.plan)
    profile = _profile(path, store.plan, version)
    rows = to_arrow(profile).replace_schema_metadata(None)
    table.append(rows.append_column("reference", pa.repeat(pa.scalar(key), rows.num_rows)))
    return profile


def stamp(path: Path) -> tuple[int, int]:
    """The size of a file and when it was written, which change with it.

    Raises
    ------
    SourceError
        where there is no such file
    """
    try:
        found = path.stat()
    except OSError:
        raise SourceError(f"reference: {path}: no such file; give the path of one, or 'first 4w'") from None
    return found.st_size, found.st_mtime_ns


def _shape(plan: Plan) -> str:
    """What a plan counts: it grows, and what was read before lacks what it counts since."""
    return hashlib.sha256(plan_to_json(replace(plan, model=Model())).encode()).hexdigest()[:16]


def _profile(path: Path, plan: Plan, version: str | None) -> Profile:
    rows: Rows = sources.open_rows(str(path), plan.model, "reference", kinds=plan.kinds, optional=True)
    if version is not None:
        rows = _OfVersion(rows, str(plan.model.version), version)
    return profile_of(rows, plan)


class _OfVersion(Rows):
    """Rows that all count as one version's."""

    def __init__(self, rows: Rows, column: str, version: str) -> None:
        self._rows, self._label = rows, _Label(column, version)
        self.name, self.schema, self.count = rows.name, rows.schema, rows.count

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        return map(self._label, self._rows.chunks(columns))

    def fold(self, kernel: Callable[[Chunk], T], columns: Sequence[str] | None = None) -> T | None:
        return self._rows.fold(_Labelled(self._label, kernel), columns)


@dataclass(frozen=True)
class _Label:
    column: str
    version: str

    def __call__(self, chunk: Chunk) -> Chunk:
        batch = chunk.batch
        codes = pa.array(np.zeros(batch.num_rows, dtype=np.int32))
        labels = pa.DictionaryArray.from_arrays(codes, pa.array([self.version]))
        kept = [name for name in batch.schema.names if name != self.column]
        arrays = [*(batch.column(name) for name in kept), labels]
        return replace(chunk, batch=pa.RecordBatch.from_arrays(arrays, [*kept, self.column]))


@dataclass(frozen=True)
class _Labelled(Generic[T]):
    """A kernel behind a label; picklable where the kernel is."""

    label: _Label
    kernel: Callable[[Chunk], T]

    def __call__(self, chunk: Chunk) -> T:
        return self.kernel(self.label(chunk))
