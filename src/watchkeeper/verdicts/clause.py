"""Clause: what is wrong in a few words, for the one sentence that sums up a check."""

from __future__ import annotations

from watchkeeper.metrics import Series
from watchkeeper.verdicts.sentences import BREAKS, place_of
from watchkeeper.verdicts.verdict import Judgement
from watchkeeper.verdicts.wording import name_of, write

__all__ = ["clause_of"]


def clause_of(judgement: Judgement, position: int, windows: int = 1) -> str:
    """What is wrong, or may be where it is unclear, in a few words.

    Parameters
    ----------
    position : the worst window
    windows : in how many it is so
    """
    series, sure = judgement.series, judgement.verdict[position] == "alarm"
    if judgement.rule == "break":
        return _broken(series, position, windows)
    if judgement.rule in ("evidence", "learned") and series.reference is not None:
        return _departed(series, position, sure, windows)
    low, high = float(judgement.band_low[position]), float(judgement.band_high[position])
    below = _is_below(judgement, position)
    edge = write(low if below else high, series.metric.unit).replace(".0 ", " ")
    return f"{_noun(series)} {'is' if sure else 'may be'} {'below' if below else 'above'} {edge}"


def _is_below(judgement: Judgement, position: int) -> bool:
    """Whether it is the lower edge that the value, or else its interval, crosses."""
    estimate, edge = judgement.series.estimate, judgement.band_low[position]
    value, high = estimate.value[position], judgement.band_high[position]
    return bool(value < edge or (not value > high and estimate.low[position] < edge))


def _broken(series: Series, position: int, windows: int) -> str:
    column, estimate = f"{series.column or ''}{place_of(series)}".strip(), series.estimate
    if series.metric.name == "constant":
        return f"{column} has one single value"
    if float(estimate.low[position]) == float(estimate.high[position]) == 1.0:
        return f"{column} is gone"
    predicate = BREAKS.get(series.metric.name, (f"count as {name_of(series.metric.name)}", ""))[0]
    most = "up to " if windows > 1 else ""
    share = f"{most}{write(float(estimate.value[position]), 'rate')} of the rows {predicate}"
    return f"in {column} {share}" if column else share


def _departed(series: Series, position: int, sure: bool, windows: int) -> str:
    assert series.reference is not None
    estimate, unit = series.estimate, series.metric.unit
    if estimate.bias is not None:
        verb = "is" if sure else "may be"
        return f"{series.column or 'the traffic'}{place_of(series)} {verb} distributed differently"
    value, before = float(estimate.value[position]), float(series.reference.value[0])
    moved = ("fell", "may have fallen") if value < before else ("rose", "may have risen")
    worst = "at worst " if windows > 1 else ""
    return (
        f"{_noun(series)} {moved[0 if sure else 1]} from {write(before, unit)} to {worst}{write(value, unit)}"
    )


def _noun(series: Series) -> str:
    of = "" if series.column is None else f" of {series.column}"
    return f"{name_of(series.metric.name)}{of}{place_of(series)}"
