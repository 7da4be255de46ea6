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
from watchkeeper.running.eras import Era, stays
from watchkeeper.running.maturity import Maturity, needs_truth
from watchkeeper.running.reference_files import located, stamp
from watchkeeper.running.references import References
from watchkeeper.running.touched import Spans
from watchkeeper.verdicts import Kept, Stretch, Timeline, Windows, adds_up, bursty, key_of

__all__ = ["Evidence"]

Flags = NDArray[np.bool_]
Key = tuple[str, str | None, str | None, str | None]
CLOSED, MATURE = "closed", "mature"  # when a window counts: once its rows are there, and once its truth is


@dataclass
class Tally:
    """What the windows of one era have counted as.

    Attributes
    ----------
    place : of them among all windows
    kept : by series
    learns : whether they are compared with a reference that stays; else only bands add up
    done : starts of those that have counted, in this run or before, by when they do
    """

    era: Era
    place: slice
    counted: Counted
    kept: dict[Key, Kept]
    learns: bool
    done: dict[str, NDArray[np.int64]]
    fresh: list[tuple[str, list[Series], dict[int, int]]] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, era: Era, references: References, every: Spans) -> Tally:
        store, place = references.store, era.among(every)
        assert store is not None
        counted = Counted(store.journal, json.dumps([store.number, *_told(era, references)]))
        learns = stays(references.model) and not era.settling
        done = {kind: counted.starts(kind) for kind in (CLOSED, MATURE)}
        return cls(era, place, counted, counted.get(every.starts, place), learns, done)


def _told(era: Era, references: References) -> tuple[object, ...]:
    """What tells what an era's windows are compared with from everything else."""
    rule = references.rule
    if era.settling:
        return "settling", era.began
    if era.acknowledged is not None:
        return era.normal
    if rule is not None and rule.kind == "path":
        return str(rule.path), *stamp(located(str(rule.path), references.folder))
    return references.first() or ()


@dataclass
class Evidence:
    """The windows since the reference, each counted once, at a fixed age.

    Attributes
    ----------
    every : all windows that are compared with anything
    tallies : of each era
    """

    model: Model
    maturity: Maturity
    every: Spans
    tallies: list[Tally]

    @classmethod
    def of(cls, references: References, model: Model, maturity: Maturity, known: Spans) -> Evidence | None:
        """None before anything was predicted, or while all of it is the reference."""
        rule = references.rule
        if references.store is None or (rule is not None and rule.kind == "first" and not references.first()):
            return None
        eras = references.eras
        every = known.only(known.starts >= min(era.begin for era in eras))
        return cls(model, maturity, every, [Tally.of(era, references, every) for era in eras])

    @property
    def due(self) -> Spans:
        """Windows that should have counted and have not: of another reference before, or of a run that was killed."""
        missing = np.zeros(len(self.every), dtype=bool)
        for tally in self.tallies:
            for kind, done in tally.done.items():
                new = self._ready(kind, self.every) & ~np.isin(self.every.starts, done)
                missing[tally.place] |= new[tally.place]
        return self.every.only(missing)

    def timeline(self, group: Spans, era: Era, reference: Profile | None) -> Timeline:
        """All windows, with what they counted as, for some of an era."""
        windows = Windows.of((self.every.starts, self.every.ends), self.model)
        positions = np.searchsorted(self.every.starts, group.starts)
        tally = next(t for t in self.tallies if t.era == era)
        epoch = int(np.searchsorted(self.every.starts, era.began))
        stretch = Stretch(tally.place.start, tally.place.stop, epoch, era.share, era.settling)
        seasons = seasons_of(self.model, reference, windows)
        return Timeline(windows, positions, seasons, self._kept(tally), tally.learns, stretch)

    def _kept(self, tally: Tally) -> dict[Key, Kept]:
        """What an era's windows counted as; of what has a band the numbers of all others as well."""
        kept = dict(tally.kept)
        for other in self.tallies:
            if other is tally:
                continue
            for key, numbers in other.kept.items():
                if self.model.band_for(*key) is not None:
                    kept[key] = kept[key].with_numbers(numbers) if key in kept else numbers
        return kept

    def count(self, series: Iterable[Series], group: Spans) -> None:
        """Let windows count that have not."""
        every, where = list(series), np.searchsorted(self.every.starts, group.starts)
        for tally in self.tallies:
            own = (where >= tally.place.start) & (where < tally.place.stop)
            if own.any():
                self._count(tally, every, group, where, own)

    def _count(
        self, tally: Tally, every: list[Series], group: Spans, where: NDArray[np.intp], own: Flags
    ) -> None:
        columns = bursty(every)
        counting = [s for s in every if self._adds_up(s, tally, columns)]
        counting = counting if tally.learns else [replace(s, readings=None) for s in counting]
        for kind, done in tally.done.items():
            new = own & self._ready(kind, group) & ~np.isin(group.starts, done)
            positions = {int(i): int(group.starts[i]) for i in np.flatnonzero(new)}
            if not positions:
                continue
            of_kind = [s for s in counting if needs_truth(s, self.model) is (kind == MATURE)]
            tally.fresh.append((kind, of_kind, positions))
            tally.done[kind] = np.append(done, group.starts[new])
            for s in of_kind:
                before = tally.kept.get(key_of(s))
                now = Kept.of(s, where, new, len(self.every))
                tally.kept[key_of(s)] = now if before is None else before.or_else(now)

    def _adds_up(self, series: Series, tally: Tally, columns: frozenset[str | None]) -> bool:
        if series.against is not None:
            return False
        banded = self.model.band_for(series.metric.name, series.column, series.segment_by, series.segment)
        if banded is not None:
            return True
        by_evidence = series.metric.family != "quality" or adds_up(series, columns)
        return tally.learns and series.readings is not None and by_evidence

    def metrics(self, era: Era) -> frozenset[str]:
        """What may add up."""
        banded = frozenset(key.metric for key in self.model.parsed_bands)
        return banded | JUDGED if next(t.learns for t in self.tallies if t.era == era) else banded

    def write(self, run: int) -> None:
        """Keep what has counted in this run."""
        for tally in self.tallies:
            for kind, series, positions in tally.fresh:
                tally.counted.put(kind, series, positions, run)
            tally.fresh = []

    def _ready(self, kind: str, windows: Spans) -> Flags:
        return np.asarray(windows.ends <= (self.maturity.closed if kind == CLOSED else self.maturity.mature))
