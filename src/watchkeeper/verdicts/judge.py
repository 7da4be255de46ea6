"""Judge: each series by the rule that fits it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Earned, earn
from watchkeeper.metrics import METRICS, Estimate, Series, is_estimated, judged_by_default
from watchkeeper.model import Band, Model
from watchkeeper.verdicts import sentences
from watchkeeper.verdicts.bands import adding_up, by_band, by_expected
from watchkeeper.verdicts.breaks import LEAST_EFFECT, adds_up, bursty, by_break, is_break
from watchkeeper.verdicts.budget import weights_of
from watchkeeper.verdicts.earned import Trial, by_evidence
from watchkeeper.verdicts.learned import by_reference, confidence_for, is_learned
from watchkeeper.verdicts.ruling import ALARM, NO_DATA, NONE, UNCLEAR, Ruling, outcomes
from watchkeeper.verdicts.timeline import Stretch, Timeline, key_of
from watchkeeper.verdicts.verdict import Judgement, Kind, Rule
from watchkeeper.verdicts.windows import Windows

__all__ = ["judge"]

OF_BREAKS = 0.5  # of the share of a rate that is judged by evidence and by single windows: for its evidence
Say = Callable[[int, bool], str]
Withheld = Callable[[Series], NDArray[np.bool_]]


@dataclass(frozen=True)
class Court:
    """What all series of one check are judged with."""

    model: Model
    windows: Windows
    confidence: float  # of a verdict on one window, learned from the reference
    timeline: Timeline | None
    withheld: Withheld
    band_alpha: (
        float | None
    )  # probability that a series on its band's edge ever alarms; None: windows do not add up

    @property
    def stretch(self) -> Stretch:
        return Stretch() if self.timeline is None else self.timeline.stretch

    @cached_property
    def nothing(self) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
        """No verdict and no edge in any window, shared by all series that are only shown."""
        return np.full(self.windows.count, None), np.full(self.windows.count, np.nan)


def judge(
    series: Sequence[Series],
    model: Model,
    windows: Windows | int | tuple[NDArray[np.int64], NDArray[np.int64]],
    absent: Mapping[str, str] | Iterable[str] = (),
    timeline: Timeline | None = None,
    withheld: Withheld | None = None,
) -> list[Judgement]:
    """Give each series its verdicts, and each alarm and unclear its sentence.

    Parameters
    ----------
    series : estimates over the windows, each array (W,); those judged against the reference with ``judged``
        at ``confidence_for(series, model)`` (without it their 95 % interval is stretched as a normal one)
    windows : the windows, their starts and ends, or only their number W (sentences then say no times)
    absent : columns that the reference has and the current rows lack, with a sentence that says more (where
        looked, the nearest name) or without
    timeline : all windows since the reference; None where each is judged by itself, as against a reference that rolls
        along
    withheld : (W,) in which windows a series does not count yet, because more of it is to come

    Returns
    -------
    One judgement for each series in the same order, then those of absent columns that no series is about.

    Notes
    -----
    The user's band comes first, then ``model.expected``, then breaks and what is learned from the reference: by
    evidence that adds up over windows where the reference has enough of them, else window by window. A series that
    none of these is for is shown without a verdict. ``model.alpha`` is shared among what may alarm (``weights_of``);
    after a change that was acknowledged, evidence and breaks have a part of it (``Stretch.share``).
    """
    windows = Windows.of(windows, model)
    withheld = withheld or (lambda s: np.zeros(len(s.estimate.value), dtype=bool))
    series = [_counting(s, withheld(s)) for s in series]
    banded = sum(_band_of(s, model) is not None for s in series)
    adds_up = timeline is not None and timeline.windows.count > 1
    band_alpha = model.alpha / max(banded, 1) if adds_up else None
    court = Court(model, windows, confidence_for(series, model), timeline, withheld, band_alpha)
    gone = dict(absent) if isinstance(absent, Mapping) else dict.fromkeys(absent, "")
    parts = _parts(series, model, timeline)
    judged = [
        _judge(s, court, part) if not _is_gone(s, gone) else _gone(s, gone, series, windows)
        for s, part in zip(series, parts, strict=True)
    ]
    named = {s.column for s in series if _is_gone(s, gone)}
    extra = [_missing_series(column, windows.count) for column in gone if column not in named]
    return judged + [_gone(s, gone, series, windows) for s in extra]


@dataclass(frozen=True)
class Part:
    """A series' share of alpha, what it has earned, and whether the rows of its column come in bursts."""

    weight: float = 0.0
    earned: Earned | None = None
    bursts: bool = False


def _parts(series: Sequence[Series], model: Model, timeline: Timeline | None) -> list[Part]:
    """For each series; those that alarm by nothing that chance does have no part."""
    breaks = {i for i, s in enumerate(series) if _is_break(s)}
    chosen = [i for i, s in enumerate(series) if i in breaks or is_learned(s, model)]
    weights = dict(zip(chosen, weights_of([series[i] for i in chosen], model), strict=True))
    columns = bursty(series)
    adding = [i for i in chosen if weights[i] > 0 and (i not in breaks or adds_up(series[i], columns))]
    readings = {
        i: r for i in adding if timeline is not None and (r := timeline.readings(series[i])) is not None
    }
    alpha = model.alpha * (1.0 if timeline is None else timeline.stretch.share)
    earned = earn(
        list(readings.values()),
        [alpha * weights[i] * (OF_BREAKS if i in breaks else 1.0) for i in readings],
        model.windows == "independent",
        None if timeline is None else timeline.seasons,
        None if timeline is None else timeline.positions,
    )
    found = dict(zip(readings, earned, strict=True))
    return [
        Part(weights[i], found.get(i), s.column in columns) if i in weights else Part()
        for i, s in enumerate(series)
    ]


def _counting(series: Series, withheld: NDArray[np.bool_]) -> Series:
    """A window adds to the evidence once it is closed, and has its truth."""
    readings = series.readings
    return series if readings is None else replace(series, readings=readings.without(withheld))


def _band_of(series: Series, model: Model) -> Band | None:
    return model.band_for(series.metric.name, series.column, series.segment_by, series.segment)


def _judge(series: Series, court: Court, part: Part) -> Judgement:
    asked, log = _asked(series, court)
    if not asked:
        return _compared(series, court, part)
    judged = _worst(series, asked)
    if log is None or court.band_alpha is None:
        return judged
    return replace(judged, evidence=np.exp(log), needed=-float(np.log(court.band_alpha)))


def _asked(series: Series, court: Court) -> tuple[list[tuple[Ruling, Say]], NDArray[np.float64] | None]:
    """What the user said of this number: a band, an expected value, both or neither; and log E of the band."""
    model, metric, windows = court.model, series.metric, court.windows
    asked: list[tuple[Ruling, Say]] = []
    band, log = _band_of(series, model), None
    adds_up = court.band_alpha is not None and not is_estimated(metric.name)
    if band is not None and adds_up and court.band_alpha is not None and court.timeline is not None:
        needed = -float(np.log(court.band_alpha))
        ruling, log = adding_up(series, band, court.band_alpha, court.withheld(series), court.timeline)
        found = (log, needed)
        asked.append((ruling, lambda i, a: sentences.band_sentence(series, band, a, i, windows, found)))
    elif band is not None:  # what estimates are off by is common to all windows: it would add up, too
        ruling = by_band(series, band)
        asked.append((ruling, lambda i, a: sentences.band_sentence(series, band, a, i, windows)))
    expected = (
        model.expected.get(metric.name) if series.column is None and series.segment_by is None else None
    )
    if expected is not None:
        ruling = by_expected(series, expected)
        asked.append((ruling, lambda i, a: sentences.expected_sentence(series, expected, a, i, windows)))
    return asked, log


def _compared(series: Series, court: Court, part: Part) -> Judgement:
    """Against the reference, or not at all."""
    windows, confidence = court.windows, court.confidence
    if _is_break(series):
        return _broken(series, court, part)
    if part.earned is not None and court.timeline is not None:
        alone = by_reference(series, confidence)
        least = court.model.least_effect_for(*key_of(series))
        trial = by_evidence(series, part.earned, alone, court.timeline, least)
        return _earned(series, part, trial, court)
    if is_learned(series, court.model) and not court.stretch.settling:
        return _judgement(
            series,
            by_reference(series, confidence),
            "learned",
            lambda i, a: sentences.learned_sentence(series, a, i, windows),
            part.weight,
        )
    silent, nothing = court.nothing
    return Judgement(series, silent, nothing, nothing, {}, "none")


def _broken(series: Series, court: Court, part: Part) -> Judgement:
    stretch, earned = court.stretch, part.earned
    weighted, alpha = court.model.weight is not None, court.model.alpha * part.weight * stretch.share
    places = None if court.timeline is None else court.timeline.positions - stretch.epoch
    bursts = part.bursts or stretch.settling  # of so few windows nobody knows
    ruling = by_break(series, alpha if earned is None else alpha * (1 - OF_BREAKS), weighted, bursts, places)
    if earned is not None and court.timeline is not None:
        # how far windows like these may lie is not known: none alarms alone by its distance
        earned = replace(earned, far=np.zeros_like(earned.far))
        least = court.model.least_effect_for(*key_of(series)) or LEAST_EFFECT
        broken = replace(by_reference(series, court.confidence), codes=ruling.codes)
        trial = by_evidence(series, earned, broken, court.timeline, least)
        return _earned(series, part, trial, court, broken)
    return _judgement(
        series, ruling, "break", lambda i, _: sentences.break_sentence(series, i, court.windows), part.weight
    )


def _earned(
    series: Series, part: Part, trial: Trial, court: Court, broken: Ruling | None = None
) -> Judgement:
    """By evidence; of rates in bursts also by what one window is enough for."""
    assert court.timeline is not None
    evidence = sentences.Evidence(series, trial, court.windows, court.timeline)
    at_once = np.zeros(len(trial.ruling.codes), dtype=bool) if broken is None else broken.codes == ALARM

    def say(position: int, alarm: bool) -> str:
        if at_once[position]:
            return sentences.break_sentence(series, position, court.windows)
        return evidence.sentence(position, alarm)

    ruling = trial.ruling if broken is None else broken | trial.ruling
    told = _judgement(series, ruling, "break" if at_once.any() else "evidence", say)
    earned = trial.earned
    kinds: dict[int, Kind] = {**trial.kinds, **dict.fromkeys(np.flatnonzero(at_once).tolist(), "break")}
    return replace(
        told,
        evidence=np.exp(earned.log[court.timeline.positions]),
        weight=part.weight,
        kinds=kinds,
        needed=earned.needed,
        taken_off=(*earned.seasons, *(("autocorrelation",) if earned.whitened else ())),
    )


def _worst(series: Series, asked: list[tuple[Ruling, Say]]) -> Judgement:
    """Of several rules the worse verdict, with its sentence, and the edges of the first."""

    def say(position: int, alarm: bool) -> str:
        worst = max(asked, key=lambda rule: rule[0].codes[position])  # the first of equals
        return worst[1](position, alarm)

    ruling = reduce(or_, (ruling for ruling, _ in asked))
    return _judgement(series, ruling, "band", say)


def _judgement(series: Series, ruling: Ruling, rule: Rule, say: Say, weight: float = 0.0) -> Judgement:
    telling = np.flatnonzero(ruling.codes >= UNCLEAR)
    told = {int(i): say(int(i), bool(ruling.codes[i] == ALARM)) for i in telling}
    if (ruling.codes == NONE).all():
        rule = "none"
    if series.judged is not None:  # the wider interval has served; of many windows it is megabytes
        series = replace(series, judged=None)
    return Judgement(series, outcomes(ruling.codes), ruling.low, ruling.high, told, rule, weight=weight)


def _is_break(series: Series) -> bool:
    if series.reference is None or not is_break(series) or not judged_by_default(series):
        return False
    return not np.isnan(series.reference.value[0])


def _is_gone(series: Series, gone: Mapping[str, str]) -> bool:
    """Whether it is the missing rate, over all rows, of a column that is no longer there."""
    return series.column in gone and series.metric.name == "missing_rate" and series.segment_by is None


def _gone(series: Series, gone: Mapping[str, str], every: Sequence[Series], windows: Windows) -> Judgement:
    """A column that is no longer there misses in every window that has rows."""
    assert series.column is not None
    rows = _rows(every, windows.count)
    value = np.where(rows > 0, 1.0, np.nan)
    estimate = Estimate(value, value, value, rows)
    codes = np.where(rows > 0, ALARM, NO_DATA).astype(np.int8)
    more = gone[series.column]
    text = f"{series.column} is gone: the reference has this column, the current rows do not."
    text = f"{text} {more}" if more else text
    ruling = Ruling(codes, np.full(len(rows), np.nan), np.zeros(len(rows)))
    return _judgement(replace(series, estimate=estimate), ruling, "break", lambda _i, _a: text)


def _rows(every: Sequence[Series], windows: int) -> NDArray[np.int64]:
    """(W,) rows of each window, as the most that any number over all rows rests on."""
    counts = [s.estimate.count for s in every if s.segment_by is None]
    return np.max(np.stack(counts), axis=0) if counts else np.ones(windows, dtype=np.int64)


def _missing_series(column: str, windows: int) -> Series:
    """For a column that nothing was measured of."""
    nothing = np.full(windows, np.nan)
    estimate = Estimate(nothing, nothing, nothing, np.zeros(windows, dtype=np.int64))
    return Series(METRICS["missing_rate"], column, None, None, estimate)
