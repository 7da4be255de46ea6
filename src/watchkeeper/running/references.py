"""References: what each window is compared with: a file, or stored profiles of other windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.rules import later
from watchkeeper.journal import Store
from watchkeeper.model import Model, ReferenceRule
from watchkeeper.profiles import Profile
from watchkeeper.running.reference_files import located, of_file
from watchkeeper.running.touched import Spans

__all__ = ["References", "Span"]

Ints = NDArray[np.int64]
Span = tuple[int, int]  # of the windows that start from the one up to the other; µs since 1970 UTC
ROLLING = (
    "The reference rolls along with the data: what decays slowly is taken for normal after a while. A fixed reference"
    " ('first 4w', or a file) shows it."
)


@dataclass(frozen=True)
class References:
    """The reference of a model, as its ``reference`` says; that of all rows and of versions without one of their own.

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
    _read: dict[Span | str, Profile | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def rule(self) -> ReferenceRule | None:
        return self.model.parsed_reference

    @property
    def notes(self) -> tuple[str, ...]:
        rules = (self.rule, *self.model.own_references.values())
        return (ROLLING,) if any(r is not None and r.kind == "previous" for r in rules) else ()

    def first(self) -> Span | None:
        """Start and end of a reference that is the beginning of the data; None for another, or before any data."""
        rule, windows = self.rule, self.starts
        if windows is None and self.store is not None:
            windows = self.store.windows()
        if rule is None or rule.kind != "first" or windows is None or not len(windows):
            return None
        return self.beginning(rule, int(windows[0]))

    def beginning(self, rule: ReferenceRule, begin: int) -> Span:
        """The windows of a reference that is the beginning of what begins then."""
        return begin, later(begin, rule.count, rule.unit, self.model.timezone)

    def groups(self, windows: Spans) -> Iterator[tuple[NDArray[np.intp], Span | None]]:
        """(positions of windows, where the windows start that these are compared with; None for a file or nothing);
        windows of the reference itself are left out.
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
                yield every[i : i + 1], self.before(rule, int(windows.starts[i]))

    def profile(self, span: Span | None) -> Profile | None:
        """What a group of windows is compared with."""
        if span is not None:
            return self.windows(span)
        if self.store is None or self.rule is None or self.rule.kind != "path":
            return None
        return self.file(str(self.rule.path))

    def windows(self, span: Span) -> Profile | None:
        """Stored profiles of some windows; None where there are none."""
        if span not in self._read:
            self._read[span] = None if self.store is None else self.store.get(*span)
        return self._read[span]

    def file(self, path: str, version: str | None = None) -> Profile | None:
        """The profile of a file, which may be that of one version."""
        key = f"{version}: {path}"
        if key not in self._read and self.store is not None:
            self._read[key] = of_file(self.store, located(path, self.folder), version)
        return self._read.get(key)

    def before(self, rule: ReferenceRule, start: int) -> Span:
        """The windows before one that it is compared with: the last ones, or those of a year ago."""
        timezone = self.model.timezone
        if rule.kind == "previous":
            return later(start, -rule.count, rule.unit, timezone), start
        year_before = later(start, -12, "month", timezone)
        edges = self.model.parsed_window.starts(year_before, year_before, timezone)
        return int(edges[0]), int(edges[1])
