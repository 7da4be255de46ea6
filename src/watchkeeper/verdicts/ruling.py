"""Ruling: a rule's verdicts on one series as small integers, so that rules combine by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALARM", "NONE", "NO_DATA", "OK", "UNCLEAR", "Ruling", "outcomes"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

NONE, NO_DATA, OK, UNCLEAR, ALARM = range(5)  # ascending: of two rules on one number the greater one counts
NAMES = np.array([None, "no_data", "ok", "unclear", "alarm"], dtype=object)


@dataclass(frozen=True)
class Ruling:
    """What one rule says of the windows of one series.

    Attributes
    ----------
    codes : (W,) int8, one of ``NONE``, ``NO_DATA``, ``OK``, ``UNCLEAR``, ``ALARM``
    low, high : (W,) edges that the values were judged by; NaN where there is none
    """

    codes: Codes
    low: Floats
    high: Floats

    def __or__(self, other: Ruling) -> Ruling:
        """The worse verdict of both, with the edges of the first."""
        return Ruling(np.maximum(self.codes, other.codes), self.low, self.high)


def outcomes(codes: Codes) -> NDArray[np.object_]:
    """(W,) the words for the codes, None where there is no verdict."""
    return NAMES[codes]


def coded(alarm: NDArray[np.bool_], unclear: NDArray[np.bool_], judgeable: NDArray[np.bool_]) -> Codes:
    """(W,) codes from where it alarms, where it is unclear, and where there is anything to judge."""
    codes = np.where(alarm, ALARM, np.where(unclear, UNCLEAR, OK))
    return np.where(judgeable, codes, NO_DATA).astype(np.int8)
