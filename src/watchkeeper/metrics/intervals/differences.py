"""Intervals of differences and of correlations."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.metrics.intervals.tails import normal_score

__all__ = ["correlation", "correlation_difference", "difference"]

Floats = NDArray[np.float64]


def difference(
    a_value: ArrayLike,
    a_low: ArrayLike,
    a_high: ArrayLike,
    b_value: ArrayLike,
    b_low: ArrayLike,
    b_high: ArrayLike,
) -> tuple[Floats, Floats, Floats]:
    """Interval of a − b for two independent estimates, recovered from their own intervals (MOVER).

    Returns
    -------
    value, low, high : float64; NaN where one of the estimates has none

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873 (hybrid score); Zou and Donner (2008), ibid. 27:1693.

    Examples
    --------
    >>> value, low, high = difference([0.8], 0.7, 0.87, 0.6, 0.5, 0.69)
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.2]), array([0.065]), array([0.322]))
    """
    a, al, ah, b, bl, bh = (
        np.asarray(x, dtype=np.float64) for x in (a_value, a_low, a_high, b_value, b_low, b_high)
    )
    value = a - b
    with np.errstate(invalid="ignore"):
        return value, value - np.hypot(a - al, bh - b), value + np.hypot(ah - a, b - bl)


def correlation(r: ArrayLike, count: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Fisher's z interval of a Pearson correlation.

    Parameters
    ----------
    r : correlations in [−1, 1]
    count : rows with both values, or effective rows
    confidence : nominal coverage, below 1

    Returns
    -------
    low, high : float64 in [−1, 1]; NaN where count <= 3

    Notes
    -----
    Exact to O(1/n) for binormal data; heavy tails make it too narrow.

    Examples
    --------
    >>> low, high = correlation([0.5], 103)
    >>> low.round(3), high.round(3)
    (array([0.339]), array([0.632]))
    """
    n = np.asarray(count, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.arctanh(np.clip(np.asarray(r, dtype=np.float64), -1.0, 1.0))
        half = normal_score(confidence) / np.sqrt(np.where(n > 3, n - 3, np.nan))
    return np.tanh(centre - half), np.tanh(centre + half)


def correlation_difference(
    a_r: ArrayLike, a_count: ArrayLike, b_r: ArrayLike, b_count: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Interval of the difference of two independent correlations: MOVER over Fisher's intervals.

    References
    ----------
    Zou (2007), Psychological Methods 12:399.

    Examples
    --------
    >>> value, low, high = correlation_difference([0.5], 103, 0.1, 103)
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.4]), array([0.153]), array([0.636]))
    """
    a, b = correlation(a_r, a_count, confidence), correlation(b_r, b_count, confidence)
    return difference(a_r, *a, b_r, *b)
