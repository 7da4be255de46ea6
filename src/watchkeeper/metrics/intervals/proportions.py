"""Intervals of proportions: accuracy, precision, recall, rates, F1."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.metrics.intervals.tails import normal_score

__all__ = ["clopper_pearson", "f1", "wilson"]

Floats = NDArray[np.float64]


def wilson(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's score interval of a proportion.

    Parameters
    ----------
    successes, trials : counts, or effective counts of weighted rows; broadcast against each other
    confidence : nominal coverage, below 1

    Returns
    -------
    low, high : float64 in [0, 1]; NaN where there are no trials

    References
    ----------
    Wilson (1927), JASA 22:209. Coverage close to nominal on average, from 40 trials at least 0.93 for p ≤ 0.95.

    Examples
    --------
    >>> low, high = wilson([8, 0], [10, 0])
    >>> low.round(3), high.round(3)
    (array([0.49,  nan]), array([0.943,   nan]))
    """
    k = np.asarray(successes, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    z2 = normal_score(confidence) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (k + z2 / 2) / (n + z2)
        half = np.sqrt(z2 * (k * (n - k) / n + z2 / 4)) / (n + z2)
        # the ends are exact where all trials agree, so that rounding never leaves 0 or 1 outside
        low = np.where(k <= 0, 0.0, np.maximum(centre - half, 0.0))
        high = np.where(k >= n, 1.0, np.minimum(centre + half, 1.0))
        seen = n > 0
    return np.where(seen, low, np.nan), np.where(seen, high, np.nan)


def clopper_pearson(
    successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """The exact (conservative) interval of a proportion: never covers less than it says.

    Parameters
    ----------
    successes, trials : counts, or effective counts of weighted rows; broadcast against each other
    confidence : nominal coverage, below 1

    Returns
    -------
    low, high : float64 in [0, 1]; NaN where there are no trials

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26:404.

    Examples
    --------
    >>> low, high = clopper_pearson([8, 0], [10, 3])
    >>> low.round(3), high.round(3)
    (array([0.444, 0.   ]), array([0.975, 0.708]))
    """
    from scipy.special import betaincinv

    k, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    tail = (1.0 - confidence) / 2
    some, failed, seen = k > 0, n - k > 0, n > 0
    low = np.where(some, betaincinv(np.where(some, k, 1), np.maximum(n - k, 0) + 1, tail), 0.0)
    # by the failures, because 1 - tail loses digits at very high confidence
    miss = betaincinv(np.where(failed, n - k, 1), np.maximum(k, 0) + 1, tail)
    high = np.where(failed, 1.0 - miss, 1.0)
    return np.where(seen, low, np.nan), np.where(seen, high, np.nan)


def f1(
    true_positives: ArrayLike,
    false_positives: ArrayLike,
    false_negatives: ArrayLike,
    confidence: float = 0.95,
) -> tuple[Floats, Floats]:
    """Interval of F1 = 2J / (1 + J) from Wilson's interval of Jaccard's J = TP / (TP + FP + FN).

    J is a plain proportion of the rows that either side calls positive, and F1 rises with it, so that the
    interval needs no approximation beyond Wilson's (the delta method covers 0.914 where this covers 0.946).

    Returns
    -------
    low, high : float64 in [0, 1]; NaN where all three counts are 0

    Examples
    --------
    >>> low, high = f1([80], [10], [20])
    >>> low.round(3), high.round(3)
    (array([0.779]), array([0.89]))
    """
    tp = np.asarray(true_positives, dtype=np.float64)
    trials = (
        tp + np.asarray(false_positives, dtype=np.float64) + np.asarray(false_negatives, dtype=np.float64)
    )
    low, high = wilson(tp, trials, confidence)
    return 2 * low / (1 + low), 2 * high / (1 + high)
