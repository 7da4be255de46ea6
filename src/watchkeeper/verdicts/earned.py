"""Earned: judging by evidence that adds up over windows, against a reference with enough of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Earned, Located, locate
from watchkeeper.metrics import Series
from watchkeeper.verdicts.ruling import ALARM, NO_DATA, OK, UNCLEAR, Ruling
from watchkeeper.verdicts.verdict import Kind

__all__ = ["Trial", "by_evidence"]

Truth = NDArray[np.bool_]


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


def by_evidence(series: Series, earned: Earned, alone: Ruling, far: bool = True) -> Trial:
    """Verdicts by evidence.

    ``alarm`` where the evidence has reached what the series' share of alpha asks for and the change goes on, and where
    a window alone lies farther from all others than windows do; of performance only what got worse. ``unclear`` where
    the window alone is remarkable: a spike, which no alarm is made of until it lasts.

    Parameters
    ----------
    alone : what is thought of each window alone, by the reference
    far : whether distance alone may alarm; what a break is judged by otherwise is kept as it is
    """
    values = series.estimate.value
    known = np.isfinite(earned.log)
    before = _reference(series)
    changes: dict[int, Located] = {}
    kinds: dict[int, Kind] = {}
    alarm = np.zeros(len(values), dtype=bool)
    for i in np.flatnonzero(earned.alarm | (earned.far & far)):
        upto = known & (np.arange(len(values)) <= i)
        posterior = earned.posterior(int(i))[upto]
        found = locate(posterior, values[upto], before)
        places = np.flatnonzero(upto)
        change = found.at(places)
        distant = far and bool(earned.far[i])
        size = values[i] - before.mean() if distant and not earned.alarm[i] else change.size
        if (not distant and earned.closed(int(i))) or _is_better(series, float(size)):
            continue
        alarm[i] = True
        changes[int(i)] = change
        kinds[int(i)] = "break" if distant else change.kind
    codes = np.where(alone.codes >= UNCLEAR, UNCLEAR if far else ALARM, alone.codes)
    codes = np.where(known & (codes < UNCLEAR), OK, codes)
    codes = np.where(known | (codes == ALARM), codes, NO_DATA)
    codes = np.where(alarm, ALARM, codes).astype(np.int8)
    return Trial(Ruling(codes, alone.low, alone.high), changes, kinds, earned)


def _reference(series: Series) -> NDArray[np.float64]:
    windows = series.reference_windows
    assert windows is not None
    return windows[~np.isnan(windows)]


def _is_better(series: Series, size: float) -> bool:
    """Whether it moved in the good direction; distances have none: any change makes them greater."""
    if series.estimate.bias is not None:
        return False
    return (series.metric.better == "high" and size > 0) or (series.metric.better == "low" and size < 0)
