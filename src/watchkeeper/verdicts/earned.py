"""Earned: judging by evidence that adds up over windows, against a reference with enough of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Earned, Located, locate
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
    changes : window position → the change that alarms there
    kinds : window position → what it is
    earned : the evidence itself
    """

    ruling: Ruling
    changes: dict[int, Located]
    kinds: dict[int, Kind]
    earned: Earned


def by_evidence(series: Series, earned: Earned, alone: Ruling, timeline: Timeline) -> Trial:
    """Verdicts by evidence.

    ``alarm`` where the evidence has reached what the series' share of alpha asks for and the change goes on, and where
    a window alone lies farther from all others than windows do; of performance only what got worse. ``unclear`` where
    the window alone is remarkable: a spike, which no alarm is made of until it lasts.

    Parameters
    ----------
    alone : what is thought of each window alone, by the reference
    timeline : all windows that the evidence is of
    """
    known = earned.tested[timeline.positions]
    changes: dict[int, Located] = {}
    kinds: dict[int, Kind] = {}
    for i, at in enumerate(timeline.positions.tolist()):
        distant = bool(earned.far[at])
        if distant or (earned.alarm[at] and not earned.closed(at)):
            change, size = _change(series, earned, timeline, at)
            if _is_better(series, size):
                continue
            changes[i] = change
            kinds[i] = "break" if distant else change.kind
    codes = np.where(known, np.where(alone.codes >= UNCLEAR, UNCLEAR, OK), NO_DATA)
    learning = earned.learned[timeline.positions]  # what is normal
    codes = np.where(learning, alone.codes, codes)
    codes[list(changes)] = ALARM
    return Trial(Ruling(codes.astype(np.int8), alone.low, alone.high), changes, kinds, earned)


def _change(series: Series, earned: Earned, timeline: Timeline, at: int) -> tuple[Located, float]:
    """The change that is seen from a window, and how far it is: of a single far window by itself."""
    before = _reference(series)
    value = timeline.value(series)
    upto = np.flatnonzero(earned.tested[: at + 1])
    found = locate(earned.posterior(at)[upto], value[upto], before).at(upto)
    return found, found.size if earned.alarm[at] else float(value[at] - before.mean())


def _reference(series: Series) -> NDArray[np.float64]:
    windows = series.reference_windows
    assert windows is not None
    return windows[~np.isnan(windows)]


def _is_better(series: Series, size: float) -> bool:
    """Whether it moved in the good direction; distances have none: any change makes them greater."""
    if series.estimate.bias is not None:
        return False
    return (series.metric.better == "high" and size > 0) or (series.metric.better == "low" and size < 0)
