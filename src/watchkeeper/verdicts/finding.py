"""Finding: one thing that is wrong, over all the windows in which it is: what a person reads first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Family, Series
from watchkeeper.verdicts.sentences import BREAKS, place_of
from watchkeeper.verdicts.verdict import Judgement
from watchkeeper.verdicts.windows import Windows
from watchkeeper.verdicts.wording import name_of, write

__all__ = ["Finding", "beyond", "find", "rank"]

Floats = NDArray[np.float64]


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
    band_low, band_high : the edges in the worst window; NaN where there is none
    ongoing : whether the last judged window alarms
    since : beginning of the unbroken run of alarms that is still going on, or of the first alarm
    clause : what is wrong in a few words: "accuracy is below 88 %"
    when : "on 10 July 2013", "since 26 February 2013", "in 12 of 90 windows, last on 3 May 2013"
    sentence : the worst window's, and when
    severity : distance beyond the band in half-widths of the 95 % interval
    """

    position: int
    rule: Literal["band", "learned", "break", "none"]
    family: Family
    metric: str
    unit: Literal["rate", "count", "number", "distance", "seconds"]
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


def find(
    judgements: Sequence[Judgement], windows: Windows, verdict: Literal["alarm", "unclear"] = "alarm"
) -> tuple[Finding, ...]:
    """One finding for each series with such verdicts, worst first: breaks, then performance and what the user
    banded, then the rest; parts of the rows whose whole shows the same come last.
    """
    found = [
        _finding(position, judgement, windows, verdict)
        for position, judgement in enumerate(judgements)
        if judgement.rule != "none" and (judgement.verdict == verdict).any()
    ]
    whole = {(f.metric, f.column) for f in found if f.segment_by is None}

    def order(finding: Finding) -> tuple[float, float]:
        echo = finding.segment_by is not None and (finding.metric, finding.column) in whole
        return (3 if echo else _rank(finding.rule, finding.family)), -finding.severity

    return tuple(sorted(found, key=order))


def rank(judgement: Judgement) -> int:
    """0 for breaks, 1 for performance and what the user banded, 2 for the rest."""
    return _rank(judgement.rule, judgement.series.metric.family)


def _rank(rule: str, family: Family) -> int:
    return 0 if rule == "break" else 1 if rule == "band" or family == "performance" else 2


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
    judged = np.flatnonzero((judgement.verdict != None) & (judgement.verdict != "no_data"))  # noqa: E711
    run = _run(alarms, judged)
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
        clause=clause_of(judgement, worst),
        when=when,
        sentence=_sentence(judgement, worst, len(alarms), when),
        severity=float(severity.max()),
    )


def _run(alarms: NDArray[np.intp], judged: NDArray[np.intp]) -> int | None:
    """Where the run of alarms begins that reaches the last judged window; None where that one is calm."""
    alarming = np.isin(judged, alarms)
    if not alarming[-1]:
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


def clause_of(judgement: Judgement, position: int) -> str:
    """What is wrong, or may be where it is unclear, in a few words."""
    series, sure = judgement.series, judgement.verdict[position] == "alarm"
    if judgement.rule == "break":
        return _broken(series, position)
    if judgement.rule == "learned" and series.reference is not None:
        return _departed(series, position, sure)
    low, high = float(judgement.band_low[position]), float(judgement.band_high[position])
    below = _is_below(judgement, position)
    edge = write(low if below else high, series.metric.unit).replace(".0 ", " ")
    return f"{_noun(series)} {'is' if sure else 'may be'} {'below' if below else 'above'} {edge}"


def _is_below(judgement: Judgement, position: int) -> bool:
    """Whether it is the lower edge that the value, or else its interval, crosses."""
    estimate, edge = judgement.series.estimate, judgement.band_low[position]
    value, high = estimate.value[position], judgement.band_high[position]
    return bool(value < edge or (not value > high and estimate.low[position] < edge))


def _broken(series: Series, position: int) -> str:
    column = f"{series.column or ''}{place_of(series)}"
    if series.metric.name == "constant":
        return f"{column} has one single value"
    estimate = series.estimate
    if float(estimate.low[position]) == float(estimate.high[position]) == 1.0:
        return f"{column} is gone"
    predicate = BREAKS.get(series.metric.name, (f"count as {name_of(series.metric.name)}", ""))[0]
    value = float(estimate.value[position])
    share = "all" if value == 1 else write(value, "rate")
    return f"{share} of the rows {predicate}" + (f" in {column}" if column else "")


def _departed(series: Series, position: int, sure: bool) -> str:
    assert series.reference is not None
    estimate = series.estimate
    if estimate.bias is not None:
        verb = "is" if sure else "may be"
        return f"{series.column or 'the traffic'}{place_of(series)} {verb} distributed differently"
    unit, value, before = (
        series.metric.unit,
        float(estimate.value[position]),
        float(series.reference.value[0]),
    )
    moved = ("fell", "may have fallen") if value < before else ("rose", "may have risen")
    return f"{_noun(series)} {moved[0 if sure else 1]} from {write(before, unit)} to {write(value, unit)}"


def _noun(series: Series) -> str:
    of = "" if series.column is None else f" of {series.column}"
    return f"{name_of(series.metric.name)}{of}{place_of(series)}"
