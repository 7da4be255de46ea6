"""Evidence: what windows have counted as since the reference, of one model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.judging import seasons_of
from watchkeeper.journal import Counted
from watchkeeper.metrics import JUDGED, Series
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
    """The windows since the reference, each counted once, at a fixed age.

    Attributes
    ----------
    every : all windows that are compared with it
    kept : by series, what they counted as
    learns : whether there is such a reference; where it rolls along, or is none, only bands add up
    """

    model: Model
    maturity: Maturity
    counted: Counted
    every: Spans
    kept: dict[tuple[str, str | None, str | None, str | None], Kept]
    learns: bool = True
    _fresh: list[tuple[str, list[Series], dict[int, int]]] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, references: References, model: Model, maturity: Maturity, known: Spans) -> Evidence | None:
        """None before anything was predicted, or while all of it is the reference."""
        rule, store = references.rule, references.store
        if store is None:
            return None
        learns = rule is not None and rule.kind in ("first", "path")
        told: tuple[object, ...] = ()
        if rule is not None and rule.kind == "first":
            span = references.first()
            if span is None:
                return None
            known, told = known.only(known.starts >= span[1]), span
        elif rule is not None and rule.kind == "path":
            told = (str(rule.path), *stamp(located(str(rule.path), references.folder)))
        counted = Counted(store.journal, json.dumps([store.number, *told]))
        return cls(model, maturity, counted, known, counted.get(known.starts), learns)

    @property
    def due(self) -> Spans:
        """Windows that should have counted and have not: of another reference before, or of a run that was killed."""
        missing = np.zeros(len(self.every), dtype=bool)
        for kind in (CLOSED, MATURE):
            missing |= self._ready(kind, self.every) & ~np.isin(self.every.starts, self._done(kind))
        return self.every.only(missing)

    def timeline(self, group: Spans, reference: Profile | None) -> Timeline:
        """All windows, with what they counted as."""
        windows = Windows.of((self.every.starts, self.every.ends), self.model)
        positions = np.searchsorted(self.every.starts, group.starts)
        return Timeline(
            windows, positions, seasons_of(self.model, reference, windows), self.kept, self.learns
        )

    def count(self, series: Iterable[Series], group: Spans) -> None:
        """Let windows count that have not."""
        every = [replace(s, readings=s.readings if self.learns else None) for s in series if self._adds_up(s)]
        where = np.searchsorted(self.every.starts, group.starts)
        for kind in (CLOSED, MATURE):
            new = self._ready(kind, group) & ~np.isin(group.starts, self._done(kind))
            of_kind = [s for s in every if needs_truth(s, self.model) is (kind == MATURE)]
            positions = {int(i): int(group.starts[i]) for i in np.flatnonzero(new)}
            if positions:
                self._fresh.append((kind, of_kind, positions))
                for s in of_kind:
                    before = self.kept.get(key_of(s))
                    now = Kept.of(s, where, new, len(self.every))
                    self.kept[key_of(s)] = now if before is None else before.or_else(now)

    def _adds_up(self, series: Series) -> bool:
        if series.against is not None:
            return False
        banded = self.model.band_for(series.metric.name, series.column, series.segment_by, series.segment)
        learned = self.learns and series.readings is not None and series.metric.family != "quality"
        return banded is not None or learned

    @property
    def metrics(self) -> frozenset[str]:
        """What may add up."""
        return JUDGED | {key.metric for key in self.model.parsed_bands}

    def write(self, run: int) -> None:
        """Keep what has counted in this run."""
        for kind, series, positions in self._fresh:
            self.counted.put(kind, series, positions, run)
        self._fresh = []

    def _done(self, kind: str) -> NDArray[np.int64]:
        """Starts of the windows that have counted, in this run or before."""
        fresh = [start for k, _, positions in self._fresh if k == kind for start in positions.values()]
        return np.append(self.counted.starts(kind), np.array(fresh, dtype=np.int64))

    def _ready(self, kind: str, windows: Spans) -> Flags:
        return np.asarray(windows.ends <= (self.maturity.closed if kind == CLOSED else self.maturity.mature))
