"""Evidence: what windows have counted as since the reference, of one model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.judging import seasons_of
from watchkeeper.journal import Counted
from watchkeeper.metrics import Series
from watchkeeper.model import Model
from watchkeeper.profiles import Profile
from watchkeeper.running.maturity import Maturity, needs_truth
from watchkeeper.running.reference_files import located, stamp
from watchkeeper.running.references import References
from watchkeeper.running.touched import Spans
from watchkeeper.verdicts import Kept, Timeline, Windows, key_of

__all__ = ["Evidence"]

Flags = NDArray[np.bool_]
CLOSED, MATURE = "closed", "mature"  # when a window counts: once its rows are there, and once its truth is


@dataclass
class Evidence:
    """The windows since a reference that stays the same, each counted once, at a fixed age.

    Attributes
    ----------
    every : all windows that are compared with it
    kept : by series, what they counted as
    """

    model: Model
    maturity: Maturity
    counted: Counted
    every: Spans
    kept: dict[tuple[str, str | None, str | None, str | None], Kept]
    _fresh: list[tuple[str, list[Series], dict[int, int]]] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, references: References, model: Model, maturity: Maturity, known: Spans) -> Evidence | None:
        """None where the reference rolls along, or there is none: nothing adds up over its windows."""
        rule, store = references.rule, references.store
        if rule is None or store is None or rule.kind in ("previous", "last_year"):
            return None
        span = references.first()
        if rule.kind == "first":
            if span is None:
                return None
            known = known.only(known.starts >= span[1])
        told = (
            span if span is not None else (str(rule.path), *stamp(located(str(rule.path), references.folder)))
        )
        counted = Counted(store.journal, json.dumps([store.number, *told]))
        return cls(model, maturity, counted, known, counted.get(known.starts))

    @property
    def due(self) -> Spans:
        """Windows that should have counted and have not: of another reference before, or of a run that was killed."""
        missing = np.zeros(len(self.every), dtype=bool)
        for kind in (CLOSED, MATURE):
            missing |= self._ready(kind, self.every) & ~np.isin(self.every.starts, self.counted.starts(kind))
        return self.every.only(missing)

    def timeline(self, group: Spans, reference: Profile | None) -> Timeline:
        """All windows, with what they counted as."""
        windows = Windows.of((self.every.starts, self.every.ends), self.model)
        positions = np.searchsorted(self.every.starts, group.starts)
        return Timeline(windows, positions, seasons_of(self.model, reference, windows), self.kept)

    def count(self, series: Iterable[Series], group: Spans) -> None:
        """Let windows count that have not."""
        every = list(series)
        where = np.searchsorted(self.every.starts, group.starts)
        for kind in (CLOSED, MATURE):
            new = self._ready(kind, group) & ~np.isin(group.starts, self.counted.starts(kind))
            of_kind = [s for s in every if needs_truth(s, self.model) is (kind == MATURE)]
            positions = {int(i): int(group.starts[i]) for i in np.flatnonzero(new)}
            if positions and of_kind:
                self._fresh.append((kind, of_kind, positions))
                for s in of_kind:
                    before = self.kept.get(key_of(s))
                    now = Kept.of(s, where, new, len(self.every))
                    self.kept[key_of(s)] = now if before is None else before.or_else(now)

    def write(self, run: int) -> None:
        """Keep what has counted in this run."""
        for kind, series, positions in self._fresh:
            self.counted.put(kind, series, positions, run)
        self._fresh = []

    def _ready(self, kind: str, windows: Spans) -> Flags:
        return np.asarray(windows.ends <= (self.maturity.closed if kind == CLOSED else self.maturity.mature))
