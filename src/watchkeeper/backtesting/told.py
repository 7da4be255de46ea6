"""Told: one thing that would have been told, from the window on in which it would have been."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Series
from watchkeeper.result import Result
from watchkeeper.verdicts import Finding, Judgement, Windows, key_of, title_of
from watchkeeper.verdicts.verdict import Kind, Rule

__all__ = ["Change", "Told", "compared", "first_alarms", "missed", "told_of"]

Change = Literal["same", "earlier", "later", "only here", "not here"]
DRIFT = "jensen_shannon"  # by which drift is judged where nothing else is asked for
Key = tuple[str, str | None, str | None, str | None]


@dataclass(frozen=True)
class Told:
    """One finding, as it would have come up.

    Attributes
    ----------
    metric, column, segment_by, segment, rule : what it is about, and what would have told it
    kind : "break" (at once and far), "shift" or "trend", as it looked when it was first told; None of a band, and
        where windows do not add up
    first_window, last_window : positions of alarming windows
    first_start, last_start : when those start, UTC; None where windows are no times
    first, last : the same in words: "3 June 2013", "row 5,000"
    windows : number of alarming windows
    times : number of unbroken runs of them; a window without a verdict breaks none
    ongoing : whether the last judged window alarms
    sentence : what would have been said in the first window
    segments, alike : of a break, how many segments and which other columns show the same
    change : against the current rules; None of these themselves
    later : windows by which it comes later than by the current rules, negative where earlier; None where only one
        of both tells it
    """

    metric: str
    column: str | None
    segment_by: str | None
    segment: str | None
    rule: Rule
    kind: Kind | None
    first_window: int
    last_window: int
    first_start: datetime | None
    last_start: datetime | None
    first: str
    last: str
    windows: int
    times: int
    ongoing: bool
    sentence: str
    segments: int = 0
    alike: tuple[str, ...] = ()
    change: Change | None = None
    later: int | None = None

    @property
    def key(self) -> Key:
        return self.metric, self.column, self.segment_by, self.segment

    @property
    def what(self) -> str:
        """In words: "Accuracy", "Drift of age", "Missing rate of age and 2 more (country de)"."""
        more = f" and {len(self.alike):,} more" if self.alike else ""
        column = "" if self.column is None else f" of {self.column}{more}"
        name = "Drift" if self.metric == DRIFT and column else title_of(self.metric)
        return f"{name}{column}{_place(self.segment_by, self.segment)}"


def told_of(result: Result) -> tuple[Told, ...]:
    """Everything that alarms, in the order in which it would have been told."""
    windows = result.windows or Windows.of(1)
    told = [_told(f, result.judgements[f.position], windows) for f in result.findings]
    return tuple(sorted(told, key=lambda t: t.first_window))  # of one window as the findings, worst first


def first_alarms(result: Result) -> dict[Key, int]:
    """Of each series that alarms the first window, also of those that are told within another's finding."""
    return {key_of(s): int(np.argmax(alarms)) for s, alarms in _alarming(result)}


def compared(told: Told, current: dict[Key, int]) -> Told:
    """Set against when the current rules tell it."""
    before = current.get(told.key)
    if before is None:
        return replace(told, change="only here")
    later = told.first_window - before
    return replace(told, change="later" if later > 0 else "earlier" if later else "same", later=later)


def missed(current: tuple[Told, ...], variant: dict[Key, int]) -> tuple[Told, ...]:
    """What the current rules tell and a variant never does."""
    return tuple(replace(told, change="not here") for told in current if told.key not in variant)


def _alarming(result: Result) -> Iterator[tuple[Series, NDArray[np.bool_]]]:
    for judgement in result.judgements:
        alarms = judgement.verdict == "alarm"
        if judgement.rule != "none" and alarms.any():
            yield judgement.series, alarms


def _told(finding: Finding, judgement: Judgement, windows: Windows) -> Told:
    first, last = finding.first_window, finding.last_window
    return Told(
        metric=finding.metric,
        column=finding.column,
        segment_by=finding.segment_by,
        segment=finding.segment,
        rule=finding.rule,
        kind=judgement.kinds.get(first, "break" if finding.rule == "break" else None),
        first_window=first,
        last_window=last,
        first_start=finding.first_start,
        last_start=finding.last_start,
        first=windows.since(first),
        last=windows.since(last),
        windows=finding.windows,
        times=_runs(judgement),
        ongoing=finding.ongoing,
        sentence=judgement.sentences[first],
        segments=finding.segments,
        alike=finding.alike,
    )


def _runs(judgement: Judgement) -> int:
    judged = np.isin(judgement.verdict, ("ok", "unclear", "alarm"))
    alarms = judgement.verdict[judged] == "alarm"
    return int(alarms[0]) + int((alarms[1:] & ~alarms[:-1]).sum())


def _place(segment_by: str | None, segment: str | None) -> str:
    """As sentences write it."""
    if segment is None:
        return ""
    named = segment_by is None or segment_by in segment
    return f" ({segment})" if named else f" ({segment_by} {segment})"
