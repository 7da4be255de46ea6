"""References: what each window is compared with: a file, or stored profiles of other windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.rules import later
from watchkeeper.journal import Store
from watchkeeper.model import Model, ReferenceRule
from watchkeeper.profiles import Profile
from watchkeeper.running.eras import EVER, Era, Span, eras_of, told
from watchkeeper.running.reference_files import located, of_file
from watchkeeper.running.touched import Spans
from watchkeeper.state import Acknowledgement

__all__ = ["Compared", "References"]

Ints = NDArray[np.int64]
ROLLING = (
    "The reference rolls along with the data: what decays slowly is taken for normal after a while. A fixed reference"
    " ('first 4w', or a file) shows it."
)


@dataclass(frozen=True)
class Compared:
    """Windows that are compared with the same.

    Attributes
    ----------
    positions : among those that were asked for
    span : where the windows start that they are compared with; None for a file or nothing
    """

    positions: NDArray[np.intp]
    span: Span | None
    era: Era


@dataclass(frozen=True)
class References:
    """The reference of a model, as its ``reference`` says; that of all rows and of versions without one of their own.

    Attributes
    ----------
    store : of profiles; None where nothing was predicted yet
    folder : in which a path is looked for
    service : (W,) starts of the windows of a model that only a service is known of; µs since 1970 UTC
    acknowledged : every acknowledgement of the model
    """

    model: Model
    store: Store | None
    folder: Path
    service: Ints | None = None
    acknowledged: tuple[Acknowledgement, ...] = ()
    _read: dict[Span | str, Profile | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def rule(self) -> ReferenceRule | None:
        return self.model.parsed_reference

    @property
    def notes(self) -> tuple[str, ...]:
        rules = (self.rule, *self.model.own_references.values())
        rolls = (ROLLING,) if any(r is not None and r.kind == "previous" for r in rules) else ()
        return (*told(self.acknowledged, self.eras, self.model, self.starts), *rolls)

    @cached_property
    def starts(self) -> Ints:
        """(W,) of the windows that there are, µs since 1970 UTC."""
        if self.service is not None:
            return self.service
        return np.zeros(0, dtype=np.int64) if self.store is None else self.store.windows()

    @cached_property
    def eras(self) -> tuple[Era, ...]:
        """What is compared with what, in the order of time."""
        first = self.first()
        return eras_of(self.acknowledged, self.model, self.starts, -EVER if first is None else first[1])

    def first(self) -> Span | None:
        """Start and end of a reference that is the beginning of the data; None for another, or before any data."""
        rule = self.rule
        if rule is None or rule.kind != "first" or not len(self.starts):
            return None
        return self.beginning(rule, int(self.starts[0]))

    def beginning(self, rule: ReferenceRule, begin: int) -> Span:
        """The windows of a reference that is the beginning of what begins then."""
        return begin, later(begin, rule.count, rule.unit, self.model.timezone)

    def groups(self, windows: Spans) -> Iterator[Compared]:
        """Windows by what they are compared with; those of the reference itself are left out."""
        for era in self.eras:
            positions = np.arange(len(windows))[era.among(windows)]
            if len(positions):
                yield from self._groups(era, positions, windows)

    def _groups(self, era: Era, positions: NDArray[np.intp], windows: Spans) -> Iterator[Compared]:
        rule = self.rule
        if era.settling:
            yield from self._settling(era, positions, windows)
        elif era.acknowledged is not None:
            yield Compared(positions, era.normal, era)
        elif rule is None or rule.kind == "path":
            yield Compared(positions, None, era)
        elif rule.kind == "first":
            if (span := self.first()) is not None:
                yield Compared(positions, span, era)
        else:
            for i in positions:
                yield Compared(np.array([i]), self.before(rule, int(windows.starts[i])), era)

    def _settling(self, era: Era, positions: NDArray[np.intp], windows: Spans) -> Iterator[Compared]:
        """Each with the first 1, 2, 4, 8, ... windows of its epoch, as many as lie before it."""
        own = self.starts[self.starts >= era.began]
        before = np.searchsorted(own, windows.starts[positions])
        sizes = np.where(before > 0, 2 ** np.floor(np.log2(np.maximum(before, 1))).astype(int), 0)
        for size in np.unique(sizes).tolist():
            end = self.model.parsed_window.end(int(own[size - 1]), self.model.timezone) if size else era.began
            yield Compared(positions[sizes == size], (era.began, end), era)

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
