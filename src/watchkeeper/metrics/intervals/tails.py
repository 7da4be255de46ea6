"""Tails: how many standard errors a confidence is worth."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["normal_score", "student_score"]


@lru_cache(maxsize=64)
def normal_score(confidence: float) -> float:
    """Half-width of a two-sided normal interval in standard errors.

    >>> round(normal_score(0.95), 4)
    1.96
    """
    from scipy.special import ndtri

    return float(-ndtri((1.0 - confidence) / 2))


def student_score(df: ArrayLike, confidence: float) -> NDArray[np.float64]:
    """The same for Student's t with ``df`` degrees of freedom (fractional ones too); NaN where df <= 0.

    >>> student_score([1, 9, 1e9], 0.95).round(3)
    array([12.706,  2.262,  1.96 ])
    """
    from scipy.special import stdtrit

    df = np.asarray(df, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(df > 0, -stdtrit(np.where(df > 0, df, 1.0), (1.0 - confidence) / 2), np.nan)
