"""Verdict: what is thought of a number, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Series

__all__ = ["Judgement", "Outcome"]

Outcome = Literal["ok", "alarm", "unclear", "no_data"]


@dataclass(frozen=True)
class Judgement:
    """A series with its verdicts.

    Attributes
    ----------
    verdict : (W,) object array of ``Outcome``, or None where the number is shown without a verdict
    band_low, band_high : (W,) float64, the edges that it was judged by; NaN where there is none
    sentences : window position → why, for each alarm and each unclear
    rule : "band" (the user's), "learned" (against the reference) or "break"
    """

    series: Series
    verdict: NDArray[np.object_]
    band_low: NDArray[np.float64]
    band_high: NDArray[np.float64]
    sentences: dict[int, str]
    rule: Literal["band", "learned", "break", "none"] = "none"
