"""Judge: each series by the rule that fits it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import METRICS, Estimate, Series, judged_by_default
from watchkeeper.model import Model
from watchkeeper.verdicts import sentences
from watchkeeper.verdicts.bands import by_band, by_expected
from watchkeeper.verdicts.breaks import by_break, is_break
from watchkeeper.verdicts.learned import by_reference, confidence_for, is_learned
from watchkeeper.verdicts.ruling import ALARM, NO_DATA, NONE, UNCLEAR, Ruling, outcomes
from watchkeeper.verdicts.verdict import Judgement
from watchkeeper.verdicts.windows import Windows

__all__ = ["judge"]

BREAK_SHARE = 0.1  # of alpha, for breaks on top of what drift and performance spend
Rule = Literal["band", "learned", "break", "none"]
Say = Callable[[int, bool], str]


@dataclass(frozen=True)
class Court:
    """What all series of one check are judged with."""

    model: Model
    windows: Windows
    confidence: float  # of learned verdicts
    break_alpha: float  # probability of a false break in one window of one series

    @cached_property
    def nothing(self) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
        """No verdict and no edge in any window, shared by all series that are only shown."""
        return np.full(self.windows.count, None), np.full(self.windows.count, np.nan)


def judge(
    series: Sequence[Series],
    model: Model,
    windows: Windows | int | tuple[NDArray[np.int64], NDArray[np.int64]],
    absent: Mapping[str, str] | Iterable[str] = (),
) -> list[Judgement]:
    """Give each series its verdicts, and each alarm and unclear its sentence.

    Parameters
    ----------
    series : estimates over the windows, each array (W,); those judged against the reference with ``judged``
        at ``confidence_for(series, model)`` (without it their 95 % interval is stretched as a normal one)
    windows : the windows, their starts and ends, or only their number W (sentences then say no times)
    absent : columns that the reference has and the current rows lack, with a sentence that says more (where
        looked, the nearest name) or without

    Returns
    -------
    One judgement for each series in the same order, then those of absent columns that no series is about.

    Notes
    -----
    The user's band comes first, then ``model.expected``, then breaks and what is learned from the reference. A series
    that none of these is for is shown without a verdict.
    """
    windows = Windows.of(windows, model)
    confidence = confidence_for(series, model)
    court = Court(model, windows, confidence, _break_alpha(series, model))
    gone = dict(absent) if isinstance(absent, Mapping) else dict.fromkeys(absent, "")
    judged = [_judge(s, court) if not _is_gone(s, gone) else _gone(s, gone, series, windows) for s in series]
    named = {s.column for s in series if _is_gone(s, gone)}
    extra = [_missing_series(column, windows.count) for column in gone if column not in named]
    return judged + [_gone(s, gone, series, windows) for s in extra]


def _judge(series: Series, court: Court) -> Judgement:
    asked = _asked(series, court)
    return _worst(series, asked) if asked else _compared(series, court)


def _asked(series: Series, court: Court) -> list[tuple[Ruling, Say]]:
    """What the user said of this number: a band, an expected value, both or neither."""
    model, metric, windows = court.model, series.metric, court.windows
    asked: list[tuple[Ruling, Say]] = []
    band = model.band_for(metric.name, series.column, series.segment_by, series.segment)
    if band is not None:
        asked.append(
            (by_band(series, band), lambda i, a: sentences.band_sentence(series, band, a, i, windows))
        )
    expected = (
        model.expected.get(metric.name) if series.column is None and series.segment_by is None else None
    )
    if expected is not None:
        ruling = by_expected(series, expected)
        asked.append((ruling, lambda i, a: sentences.expected_sentence(series, expected, a, i, windows)))
    return asked


def _compared(series: Series, court: Court) -> Judgement:
    """Against the reference, or not at all."""
    windows, confidence = court.windows, court.confidence
    if _is_break(series):
        ruling = by_break(series, court.break_alpha, court.model.weight is not None)
        return _judgement(series, ruling, "break", lambda i, _: sentences.break_sentence(series, i, windows))
    if is_learned(series, court.model):
        ruling = by_reference(series, confidence)
        return _judgement(
            series,
            ruling,
            "learned",
            lambda i, a: sentences.learned_sentence(series, a, i, windows),
        )
    silent, nothing = court.nothing
    return Judgement(series, silent, nothing, nothing, {}, "none")


def _worst(series: Series, asked: list[tuple[Ruling, Say]]) -> Judgement:
    """Of several rules the worse verdict, with its sentence, and the edges of the first."""

    def say(position: int, alarm: bool) -> str:
        worst = max(asked, key=lambda rule: rule[0].codes[position])  # the first of equals
        return worst[1](position, alarm)

    ruling = reduce(or_, (ruling for ruling, _ in asked))
    return _judgement(series, ruling, "band", say)


def _judgement(series: Series, ruling: Ruling, rule: Rule, say: Say) -> Judgement:
    telling = np.flatnonzero(ruling.codes >= UNCLEAR)
    told = {int(i): say(int(i), bool(ruling.codes[i] == ALARM)) for i in telling}
    if (ruling.codes == NONE).all():
        rule = "none"
    shown = replace(series, judged=None)  # the wider interval has served; of many windows it is megabytes
    return Judgement(shown, outcomes(ruling.codes), ruling.low, ruling.high, told, rule)


def _is_break(series: Series) -> bool:
    if series.reference is None or not is_break(series) or not judged_by_default(series):
        return False
    return not np.isnan(series.reference.value[0])


def _break_alpha(series: Sequence[Series], model: Model) -> float:
    tested = sum(_is_break(s) for s in series)
    return BREAK_SHARE * model.alpha / max(tested, 1)


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
