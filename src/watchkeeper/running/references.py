"""References: what each window is compared with: a file, or stored profiles of other windows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.checking.rules import later
from watchkeeper.errors import SourceError
from watchkeeper.journal import Store
from watchkeeper.model import Model, ReferenceRule
from watchkeeper.profiles import PROFILE, Plan, Profile, from_arrow, profile_of, to_arrow
from watchkeeper.running.touched import Spans

__all__ = ["References", "located"]

Ints = NDArray[np.int64]
ROLLING = (
    "The reference rolls along with the data: what decays slowly is taken for normal after a while. A fixed reference"
    " ('first 4w', or a file) shows it."
)


@dataclass(frozen=True)
class References:
    """The reference of a model, as its ``reference`` says.

    Attributes
    ----------
    store : of profiles; None where nothing was predicted yet
    folder : in which a path is looked for
    starts : (W,) of the windows that there are; None: those of the store
    """

    model: Model
    store: Store | None
    folder: Path
    starts: Ints | None = None

    @property
    def rule(self) -> ReferenceRule | None:
        return self.model.parsed_reference

    @property
    def notes(self) -> tuple[str, ...]:
        return (ROLLING,) if self.rule is not None and self.rule.kind == "previous" else ()

    def first(self) -> tuple[int, int] | None:
        """Start and end of a reference that is the beginning of the data; None for another, or before any data."""
        rule, windows = self.rule, self.starts
        if windows is None and self.store is not None:
            windows = self.store.windows()
        if rule is None or rule.kind != "first" or windows is None or not len(windows):
            return None
        begin = int(windows[0])
        return begin, later(begin, rule.count, rule.unit, self.model.timezone)

    def groups(self, windows: Spans) -> Iterator[tuple[NDArray[np.intp], tuple[int, int] | None]]:
        """(positions of windows, where the windows start that these are compared with: from the one up to the other;
        None for a file or nothing); windows of the reference itself are left out.
        """
        rule = self.rule
        every = np.arange(len(windows))
        if rule is None or rule.kind == "path":
            yield every, None
        elif rule.kind == "first":
            span = self.first()
            after = np.flatnonzero(windows.starts >= span[1]) if span is not None else every[:0]
            if len(after):
                yield after, span
        else:
            for i in every:
                yield every[i : i + 1], self._before(rule, int(windows.starts[i]))

    def profile(self, span: tuple[int, int] | None) -> Profile | None:
        """What a group of windows is compared with."""
        if self.store is None:
            return None
        if span is not None:
            return self.store.get(*span)
        if self.rule is None or self.rule.kind != "path":
            return None
        return _of_file(self.store, located(str(self.rule.path), self.folder))

    def _before(self, rule: ReferenceRule, start: int) -> tuple[int, int]:
        timezone = self.model.timezone
        if rule.kind == "previous":
            return later(start, -rule.count, rule.unit, timezone), start
        year_before = later(start, -12, "month", timezone)
        edges = self.model.parsed_window.starts(year_before, year_before, timezone)
        return int(edges[0]), int(edges[1])


def located(path: str, folder: Path) -> Path:
    """Where a reference's file is: as it is written, or within the workspace."""
    given, inside = Path(path), folder / path
    return inside if not given.exists() and inside.exists() else given


def _of_file(store: Store, path: Path) -> Profile:
    """The profile of a file, read once for each plan and state of the file."""
    table = store.journal.tables["references"]
    key = json.dumps([str(path), *_stamp(path), store.number])
    if store.journal.view("stored_reference", table):
        columns = ", ".join(PROFILE.names)
        sql = f"SELECT {columns} FROM stored_reference WHERE reference = $key"
        rows = store.journal.rows(sql, {"key": key})
        if rows.num_rows:
            return from_arrow(rows.cast(PROFILE), store.plan)
    profile = _profile(path, store.plan)
    rows = to_arrow(profile).replace_schema_metadata(None)
    table.append(rows.append_column("reference", pa.repeat(pa.scalar(key), rows.num_rows)))
    return profile


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        raise SourceError(f"reference: {path}: no such file; give the path of one, or 'first 4w'") from None
    return found.st_size, found.st_mtime_ns


def _profile(path: Path, plan: Plan) -> Profile:
    from watchkeeper import sources

    return profile_of(
        sources.open_rows(str(path), plan.model, "reference", kinds=plan.kinds, optional=True), plan
    )
