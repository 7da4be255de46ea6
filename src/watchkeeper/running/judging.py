"""Judging: stored windows, each against its reference, as one result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper import __version__
from watchkeeper.checking.judging import Case, Progress, Reading, Wanted
from watchkeeper.checking.notes import listed, not_in_reference, notes_of
from watchkeeper.journal import Served, Store
from watchkeeper.metrics import Metric, Series, may_be_judged_in, measure
from watchkeeper.model import Model
from watchkeeper.profiles import Profile
from watchkeeper.result import Result
from watchkeeper.rows import Aside
from watchkeeper.running.cases import Cases
from watchkeeper.running.changes import configuration
from watchkeeper.running.eras import Era, Span, said_of, stays
from watchkeeper.running.evidence import Evidence
from watchkeeper.running.maturity import Maturity
from watchkeeper.running.references import References
from watchkeeper.running.rows import JournalRows
from watchkeeper.running.service_run import ServiceRun
from watchkeeper.running.touched import Spans, spans_of
from watchkeeper.running.versions import Versions
from watchkeeper.state import Acknowledgement
from watchkeeper.verdicts import Windows

__all__ = ["Judging"]

OF_COLUMNS = ("quality", "drift")  # families of metrics that every column has


@dataclass(frozen=True)
class Group:
    """Windows that are compared with the same.

    Attributes
    ----------
    span : where those start that all rows are compared with; None for a file or nothing
    own : likewise of each version that has a reference of its own
    """

    windows: Spans
    span: Span | None
    own: tuple[Span | None, ...]
    era: Era


@dataclass(frozen=True)
class Judging:
    """What all windows of one model are judged with.

    Attributes
    ----------
    store : of profiles; None where nothing was predicted yet
    folder : of the workspace
    aside : what could not be used of the rows that were just read
    acknowledged : every acknowledgement of the model
    appeared : features that are watched since this run
    """

    rows: JournalRows
    store: Store | None
    service: ServiceRun
    maturity: Maturity
    folder: Path
    progress: Progress
    acknowledged: tuple[Acknowledgement, ...] = ()
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
        """The windows, each against its reference; None where all of them are the reference.

        Of the columns of segments only what is judged: the other numbers, of hundreds of features in dozens of
        segments nearly all there are, are for who looks at them.
        """
        cases = self.cases(windows, brief=True)
        if cases is None:
            return None
        result = cases.result()
        if self.evidence is not None and len(cases.parts) == 1:
            self.evidence.count((j.series for j in result.judgements), cases.windows)
        return result

    def cases(self, windows: Spans, *, brief: bool = False) -> Cases | None:
        """What there is to judge of these windows; None where all of them are the reference.

        Parameters
        ----------
        brief : whether of the columns of segments only those metrics are wanted that may have a verdict
        """
        references, evidence = self.references, self.evidence
        if evidence is not None:
            windows = windows.with_(evidence.due)
        versions = Versions(references)
        versions.check()
        groups = list(self._groups(windows, versions))
        if not groups:
            return None
        readings = [self._reading(group.windows, group.span, group.era) for group in groups]
        if evidence is not None and len(groups) > 1:
            self._count(evidence, groups, readings)
        judged = windows.only(np.isin(windows.starts, np.concatenate([g.windows.starts for g in groups])))
        parts = []
        for group, reading in zip(groups, readings, strict=True):
            where = np.searchsorted(judged.starts, group.windows.starts)
            parts.append((where, self._case(group, reading, versions, brief)))
        notes = (*references.notes, *versions.notes(self._spans(judged)))
        return Cases(
            self.served.model, judged, tuple(parts), notes, self._whole(groups, judged), *self._epoch(judged)
        )

    def _groups(self, windows: Spans, versions: Versions) -> Iterator[Group]:
        for compared in self.references.groups(windows):
            settling = self.store is None and compared.era.settling  # of a service alone nothing adds up
            span = None if settling else compared.span
            for some, own in versions.groups(windows.starts[compared.positions]):
                yield Group(windows.at(compared.positions[some]), span, own, compared.era)

    def _count(self, evidence: Evidence, groups: Sequence[Group], readings: Sequence[Reading]) -> None:
        """Let all windows count before any is judged."""
        due = evidence.due.starts
        for group, reading in zip(groups, readings, strict=True):
            if np.isin(group.windows.starts, due).any():
                names = evidence.metrics(group.era)
                assert reading.current is not None
                evidence.count(_named(names, reading.current, reading.reference), group.windows)

    def _whole(self, groups: Sequence[Group], judged: Spans) -> Reading | None:
        """Of all windows, for pictures, where all rows are compared with the same until a change was acknowledged."""
        last = groups[-1]
        same = len({group.span for group in groups}) == 1
        if len(groups) == 1 or not (same or last.era.acknowledged):
            return None
        return self._reading(judged, last.span, last.era)

    def _epoch(self, judged: Spans) -> tuple[int, str]:
        """(position of the first window since the change that was acknowledged last, what is said of it)."""
        made = self.references.eras[-1].acknowledged
        if made is None:
            return 0, ""
        return int(np.searchsorted(judged.starts, made.begin)), said_of(made, self.served.model)

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
        return Evidence.of(self.references, self.served.model, self.maturity, self.known)

    @cached_property
    def references(self) -> References:
        service = self.service.windows.starts if self.store is None else None
        return References(self.served.model, self.store, self.folder, service, self.acknowledged)

    def _reading(self, group: Spans, span: Span | None, era: Era) -> Reading:
        """The rows of these windows; one that has none is empty, as where every request failed."""
        store = self.store
        if store is None:
            return Reading(None, None, None)
        profile = store.get(starts=group.starts) or store.get(starts=store.windows()[-1:])
        assert profile is not None
        profile = profile.take(np.flatnonzero(np.isin(profile.windows, group.starts))).on(group.starts)
        reference = self.references.profile(span)
        notes = notes_of(replace(profile, aside=self.aside), "current")
        if self.appeared:
            notes = (*notes, f"New features, watched from now on: {listed(self.appeared)}.")
        if (
            reference is not None and stays(self.served.model) and not era.settling
        ):  # another has them in time
            notes = (*notes, *not_in_reference(profile, reference))
        young = group.starts[group.ends > self.maturity.mature]
        sampled = self.rows.sampled(store.plan, reference, profile, young, from_file=span is None)
        return Reading(store.plan, profile, reference, self._absent(store), notes, sampled=sampled)

    def _absent(self, store: Store) -> tuple[str, ...]:
        names = {*self.served.columns, self.served.model.outcome}
        return tuple(c.name for c in store.plan.columns if c.name not in names)

    def _case(self, group: Group, reading: Reading, versions: Versions, brief: bool) -> Case:
        windows, model = group.windows, self.served.model
        if reading.plan is not None:
            reading = replace(reading, own=versions.own(reading.plan, group.own, group.era))
        timeline = None
        if self.evidence is not None:
            timeline = self.evidence.timeline(windows, group.era, reading.reference)
        case = Case(
            reading, self._spans(windows), self.maturity.withheld(windows, model), self._not_yet(windows),
            self.progress, self.service.beside(windows, group.span), timeline,
        )  # fmt: skip
        return replace(case, wanted=_briefly(model, reading)) if brief else case

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


def _briefly(model: Model, reading: Reading) -> Wanted:
    """Of all rows and of versions everything; of other segments no more of their columns than has a verdict there."""
    asked = {*(key.metric for key in model.parsed_bands), *model.expected}
    with_own = {by for one in reading.own for by, _ in one.cells}

    def wanted(metric: Metric, by: str | None) -> bool:
        of_columns = by is not None and by not in model.version_segments and metric.family in OF_COLUMNS
        return (
            not of_columns or metric.name in asked or may_be_judged_in(metric, None if by in with_own else by)
        )

    return wanted


def _named(metrics: frozenset[str], current: Profile, reference: Profile | None) -> list[Series]:
    """Some metrics alone."""
    return measure(current, reference, only=lambda metric, _: metric.name in metrics)
