"""Cell: one metric in one situation, and how often its interval held the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["LEAST", "MEAN", "Cell", "held"]

LEAST = 0.93  # of a nominal 95 %, in every cell that must hold
MEAN = (0.94, 0.98)  # of the cells of one metric that must hold


@dataclass(frozen=True)
class Cell:
    """``must`` says whether the bar is for this cell; the others are published as a warning."""

    metric: str
    situation: str
    rows: int
    coverage: float
    must: bool = True


def held(low: ArrayLike, high: ArrayLike, truth: float) -> float:
    """Fraction of the intervals that hold the truth; one that is undefined does not.

    A true distance of 0 is computed as 1e-17 or so, hence the tolerance.
    """
    return float(np.mean((np.asarray(low) <= truth + 1e-9) & (truth - 1e-9 <= np.asarray(high))))
