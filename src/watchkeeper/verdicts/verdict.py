"""Verdict: what is thought of a number, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Series

__all__ = ["Judgement", "Kind", "Outcome", "Rule"]

Outcome = Literal["ok", "alarm", "unclear", "no_data"]
Rule = Literal["band", "evidence", "learned", "break", "none"]
Kind = Literal["break", "shift", "trend"]


@dataclass(frozen=True)
class Judgement:
    """A series with its verdicts.

    Attributes
    ----------
    verdict : (W,) object array of ``Outcome``, or None where the number is shown without a verdict
    band_low, band_high : (W,) float64, the edges that it was judged by; NaN where there is none
    sentences : window position → why, for each alarm and each unclear
    rule : "band" (the user's), "evidence" (earned against the reference), "learned" (against a reference of few
        windows) or "break"
    evidence : (W,) e-values, NaN where a window does not count; None where nothing adds up
    weight : share of alpha that a series may spend; 0 where it cannot alarm by chance, or has no part in it
    kinds : window position → what an alarm is: "break" (at once and far), "shift" or "trend"
    needed : log E that an alarm takes
    since : position of the first window after a change that was acknowledged: what alarmed before is over
    taken_off : what recurs and was taken off before: "weekday", "hour", "autocorrelation"
    """

    series: Series
    verdict: NDArray[np.object_]
    band_low: NDArray[np.float64]
    band_high: NDArray[np.float64]
    sentences: dict[int, str]
    rule: Rule = "none"
    evidence: NDArray[np.float64] | None = None
    weight: float = 0.0
    kinds: Mapping[int, Kind] = field(default_factory=dict)
    needed: float = float("inf")
    since: int = 0
    taken_off: tuple[str, ...] = ()
