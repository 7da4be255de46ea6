"""Earned: judging by evidence that adds up over windows, against a reference with enough of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Earned, Located
from watchkeeper.metrics import Series
from watchkeeper.verdicts.ruling import ALARM, NO_DATA, OK, UNCLEAR, Ruling
from watchkeeper.verdicts.timeline import Timeline
from watchkeeper.verdicts.verdict import Kind

__all__ = ["Trial", "by_evidence"]


@dataclass(frozen=True)
class Trial:
    """What evidence says of a series.

    Attributes
    ----------
    ruling : its verdicts
    changes : window position → the change that is seen from there, of those that alarm or are too small to
    kinds : window position → what it is, of those that alarm
    least : how large a change has to be to be told
    earned : the evidence itself
    """

    ruling: Ruling
    changes: dict[int, Located]
    kinds: dict[int, Kind]
    least: float
    earned: Earned


def by_evidence(
    series: Series, earned: Earned, alone: Ruling, timeline: Timeline, least: float = 0.0
) -> Trial:
    """Verdicts by evidence.

    ``alarm`` from the window where the evidence has reached what the series' share of alpha asks for until the change
    has ended, and where a window alone lies farther from all others than windows do; of performance only what got
    worse. ``unclear`` where the change is too small to be told, and where the window alone is remarkable: a spike,
    which no alarm is made of until it lasts.

    Parameters
    ----------
    alone : what is thought of each window alone, by the reference
    timeline : all windows that the evidence is of
    least : how large a change has to be to be told, in the metric's unit
    """
    at, value, before = timeline.positions, timeline.value(series), _reference(series)
    telling = np.flatnonzero(earned.alarm[at] | earned.far[at])
    codes = np.where(earned.tested[at], np.where(alone.codes >= UNCLEAR, UNCLEAR, OK), NO_DATA)
    codes = np.where(earned.learned[at], alone.codes, codes)  # what is normal
    changes: dict[int, Located] = {}
    kinds: dict[int, Kind] = {}
    for i, change in zip(telling.tolist(), earned.located(at[telling], value, before), strict=True):
        size = change.size if earned.alarm[at[i]] else float(value[at[i]] - before.mean())
        if _is_better(series, size):
            continue
        changes[i] = change
        codes[i] = ALARM if abs(size) >= least else UNCLEAR
        if codes[i] == ALARM:
            kinds[i] = "break" if earned.far[at[i]] else change.kind
    return Trial(Ruling(codes.astype(np.int8), alone.low, alone.high), changes, kinds, least, earned)


def _reference(series: Series) -> NDArray[np.float64]:
    windows = series.reference_windows
    assert windows is not None
    return windows[~np.isnan(windows)]


def _is_better(series: Series, size: float) -> bool:
    """Whether it moved in the good direction; distances have none: any change makes them greater."""
    if series.estimate.bias is not None:
        return False
    return (series.metric.better == "high" and size > 0) or (series.metric.better == "low" and size < 0)
