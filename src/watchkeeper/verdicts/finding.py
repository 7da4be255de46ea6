"""Finding: one thing that is wrong, over all the windows in which it is: what a person reads first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Family, Unit
from watchkeeper.verdicts.clause import clause_of
from watchkeeper.verdicts.folding import together, without_echoes
from watchkeeper.verdicts.verdict import Judgement, Kind, Rule
from watchkeeper.verdicts.windows import Windows

__all__ = ["Finding", "beyond", "find", "rank"]

Floats = NDArray[np.float64]

BROKEN = 0.1  # of the rows, beyond what the reference allows: from here on a column is broken, below it leaks


@dataclass(frozen=True)
class Finding:
    """All alarms of one series.

    Attributes
    ----------
    position : of the series among the judgements
    rule, family, metric, unit, column, segment_by, segment : what it is about
    first_window, last_window, worst_window : positions of alarming windows
    first_start, last_start : when those start, UTC; None where windows are no times
    windows, judged : number of alarming windows, of judged ones
    value, low, high, count : of the worst window; NaN where there is no interval, count -1 where unknown
    reference : the value in the reference, None without
    against : the name of that reference where it is the segment's own
    band_low, band_high : the edges in the worst window; NaN where there is none
    ongoing : whether the last judged window alarms
    since : beginning of the unbroken run of alarms that is still going on, or of the first alarm
    clause : what is wrong in a few words: "accuracy is below 88 %"
    when : "on 10 July 2013", "since 26 February 2013", "in 12 of 90 windows, last on 3 May 2013"
    sentence : the worst window's, and when
    segments : number of segments that show the same break, told here alone
    alike : other columns that break in the same way, as much and in the same windows, told here alone
    kind : what evidence says it is: "break" (at once and far), "shift" or "trend"; None where none adds up
    severity : of a break of one row in ten or more, the rows that it concerns, in all its windows; else the distance
        beyond the band in half-widths of the 95 % interval
    """

    position: int
    rule: Rule
    family: Family
    metric: str
    unit: Unit
    column: str | None
    segment_by: str | None
    segment: str | None
    first_window: int
    last_window: int
    worst_window: int
    first_start: datetime | None
    last_start: datetime | None
    windows: int
    judged: int
    value: float
    low: float
    high: float
    count: int
    reference: float | None
    band_low: float
    band_high: float
    ongoing: bool
    since: str
    clause: str
    when: str
    sentence: str
    severity: float
    segments: int = 0
    alike: tuple[str, ...] = ()
    kind: Kind | None = None
    against: str | None = None


def find(
    judgements: Sequence[Judgement], windows: Windows, verdict: Literal["alarm", "unclear"] = "alarm"
) -> tuple[Finding, ...]:
    """One finding for each series with such verdicts, worst first: what the user banded, then breaks, then
    performance, then the rest; of each what is still going on before what is over; segments last where all rows show
    the same. A break of less than one row in ten, beyond what the reference allows, is among the rest: a few odd values
    are no reason to look past a feature that moved as a whole.

    A break of all rows that its segments show in the same window is one finding, with their number in ``segments``:
    a column that is filled nowhere is one thing to mend. So is one of several columns in the same windows, as large in
    each, with the others' names in ``alike``.
    """
    found = [
        _finding(position, judgement, windows, verdict)
        for position, judgement in enumerate(judgements)
        if judgement.rule != "none" and (judgement.verdict == verdict).any()
    ]
    whole = {(f.metric, f.column): f for f in found if f.segment_by is None}
    folded = without_echoes(found, whole, judgements, verdict)

    def order(finding: Finding) -> tuple[int, bool, float]:
        part = finding.segment_by is not None and (finding.metric, finding.column) in whole
        place = 4 if part else rank(judgements[finding.position])
        return place, not finding.ongoing, -finding.severity

    return tuple(together(sorted(folded, key=order), judgements, verdict))


def rank(judgement: Judgement) -> int:
    """0 for what the user banded, 1 for breaks, 2 for performance, 3 for the rest."""
    if judgement.rule == "band":
        return 0
    return 1 if _is_broken(judgement) else 2 if judgement.series.metric.family == "performance" else 3


def _is_broken(judgement: Judgement) -> bool:
    return judgement.rule == "break" and _excess(judgement) >= BROKEN


def _excess(judgement: Judgement) -> float:
    """How far the worst alarm lies above its band."""
    alarms = judgement.verdict == "alarm"
    over = (judgement.series.estimate.value - judgement.band_high)[alarms]
    return float(np.nan_to_num(over).max(initial=0.0))


def beyond(judgement: Judgement, positions: NDArray[np.intp]) -> Floats:
    """How far values lie beyond the band, in half-widths of their intervals (without one: 5 % of the edge)."""
    estimate = judgement.series.estimate
    value, low, high = (
        estimate.value[positions],
        judgement.band_low[positions],
        judgement.band_high[positions],
    )
    over = np.nan_to_num(np.fmax(low - value, value - high), nan=0.0)
    half = (estimate.high[positions] - estimate.low[positions]) / 2
    edge = np.nan_to_num(np.where(value < low, low, high), nan=1.0)
    unit = np.where(np.isnan(half), np.maximum(0.05 * np.abs(edge), 1e-12), half)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(over > 0, over / unit, 0.0))


def _finding(position: int, judgement: Judgement, windows: Windows, verdict: str) -> Finding:
    series, estimate = judgement.series, judgement.series.estimate
    alarms = np.flatnonzero(judgement.verdict == verdict)
    severity = beyond(judgement, alarms)
    worst, first, last = int(alarms[np.argmax(severity)]), int(alarms[0]), int(alarms[-1])
    # by element: `is not None` would ask it of the array
    judged = np.flatnonzero((judgement.verdict != None) & (judgement.verdict != "no_data"))  # noqa: E711
    run = _run(alarms, judged[judged >= judgement.since])
    when = _when(alarms, judged, run, windows)
    reference = float(series.reference.value[0]) if series.reference is not None else float("nan")
    return Finding(
        position=position,
        rule=judgement.rule,
        family=series.metric.family,
        metric=series.metric.name,
        unit=series.metric.unit,
        column=series.column,
        segment_by=series.segment_by,
        segment=series.segment,
        first_window=first,
        last_window=last,
        worst_window=worst,
        first_start=windows.start(first),
        last_start=windows.start(last),
        windows=len(alarms),
        judged=len(judged),
        value=float(estimate.value[worst]),
        low=float(estimate.low[worst]),
        high=float(estimate.high[worst]),
        count=int(estimate.count[worst]),
        reference=None if np.isnan(reference) else reference,
        band_low=float(judgement.band_low[worst]),
        band_high=float(judgement.band_high[worst]),
        ongoing=run is not None,
        since=windows.since(first if run is None else run),
        clause=clause_of(judgement, worst, len(alarms)),
        when=when,
        sentence=_sentence(judgement, worst, len(alarms), when),
        kind=judgement.kinds.get(worst),
        severity=_rows_concerned(judgement, alarms) if _is_broken(judgement) else float(severity.max()),
        against=series.against,
    )


def _rows_concerned(judgement: Judgement, alarms: NDArray[np.intp]) -> float:
    estimate = judgement.series.estimate
    return float(np.nan_to_num(estimate.value[alarms] * np.maximum(estimate.count[alarms], 1)).sum())


def _run(alarms: NDArray[np.intp], judged: NDArray[np.intp]) -> int | None:
    """Where the run of alarms begins that reaches the last judged window; None where there is none, or that is calm."""
    alarming = np.isin(judged, alarms)
    if not alarming[-1:].any():
        return None
    calm = np.flatnonzero(~alarming)
    return int(judged[calm[-1] + 1 if len(calm) else 0])


def _when(alarms: NDArray[np.intp], judged: NDArray[np.intp], run: int | None, windows: Windows) -> str:
    if len(alarms) == 1:
        return windows.phrase(int(alarms[0]))
    if run is not None and run == alarms[0]:
        return f"since {windows.since(run)}" if len(alarms) < len(judged) else "in every window"
    last = windows.phrase(int(alarms[-1])) if run is None else f"since {windows.since(run)}"
    return f"in {len(alarms):,} of {len(judged):,} windows, {'last' if run is None else 'again'} {last}"


def _sentence(judgement: Judgement, worst: int, alarms: int, when: str) -> str:
    sentence = judgement.sentences[worst]
    if alarms == 1 or not when:
        return sentence
    verb = "It has been so" if when.startswith("since") else "It is so"
    return f"{sentence} {verb} {when}."
