"""Judging: stored windows, each against its reference, as one result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper import __version__
from watchkeeper.checking.judging import Beside, Case, Progress, Reading
from watchkeeper.checking.notes import listed, not_in_reference, notes_of
from watchkeeper.journal import Served, Store
from watchkeeper.metrics import measure
from watchkeeper.profiles import Profile
from watchkeeper.result import Result
from watchkeeper.rows import Aside
from watchkeeper.running.cases import Cases
from watchkeeper.running.changes import configuration
from watchkeeper.running.evidence import Evidence
from watchkeeper.running.maturity import Maturity
from watchkeeper.running.references import References
from watchkeeper.running.rows import JournalRows
from watchkeeper.running.service_run import ServiceRun
from watchkeeper.running.touched import Spans, spans_of
from watchkeeper.running.versions import Versions
from watchkeeper.verdicts import Timeline, Windows

__all__ = ["Judging"]


@dataclass(frozen=True)
class Judging:
    """What all windows of one model are judged with.

    Attributes
    ----------
    store : of profiles; None where nothing was predicted yet
    folder : of the workspace
    aside : what could not be used of the rows that were just read
    appeared : features that are watched since this run
    """

    rows: JournalRows
    store: Store | None
    service: ServiceRun
    maturity: Maturity
    folder: Path
    progress: Progress
    aside: Aside = field(default_factory=Aside)
    appeared: tuple[str, ...] = ()

    @property
    def served(self) -> Served:
        return self.rows.served

    @property
    def known(self) -> Spans:
        """All windows that are stored."""
        windows = self.service.windows
        return (
            windows
            if self.store is None
            else windows.with_(spans_of(self.store.windows(), self.served.model))
        )

    def result(self, windows: Spans) -> Result | None:
        """The windows, each against its reference; None where all of them are the reference."""
        cases = self.cases(windows)
        if cases is None:
            return None
        result = cases.result()
        if self.evidence is not None and len(cases.parts) == 1:
            self.evidence.count((j.series for j in result.judgements), cases.windows)
        return result

    def cases(self, windows: Spans) -> Cases | None:
        """What there is to judge of these windows; None where all of them are the reference."""
        references = self._references()
        evidence = self.evidence
        if evidence is not None:
            windows = windows.with_(evidence.due)
        versions = Versions(references)
        versions.check()
        groups = [
            (positions[some], span, own)
            for positions, span in references.groups(windows)
            for some, own in versions.groups(windows.starts[positions])
        ]
        if not groups:
            return None
        judged = windows.at(np.sort(np.concatenate([positions for positions, _, _ in groups])))
        notes = (*references.notes, *versions.notes(self._spans(judged)))
        same = len({span for _, span, _ in groups}) == 1
        several = len(groups) > 1 and (same or evidence is not None)
        whole = self._reading(references, groups[0][1], judged) if several else None
        if evidence is not None and whole is not None:  # all of them count before any is judged
            assert whole.current is not None
            names = evidence.metrics
            evidence.count(measure(whole.current, whole.reference, only=lambda m, _: m.name in names), judged)
        parts: list[tuple[NDArray[np.intp], Case]] = []
        for positions, span, own in groups:
            group = windows.at(positions)
            reading = self._reading(references, span, group)
            if reading.plan is not None:
                reading = replace(reading, own=versions.own(reading.plan, own))
            timeline = None if evidence is None else evidence.timeline(group, reading.reference)
            case = self._case(reading, group, self.service.beside(group, span), timeline)
            parts.append((np.searchsorted(judged.starts, group.starts), case))
        return Cases(self.served.model, judged, tuple(parts), notes, whole if same else None)

    def write(self, result: Result, number: int, now: int) -> None:
        """Keep what has a verdict, with the run that gave it."""
        rows = result.metrics.filter(pa.compute.is_valid(result.metrics["verdict"]))
        extra = {
            "run": pa.scalar(number, pa.int64()),
            "judged_at": pa.scalar(now, pa.timestamp("us", "UTC")),
            "configuration": pa.scalar(configuration(self.served.model)),
            "watchkeeper": pa.scalar(__version__),
        }
        for name, value in extra.items():
            rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
        if rows.num_rows:
            self.served.journal.tables["verdicts"].append(rows)
        if self.evidence is not None:
            self.evidence.write(number)

    @cached_property
    def evidence(self) -> Evidence | None:
        """Of all windows since the reference; None where nothing adds up."""
        return Evidence.of(self._references(), self.served.model, self.maturity, self.known)

    def _references(self) -> References:
        windows = self.service.windows.starts if self.store is None else None
        return References(self.served.model, self.store, self.folder, windows)

    def _reading(self, references: References, span: tuple[int, int] | None, group: Spans) -> Reading:
        """The rows of these windows; one that has none is empty, as where every request failed."""
        store = self.store
        if store is None:
            return Reading(None, None, None)
        profile = store.get(starts=group.starts) or store.get(starts=store.windows()[-1:])
        assert profile is not None
        profile = profile.take(np.flatnonzero(np.isin(profile.windows, group.starts))).on(group.starts)
        reference = references.profile(span)
        sampled = self.rows.sampled(
            store.plan, reference, profile, group.starts[group.ends > self.maturity.mature]
        )
        return Reading(
            store.plan,
            profile,
            reference,
            self._absent(store),
            self._notes(profile, reference),
            sampled=sampled,
        )

    def _absent(self, store: Store) -> tuple[str, ...]:
        names = {*self.served.columns, self.served.model.outcome}
        return tuple(c.name for c in store.plan.columns if c.name not in names)

    def _notes(self, profile: Profile, reference: Profile | None) -> tuple[str, ...]:
        notes = notes_of(replace(profile, aside=self.aside), "current")
        if self.appeared:
            notes = (*notes, f"New features, watched from now on: {listed(self.appeared)}.")
        rule = self.served.model.parsed_reference
        rolls = rule is None or rule.kind in ("previous", "last_year")  # which has them in time
        return notes if reference is None or rolls else (*notes, *not_in_reference(profile, reference))

    def _case(self, reading: Reading, group: Spans, beside: Beside | None, timeline: Timeline | None) -> Case:
        model = self.served.model
        withheld = self.maturity.withheld(group, model)
        return Case(
            reading, self._spans(group), withheld, self._not_yet(group), self.progress, beside, timeline
        )

    def _spans(self, windows: Spans) -> Windows:
        return Windows.of((windows.starts, windows.ends), self.served.model)

    def _not_yet(self, group: Spans) -> Sequence[str]:
        """What is said of windows that are open, or whose truth is still coming."""
        windows = self._spans(group)
        still_open = np.flatnonzero(group.ends > self.maturity.closed)
        young = np.flatnonzero((group.ends > self.maturity.mature) & (group.ends <= self.maturity.closed))
        notes = []
        if len(still_open):
            notes.append(f"The window {windows.phrase(int(still_open[0]))} is still open: shown, not judged.")
        if len(young):
            since = windows.since(int(young[0]))
            notes.append(
                f"Since {since} truth is still coming in: performance is provisional there, and not judged."
            )
        return notes
