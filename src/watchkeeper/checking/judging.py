"""Judging: from profiles under one plan to a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.bands import unmatched_bands
from watchkeeper.metrics import Series, measure
from watchkeeper.model import Model
from watchkeeper.profiles import Plan, Profile
from watchkeeper.result import Result
from watchkeeper.verdicts import Judgement, Windows, confidence_for, judge, measured_again, with_judged

__all__ = ["Progress", "Reading", "conclude"]

Progress = Callable[[str, int, int | None], None]
Withheld = Callable[[Series], NDArray[np.bool_]]


@dataclass(frozen=True)
class Reading:
    """Profiles under one plan.

    Attributes
    ----------
    absent : columns of the plan that the current rows lack
    notes : what a person should know of the input
    """

    plan: Plan
    current: Profile
    reference: Profile | None
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def conclude(
    reading: Reading,
    model: Model,
    windows: Windows,
    withheld: Withheld,
    notes: Sequence[str],
    progress: Progress,
) -> Result:
    """Measure every number and judge it.

    Parameters
    ----------
    windows : the times of the current profile's windows
    withheld : (W,) in which windows a series is shown without a verdict, because more of it is to come
    notes : what to say before the notes of the reading
    """
    progress("measuring", 0, None)
    series = _judged(measure(reading.current, reading.reference), reading)
    notes = (*notes, *unmatched_bands(model, series, reading.plan))
    progress("judging", 0, None)
    judgements = [_withheld(j, withheld(j.series)) for j in judge(series, model, windows, reading.absent)]
    notes += reading.notes
    return Result.build(model, judgements, windows, notes, reading.current, reading.reference)


def _judged(series: list[Series], reading: Reading) -> list[Series]:
    """With the wider intervals by which what is learned from the reference is judged."""
    if reading.reference is None:
        return series
    confidence = confidence_for(series, reading.plan.model)
    wanted = measured_again(series, reading.plan.model)
    again = measure(
        reading.current, reading.reference, confidence, lambda m, by: (m.name, by) in wanted, beside=False
    )
    return with_judged(series, again)


def _withheld(judgement: Judgement, windows: NDArray[np.bool_]) -> Judgement:
    """Without a verdict in these windows."""
    if not windows.any():
        return judgement
    verdict = judgement.verdict.copy()
    verdict[windows] = None
    return replace(judgement, verdict=verdict)
