"""Reading: current and reference rows to profiles under one plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from watchkeeper.checking.error_notes import notes_of_errors
from watchkeeper.checking.judging import Progress, Reading
from watchkeeper.checking.notes import check_usable, listed, new_segments, notes_of
from watchkeeper.checking.rules import end_of_first, rule_of
from watchkeeper.checking.sampled import Taken
from watchkeeper.checking.slips import check_outcome, times_in_doubt
from watchkeeper.errors import ModelError
from watchkeeper.estimation import (
    REFERENCE_ROWS,
    WINDOW_ROWS,
    Sample,
    Sampler,
    Sampling,
    can_estimate,
)
from watchkeeper.model import Model, ReferenceRule
from watchkeeper.profiles import Plan, Profile, plan_of, profile_and, profile_of
from watchkeeper.rows import Aside

if TYPE_CHECKING:
    from watchkeeper.sources import Sample as PlanSample
    from watchkeeper.sources import SourceRows

__all__ = ["Reader"]

LEARNED = Sampler(REFERENCE_ROWS, whole=True)
WATCHED = Sampler(WINDOW_ROWS)
LEARNED_PART = 8  # one row of the reference in so many teaches how features hang together
LEAST_LEARNED = 20_000  # or so many


@dataclass
class Reader:
    """Reads a check's sources, each once for the sample that makes the plan and once for the profile."""

    model: Model
    progress: Progress
    now: int

    def read(self, current: Any, reference: Any) -> Reading:
        """Profiles of both; ``reference`` may be None or a rule such as "first 4w"."""
        from watchkeeper import sources

        rule = rule_of(reference)
        if rule is not None:
            return self._beginning(current, rule)
        if reference is None:
            rows = sources.open_rows(current, self.model, "current")
            plan = self._plan(self._sample(rows))
            return self._reading(plan, self._profile(rows, plan)[0], None, rows)
        normal = sources.open_rows(reference, self.model, "reference", optional=True)
        plan = self._plan(self._sample(normal))
        rows = sources.open_rows(current, self.model, "current", kinds=plan.kinds)
        outcome = self.model.outcome
        if outcome is not None and outcome in rows.absent and outcome in normal.absent:
            check_outcome(outcome, (*(c.name for c in plan.columns), *rows.added), rows.name, normal.name)
        before, (learned,) = self._profile(normal, plan, LEARNED)
        check_usable(before, normal.name)
        read = self._against(plan, before, learned, rows)
        return replace(read, notes=tuple(dict.fromkeys((*read.notes, *normal.notes))))

    def _beginning(self, data: Any, rule: ReferenceRule) -> Reading:
        """The beginning of the data is the reference of the rest."""
        from watchkeeper import sources

        rows = sources.open_rows(data, self.model, "current")
        sample = self._sample(rows)
        if rule.unit == "row":
            head, rest = sources.split(rows, rule.count)
            plan = self._plan(self._sample(head))
            if sample.rows <= rule.count:
                raise ModelError(
                    f"reference: {rows.name} has {sample.rows:,} rows, so that its first {rule.count:,} leave none "
                    "to check; take fewer"
                )
            before, (learned,) = self._profile(head, plan, LEARNED)
            return self._against(plan, before, learned, rest, rows)
        if self.model.parsed_window.kind != "time":
            raise ModelError(
                f"reference: 'first {rule.count} {rule.unit}' goes by time, but window is"
                f" {self.model.window!r}; take a window by time, such as '1d', or a reference such as"
                " 'first 1000 rows'"
            )
        end = end_of_first(rule, self.model, sample.first, sample.last)
        times = sample.table.column(str(self.model.timestamp)).cast(pa.int64()).fill_null(end).to_numpy()
        plan = self._plan(replace(sample, table=sample.table.filter(pa.array(times < end))))
        samplers = replace(LEARNED, until=end), replace(WATCHED, since=end)
        whole, (learned, watched) = self._profile(rows, plan, *samplers)
        before, after = (
            whole.take(np.flatnonzero(chosen)) for chosen in (whole.windows < end, whole.windows >= end)
        )
        read = self._reading(plan, after, replace(before, aside=Aside()), rows)
        return replace(read, sampled=_taken(before, learned, watched))

    def _against(
        self,
        plan: Plan,
        before: Profile,
        learned: Sample | None,
        rows: SourceRows,
        source: SourceRows | None = None,
    ) -> Reading:
        """The current rows against a reference that was read; ``source``: what they are a part of."""
        current, samples = self._profile(rows, plan, *(() if learned is None else (WATCHED,)))
        read = self._reading(plan, current, before, source or rows)
        return replace(read, sampled=_taken(before, learned, samples[0] if samples else None))

    def _sample(self, rows: SourceRows) -> PlanSample:
        from watchkeeper import sources

        self.progress(f"sampling {rows.name}", 0, rows.count)
        return sources.sample(rows)

    def _plan(self, sample: PlanSample) -> Plan:
        return plan_of(self.model, sample.table, _expected_windows(self.model, sample, self.now))

    def _profile(
        self, rows: SourceRows, plan: Plan, *samplers: Sampler
    ) -> tuple[Profile, tuple[Sample | None, ...]]:
        """The profile, and a sample by each sampler: in the same pass, where there can be estimates."""
        stage = f"reading {rows.name}"
        self.progress(stage, 0, rows.count)
        rows.on_rows = lambda done: self.progress(stage, done, rows.count)
        if not samplers or not can_estimate(plan):
            return profile_of(rows, plan, self.now), (None,) * len(samplers)
        profile, found = profile_and(rows, plan, Sampling(plan, samplers), self.now)
        return profile, (None,) * len(samplers) if found is None else found.parts

    @staticmethod
    def _reading(plan: Plan, current: Profile, reference: Profile | None, rows: SourceRows) -> Reading:
        check_usable(current, rows.name)
        notes = (*plan.notes, *rows.notes, *notes_of(current, "current"))
        notes += (*times_in_doubt(current, reference), *notes_of_errors(current, reference))
        if reference is not None:
            notes += (*notes_of(reference, "reference"), *new_segments(current, reference))
        if rows.added:
            notes += (f"New columns, not watched: {listed(rows.added)}.",)
        missed = tuple(c for c in rows.absent if c != plan.model.outcome)  # outcomes come later: a note tells
        return Reading(plan, current, reference, missed, notes)


def _taken(reference: Profile, learned: Sample | None, watched: Sample | None) -> Taken | None:
    """With a part of a reference that is not small, so that learning from it costs less than reading it."""
    if learned is None or watched is None:
        return None
    rows = int(reference.everything.rows.sum())
    return Taken(learned.least(max(rows // LEARNED_PART, LEAST_LEARNED)), watched)


def _expected_windows(model: Model, sample: PlanSample, now: int) -> int:
    window = model.parsed_window
    if window.kind == "rows":
        return max(1, -(-sample.rows // window.count))
    if window.kind == "none" or sample.first is None or sample.last is None:
        return 1
    first, last = min(sample.first, now), min(sample.last, now)  # what lies ahead is set aside
    return min(len(window.starts(first, last, model.timezone)) - 1, max(1, sample.rows))
