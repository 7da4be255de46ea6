"""Model run: one model, from what its journal has that is new to profiles and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper import __version__, sources
from watchkeeper.checking.judging import Beside, Progress, Reading, conclude
from watchkeeper.checking.notes import listed, notes_of
from watchkeeper.errors import ModelError
from watchkeeper.journal import Journal, Resolved, Served, Store, resolve, served, times
from watchkeeper.model import Model
from watchkeeper.profiles import Profile, plan_of, profile_of
from watchkeeper.result import Result
from watchkeeper.rows import Aside
from watchkeeper.running.changes import Change, changes, configuration
from watchkeeper.running.counted import count_conflicts
from watchkeeper.running.maturity import Delays, Maturity
from watchkeeper.running.planned import ENOUGH, Planned, grown, has_other, unseen
from watchkeeper.running.references import References
from watchkeeper.running.service_run import ServiceRun
from watchkeeper.running.step import Step
from watchkeeper.running.touched import NOWHERE, Spans, spans_of
from watchkeeper.state import State
from watchkeeper.verdicts import Windows, joined

__all__ = ["ModelRun"]

Ints = NDArray[np.int64]
AHEAD = (
    5 * 60_000_000
)  # µs by which a clock may be wrong: rows beyond are set aside until their time has come


@dataclass
class ModelRun:
    """One model within one run.

    Attributes
    ----------
    given : the model as the user wrote it
    number : of the run
    upto : the last batch that the mover brought in
    now : µs since 1970 UTC
    folder : of the workspace
    """

    given: Model
    journal: Journal
    state: State
    number: int
    upto: int
    now: int
    folder: Path
    progress: Progress
    _aside: Aside = field(default_factory=Aside, init=False)

    def run(self) -> Step:
        """Compute and judge what something new fell into."""
        if self.given.parsed_window.kind != "time":
            raise ModelError(
                f"window: {self.given.window!r} of {self.given.name!r} goes by no time; a workspace needs a window"
                " such as '1d' ('1000 rows' and null are for check)"
            )
        if not (self.journal.predictions.exists or self.journal.events.exists):
            return Step(self.given.name)
        resolved = resolve(self.journal, self._done, self.upto, self._within)
        if self.journal.predictions.exists:
            count_conflicts(self.state, self.journal, self._done, self.upto)
        self._delays = self._delays_with(resolved)
        self._maturity = Maturity.at(self.now, self.model, self._delays)
        planned, touched = self._rows_of(resolved)
        touched = self.service.update(touched)
        step = self._judge(planned, touched)
        self._remember()
        return replace(step, computed=len(touched), waiting=resolved.waiting)

    def _rows_of(self, resolved: Resolved) -> tuple[Planned | None, Spans]:
        """The plan, and the windows that were computed under it; none where nothing was predicted yet."""
        if not self.journal.predictions.exists:
            self._anew = False
            return None, NOWHERE
        planned = self._planned(self._fresh(resolved))
        touched = self._touched(resolved, planned)
        return self._compute(planned, touched), touched

    def history(self) -> Result | None:
        """All windows that are stored, judged as now; nothing is changed. None before the first run."""
        stored = self.state.fact(self.given.name, "delays")
        delays = Delays.of(stored["counts"]) if isinstance(stored, dict) else Delays({})
        self._maturity = Maturity.at(self.now, self.model, delays)
        planned = Planned.newest(self.state, self.given.name)
        store, known = None, self.service.windows
        if planned is not None and self.journal.predictions.exists:
            store = Store(self.journal, planned.serving(self.model).plan, planned.number)
            known = known.with_(spans_of(store.windows(), self.model))
        return self._result(store, known) if len(known) else None

    # what is new

    @cached_property
    def _done(self) -> int:
        return self.state.progress(self.given.name)

    @cached_property
    def _before(self) -> dict[str, int]:
        """Moments of the last run: "now", "closed", "mature"."""
        found = self.state.fact(self.given.name, "moments")
        return {str(k): int(v) for k, v in found.items()} if isinstance(found, dict) else {}

    @cached_property
    def _changes(self) -> tuple[Change, ...]:
        return changes(self.state.configuration(self.given.name), self.given)

    @property
    def _within(self) -> int | None:
        return None if self.given.parsed_truth is None else self.given.parsed_truth.within_us

    @cached_property
    def served(self) -> Served:
        return served(self.journal, self.given)

    @cached_property
    def model(self) -> Model:
        return self.served.model

    @cached_property
    def service(self) -> ServiceRun:
        before = self._before.get("now")
        return ServiceRun(
            self.journal, self.given, self.number, self._done, self.upto,
            None if before is None else before + AHEAD, self.now + AHEAD, self._maturity.closed,
        )  # fmt: skip

    def _fresh(self, resolved: Resolved) -> Ints:
        """Times of the predictions that are new, or whose truth is."""
        parts = [times(self.journal, self._done, self.upto), resolved.timestamps, self._come(), self._due()]
        every = np.concatenate(parts)
        return every[every <= self.now + AHEAD]

    def _come(self) -> Ints:
        """Of rows that lay ahead of the clock at the last run."""
        before = self._before.get("now")
        if before is None:
            return np.zeros(0, dtype=np.int64)
        return self._between(before + AHEAD, self.now + AHEAD)

    def _due(self) -> Ints:
        """Of rows whose outcome is taken to be absent from now on."""
        truth, before = self.given.parsed_truth, self._before.get("now")
        if truth is None or truth.absent is None or before is None or self._within is None:
            return np.zeros(0, dtype=np.int64)
        return self._between(before - self._within, self.now - self._within)

    def _between(self, after: int, upto: int) -> Ints:
        table = self.journal.predictions
        if not self.journal.view("between", table, table.files(after, upto + 1)):
            return np.zeros(0, dtype=np.int64)
        sql = "SELECT epoch_us(timestamp) AS us FROM between WHERE us > $after AND us <= $upto"
        found: Ints = self.journal.rows(sql, {"after": after, "upto": upto})["us"].to_numpy()
        return found

    # the plan

    def _planned(self, fresh: Ints) -> Planned:
        """The plan that serves the model now; a new one where it cannot."""
        newest = Planned.newest(self.state, self.given.name)
        self._fresh_times, self._anew = fresh, newest is None
        if newest is not None and self._serves(newest):
            return newest.serving(self.model)
        self._anew = True
        sample = self._sample()
        if not sample.rows:
            raise ModelError(f"the journal of {self.given.name!r} has no row before now")
        plan = plan_of(self.model, sample.table, len(self._everything))
        return Planned.add(self.state, plan, sample.rows, unseen(plan, sample.table))

    def _serves(self, planned: Planned) -> bool:
        old, new = planned.plan.model, self.model
        roles = ("prediction", "score", "outcome", "weight", "segments")
        same = all(getattr(old, key) == getattr(new, key) for key in roles)
        costly = any(change.cost != "judge" for change in self._changes)
        settled = planned.rows >= ENOUGH or planned.settled(self._rows)
        return same and settled and not costly and not self._now_seen(planned)

    @cached_property
    def _rows(self) -> int:
        """Predictions in the journal."""
        self.journal.view("every_prediction", self.journal.predictions)
        found = self.journal.row("SELECT count(*) FROM every_prediction")
        return 0 if found is None else int(found[0])

    def _now_seen(self, planned: Planned) -> bool:
        """Whether a column has values that had none when the plan was made."""
        known = {
            *self.served.types,
            *(() if not self.journal.outcomes.exists else (str(self.model.outcome),)),
        }
        return any(name in known for name in planned.unseen)

    @cached_property
    def _everything(self) -> Spans:
        """All windows that have predictions."""
        every = self._between(-(2**62), self.now + AHEAD)
        return spans_of(every, self.model)

    def _sample(self) -> sources.Sample:
        rule = self.given.parsed_reference
        if rule is not None and rule.kind == "path":
            path = References(self.model, Store(self.journal, None, 0), self.folder).path()  # type: ignore[arg-type]
            return sources.sample(sources.open_rows(str(path), self.model, "reference", optional=True))
        relation = self.served.rows(self._everything.pairs, self.now)
        return sources.sample(sources.open_rows(relation, self.model, "journal", optional=True))

    # windows

    def _touched(self, resolved: Resolved, planned: Planned) -> Spans:
        return self._everything if self._anew else spans_of(self._fresh_times, self.model)

    def _compute(self, planned: Planned, touched: Spans) -> Planned:
        """Profiles of the touched windows, from their rows."""
        if not len(touched):
            return planned
        profile = self._profile(planned, touched)
        if has_other(planned.plan, profile):
            fresh = plan_of(self.model, sources.sample(self._opened(touched, None)).table)
            planned = replace(planned, plan=grown(planned.plan, fresh))
            self.state.set_plan(self.given.name, planned.number, planned.text)
            profile = self._profile(planned, touched)
        Store(self.journal, planned.plan, planned.number).put(profile, self.number)
        self._aside = profile.aside
        return planned

    def _profile(self, planned: Planned, touched: Spans) -> Profile:
        rows = self._opened(touched, planned)
        stage = f"computing {self.given.name}"
        rows.on_rows = lambda done: self.progress(stage, done, None)
        return profile_of(rows, planned.plan, self.now)

    def _opened(self, touched: Spans, planned: Planned | None) -> sources.SourceRows:
        first, last = int(touched.starts[0]), int(touched.ends[-1])
        self.served.rows(touched.pairs, self.now)
        odd = tuple(self.served.misfits(first, last))
        reader = served(self.journal, self.given, odd=odd) if odd else self.served
        relation = reader.rows(touched.pairs, self.now)
        kinds = None if planned is None else planned.plan.kinds
        return sources.open_rows(relation, self.model, "journal", kinds=kinds, optional=True)

    # verdicts

    def _judge(self, planned: Planned | None, touched: Spans) -> Step:
        store = None if planned is None else Store(self.journal, planned.plan, planned.number)
        known = self.service.windows
        if store is not None:
            known = known.with_(spans_of(store.windows(), self.model))
        before = None if self._anew or self._changes else self._last_maturity()
        windows = touched.with_(self._maturity.reached_since(before, known))
        windows = windows.only(np.isin(windows.starts, known.starts))
        step = Step(self.given.name, changes=tuple(c.sentence for c in self._changes))
        if not len(windows):
            return step
        result = self._result(store, windows)
        if result is None:
            return step
        self._write(result)
        closed = int((windows.ends <= self._maturity.closed).sum())
        return replace(step, judged=closed, result=result)

    def _delays_with(self, resolved: Resolved) -> Delays:
        """How late truth came so far; batches that an unfinished run has counted are not counted again."""
        stored = self.state.fact(self.given.name, "delays")
        if not isinstance(stored, dict):
            return Delays({}).plus(resolved.delays)
        known = Delays.of(stored["counts"])
        return known if stored["upto"] >= self.upto else known.plus(resolved.delays)

    def _last_maturity(self) -> Maturity | None:
        before = self._before
        return Maturity(before["closed"], before["mature"]) if "closed" in before else None

    def _result(self, store: Store | None, windows: Spans) -> Result | None:
        """The windows judged, each against its reference; None where all of them are the reference."""
        references = self._references(store)
        parts: list[tuple[NDArray[np.intp], Result]] = []
        for positions, span in references.groups(windows):
            group = windows.only(np.isin(np.arange(len(windows)), positions))
            beside = self.service.beside(group, span)
            if store is None:
                reading = Reading(None, None, None)
            else:
                reading = self._reading(store, references.profile(span), group)
            parts.append((positions, self._concluded(reading, group, beside)))
        if not parts:
            return None
        if len(parts) == 1:
            return replace(parts[0][1], notes=(*references.notes, *parts[0][1].notes))
        judgements = joined([(result.judgements, where) for where, result in parts], len(windows))
        notes = tuple(dict.fromkeys(note for _, result in parts for note in result.notes))
        spans = Windows.of((windows.starts, windows.ends), self.model)
        return Result.build(self.model, judgements, spans, (*references.notes, *notes))

    def _references(self, store: Store | None) -> References:
        if store is not None:
            return References(self.model, store, self.folder)
        windows = self.service.windows.starts
        return References(self.model, Store(self.journal, None, 0), self.folder, windows)  # type: ignore[arg-type]

    def _reading(self, store: Store, reference: Profile | None, group: Spans) -> Reading:
        """The rows of these windows; one that has none is empty, as where every request failed."""
        profile = store.get(starts=group.starts)
        if profile is None:
            known = store.get(starts=store.windows()[-1:])
            assert known is not None
            profile = known.take(np.arange(0))
        profile = profile.on(group.starts)
        names = {*self.served.columns, *((self.model.outcome,) if self.model.outcome else ())}
        absent = tuple(c.name for c in store.plan.columns if c.name not in names)
        added = [n for n in self.served.types if n not in {c.name for c in store.plan.columns}]
        notes = notes_of(replace(profile, aside=self._aside), "current")
        if added and self.model.features is None:
            notes = (*notes, f"New columns, not watched: {listed(added)}.")
        return Reading(store.plan, profile, reference, absent, notes)

    def _concluded(self, reading: Reading, group: Spans, beside: Beside | None) -> Result:
        spans = Windows.of((group.starts, group.ends), self.model)
        withheld = self._maturity.withheld(group, self.model)
        return conclude(reading, self.model, spans, withheld, self._open_notes(group), self.progress, beside)

    def _open_notes(self, group: Spans) -> Sequence[str]:
        windows = Windows.of((group.starts, group.ends), self.model)
        still_open = np.flatnonzero(group.ends > self._maturity.closed)
        young = np.flatnonzero((group.ends > self._maturity.mature) & (group.ends <= self._maturity.closed))
        notes = []
        if len(still_open):
            notes.append(f"The window {windows.phrase(int(still_open[0]))} is still open: shown, not judged.")
        if len(young):
            notes.append(
                f"Since {windows.since(int(young[0]))} truth is still coming in: performance is provisional there, and"
                " not judged."
            )
        return notes

    def _write(self, result: Result) -> None:
        """Keep what has a verdict."""
        rows = result.metrics.filter(pa.compute.is_valid(result.metrics["verdict"]))
        extra = {
            "run": pa.scalar(self.number, pa.int64()),
            "judged_at": pa.scalar(self.now, pa.timestamp("us", "UTC")),
            "configuration": pa.scalar(configuration(self.given)),
            "watchkeeper": pa.scalar(__version__),
        }
        for name, value in extra.items():
            rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
        if rows.num_rows:
            self.journal.tables["verdicts"].append(rows)

    def _remember(self) -> None:
        """What the next run begins with; the batches count as done when the run is finished."""
        name = self.given.name
        stored = self.state.fact(name, "delays")
        if not isinstance(stored, dict) or stored["upto"] < self.upto:
            self.state.set_fact(name, "delays", {"upto": self.upto, "counts": self._delays.stored})
        moments = {"now": self.now, "closed": self._maturity.closed, "mature": self._maturity.mature}
        self.state.set_fact(name, "moments", moments)
        self.state.set_configuration(name, configuration(self.given))
