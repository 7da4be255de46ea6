"""Judging: from profiles under one plan to a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.bands import unmatched_bands
from watchkeeper.checking.estimating import estimated_of, is_known
from watchkeeper.checking.reasons import why_of
from watchkeeper.checking.sampled import Sampled
from watchkeeper.estimation import Estimator
from watchkeeper.evidence import Seasons
from watchkeeper.explaining import Explainer
from watchkeeper.metrics import Metric, Own, Series, measure, with_own
from watchkeeper.model import Model
from watchkeeper.profiles import Plan, Profile
from watchkeeper.result import Result
from watchkeeper.verdicts import (
    Judgement,
    Timeline,
    Windows,
    confidence_for,
    judge,
    measured_again,
    with_judged,
)

__all__ = ["Beside", "Case", "Progress", "Reading", "Wanted", "seasons_of"]

Progress = Callable[[str, int, int | None], None]
SHOWN = 0.95  # confidence of the intervals that are shown
Withheld = Callable[[Series], NDArray[np.bool_]]
Wanted = Callable[[Metric, str | None], bool]


@dataclass(frozen=True)
class Reading:
    """Profiles under one plan.

    Attributes
    ----------
    plan, current : None where there are no rows, only series beside
    absent : columns of the plan that the current rows lack
    own : references of some segments alone
    notes : what a person should know of the input
    sampled : rows by which performance is told before the truth and explained after it; None where neither can be
    """

    plan: Plan | None
    current: Profile | None
    reference: Profile | None
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    own: tuple[Own, ...] = ()
    sampled: Sampled | None = None

    @cached_property
    def estimator(self) -> Estimator | None:
        """What the reference lets expect; None where it tells nothing."""
        learned = None if self.sampled is None or self.reference is None else self.sampled.learned()
        return None if learned is None or self.reference is None else Estimator.fit(self.reference, learned)

    def explainer(self, windows: NDArray[np.intp]) -> Explainer | None:
        """Of these windows of the current profile."""
        sampled, current, reference = self.sampled, self.current, self.reference
        if sampled is None or current is None or reference is None or self.estimator is None:
            return None
        learned, rows = sampled.learned(), sampled.explained(current.windows[windows])
        if learned is None or rows is None:
            return None
        return Explainer(self.estimator, learned, rows, current, reference)


@dataclass(frozen=True)
class Beside:
    """Series that come from elsewhere than the profile of the rows, over the same windows.

    Attributes
    ----------
    measure : gives them with intervals of a confidence
    silent : job → position of a window in which it was due and did not come → why
    """

    measure: Callable[[float], list[Series]]
    silent: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """What there is to judge, measured once, by whichever rules.

    Attributes
    ----------
    windows : the times of the current profile's windows
    withheld : (W,) in which windows a series is shown without a verdict, because more of it is to come
    notes : what to say before the notes of the reading
    beside : what is judged together with the numbers of the rows
    timeline : all windows since the reference, over which evidence adds up; None where it does not
    wanted : which metrics are, of which segmentation (None: of all rows); default: all
    """

    reading: Reading
    windows: Windows
    withheld: Withheld
    notes: Sequence[str]
    progress: Progress
    beside: Beside | None = None
    timeline: Timeline | None = None
    wanted: Wanted = lambda _metric, _by: True

    def conclude(self, model: Model) -> Result:
        """Judge every number by the bands, the alpha and the rest of what this model says of judging."""
        reading, beside = self.reading, self.beside
        self.progress("measuring", 0, None)
        found, told = self._estimated
        series = [*self._judged(model), *found]
        notes = (*self.notes, *told, *unmatched_bands(model, series, reading.plan))
        self.progress("judging", 0, None)
        judgements = judge(series, model, self.windows, reading.absent, self.timeline, self.withheld)
        if beside is not None:
            judgements = [_silent(j, beside.silent) for j in judgements]
            notes += beside.notes
        judgements = [_withheld(j, self.withheld(j.series)) for j in judgements]
        notes += reading.notes
        result = Result.build(model, judgements, self.windows, notes, reading.current, reading.reference)
        return replace(result, why=why_of(result, reading.explainer))

    @cached_property
    def _estimated(self) -> tuple[list[Series], tuple[str, ...]]:
        """None where the truth is there already: what is known need not be estimated."""
        current, sampled = self.reading.current, self.reading.sampled
        if current is None or sampled is None or is_known(current):
            return [], ()
        samples = sampled.estimated()
        if samples is None or self.reading.estimator is None:
            return [], ()
        return estimated_of(current, self.reading.estimator, samples, self.windows)

    @cached_property
    def _shown(self) -> list[Series]:
        told = [] if self.beside is None else self.beside.measure(SHOWN)
        return [*_measured(self.reading, SHOWN, self.wanted), *told]

    def _judged(self, model: Model) -> list[Series]:
        """With the wider intervals by which what is learned from the reference is judged."""
        series, beside = self._shown, self.beside
        if all(s.reference is None for s in series):
            return series
        confidence, wider = confidence_for(series, model), measured_again(series, model)
        again = _measured(self.reading, confidence, lambda m, by: (m.name, by) in wider, beside=False)
        return with_judged(series, [*again, *(() if beside is None else beside.measure(confidence))])


def seasons_of(model: Model, reference: Profile | None, windows: Windows) -> Seasons:
    """Which weekday, which hour each window is, those of the reference first, where windows are days or hours."""
    if reference is None or windows.kind != "time" or windows.starts is None:
        return {}
    return model.parsed_window.seasons(np.concatenate([reference.windows, windows.starts]), model.timezone)


def _measured(reading: Reading, confidence: float, only: Wanted, beside: bool = True) -> list[Series]:
    """The numbers of the rows, with or without what they are compared with."""
    if reading.current is None:
        return []
    series = measure(reading.current, reading.reference, confidence, only, beside)
    return with_own(series, reading.current, reading.own, confidence, only, beside)


def _silent(judgement: Judgement, silent: Mapping[str, Mapping[int, str]]) -> Judgement:
    """With a verdict of no data, and why, where a job did not come."""
    series = judgement.series
    found = silent.get(series.column or "", {}) if series.metric.name == "job_duration" else {}
    if not found:
        return judgement
    verdict = judgement.verdict.copy()
    verdict[list(found)] = "no_data"
    return replace(judgement, verdict=verdict, sentences={**judgement.sentences, **found})


def _withheld(judgement: Judgement, windows: NDArray[np.bool_]) -> Judgement:
    """Without a verdict in these windows."""
    if not windows.any():
        return judgement
    verdict = judgement.verdict.copy()
    verdict[windows] = None
    return replace(judgement, verdict=verdict)
