"""Intervals of distances between two histograms: Jensen–Shannon, Hellinger, PSI, chi-square, total variation.

All but total variation behave like chi-square near equality: with n = A B / (A + B), the effective number of rows of the
comparison, 8 n JSD, 8 n H² and n PSI tend to one noncentral chi-square, whose noncentrality is what is estimated. So
their intervals hold where asymptotic normality fails: at no drift, where a distance's error is all bias.
Sparse bins are taken into account by the exact mean and variance of each bin under equality (`null_moments`), large
distances by the variance that the divergence's slopes give.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.metrics.intervals.kernels import HELLINGER, JENSEN_SHANNON, PEARSON, PSI, Kernel
from watchkeeper.metrics.intervals.noncentral import noncentral_chi2_bounds
from watchkeeper.metrics.intervals.null_moments import null_moments
from watchkeeper.metrics.intervals.tails import normal_score

__all__ = ["chi2", "hellinger", "jensen_shannon", "psi", "total_variation"]

Floats = NDArray[np.float64]
Interval = tuple[Floats, Floats, Floats, Floats]

LN2 = float(np.log(2.0))
TINY = 1e-300  # against a division by zero


def jensen_shannon(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Jensen–Shannon distance (base 2) of two histograms and its interval.

    Parameters
    ----------
    counts, reference : (..., K) rows, or effective rows, by bin; broadcast against each other
    confidence : nominal coverage, below 1

    Returns
    -------
    value : (...) in [0, 1], the plug-in distance, as ``scipy.spatial.distance.jensenshannon(p, q, 2)``
    low, high : (...) interval of the true distance. The value overstates it by about the bias, so that it may lie
        above ``high``; ``low`` is 0 where equality is not excluded
    bias : (...) what ``value`` is expected to be between equal distributions
        All NaN where either histogram is empty

    References
    ----------
    Menéndez et al. (1997), J. Franklin Institute 334B:307 (the limit law).

    Examples
    --------
    >>> value, low, high, bias = jensen_shannon([[120, 80]], [[1000, 1000]])
    >>> value.round(3), low.round(3), high.round(3), bias.round(3)
    (array([0.085]), array([0.025]), array([0.147]), array([0.025]))
    """
    statistic, n, low, high, scale, df = _statistic(JENSEN_SHANNON, counts, reference, confidence)
    unit = 8 * n * LN2
    ends = (np.sqrt(np.minimum(part / unit, 1.0)) for part in (low, high))
    return np.sqrt(statistic / unit), *ends, _root_mean(scale, df) / np.sqrt(unit)


def hellinger(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Hellinger distance √(1 − Σ √(p q)) of two histograms and its interval.

    Parameters and returns as for `jensen_shannon`.

    Examples
    --------
    >>> value, low, high, bias = hellinger([[120, 80]], [[1000, 1000]])
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.071]), array([0.021]), array([0.123]))
    """
    statistic, n, low, high, scale, df = _statistic(HELLINGER, counts, reference, confidence)
    ends = (np.sqrt(np.minimum(part / (8 * n), 1.0)) for part in (low, high))
    return np.sqrt(statistic / (8 * n)), *ends, _root_mean(scale, df) / np.sqrt(8 * n)


def psi(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Population stability index Σ (p − q) ln(p / q) of two histograms and its interval.

    A bin that one side leaves empty counts as half a row there: the index itself would be infinite.

    Parameters and returns as for `jensen_shannon`, all in [0, ∞).

    Notes
    -----
    With bins that a sample leaves empty the interval is worth little: the truth may be infinite there.

    Examples
    --------
    >>> value, low, high, bias = psi([[120, 80]], [[1000, 1000]])
    >>> value.round(4), low.round(4), high.round(4)
    (array([0.0405]), array([0.0035]), array([0.1205]))
    """
    statistic, n, low, high, scale, df = _statistic(PSI, counts, reference, confidence)
    return statistic / n, low / n, high / n, scale * df / n


def chi2(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Pearson's two-sample chi-square statistic and the interval of its expectation.

    Returns
    -------
    value : (...) the statistic, as ``scipy.stats.chi2_contingency([counts, reference], correction=False)``
    low, high : (...) interval of the expected statistic; ``low`` equals ``bias`` where equality is not excluded
    bias : (...) the expectation between equal distributions: occupied bins − 1

    Examples
    --------
    >>> value, low, high, bias = chi2([[120, 80]], [[1000, 1000]])
    >>> value.round(2), low.round(2), bias
    (array([7.31]), array([1.55]), array([1.]))
    """
    statistic, _, low, high, scale, df = _statistic(PEARSON, counts, reference, confidence)
    bias = scale * df
    return statistic, bias + low, bias + high, bias


def total_variation(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Total variation ½ Σ |p − q| of two histograms and a conservative interval.

    Its error is bias near equality and normal far from it, and no limit law joins the two. The bias is greatest
    under equality, so that ``low`` takes it off whole and ``high`` takes nothing off: it covers more than it
    says, the more the more bins there are. Parameters and returns as for `jensen_shannon`.

    Examples
    --------
    >>> value, low, high, bias = total_variation([[120, 80]], [[1000, 1000]])
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.1]), array([0.]), array([0.171]))
    """
    a, b = _broadcast(counts, reference)
    n, m = a.sum(-1), b.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = a / n[..., None], b / m[..., None]
        effective = n * m / (n + m)
        pooled = (a + b) / (n + m)[..., None]
        bias = np.minimum(np.sqrt(2 / np.pi / effective) * np.sqrt(pooled * (1 - pooled)).sum(-1) / 2, 1.0)
        sign = np.sign(p - q)
        spread = (1 - (sign * p).sum(-1) ** 2) / n + (1 - (sign * q).sum(-1) ** 2) / m
        # where most bins are sparse the signs follow the rows; then at least the variance of sums of |normal|
        spread = np.maximum(spread, (1 - 2 / np.pi) / effective)
    value = np.abs(p - q).sum(-1) / 2
    half = normal_score(confidence) * np.sqrt(spread) / 2
    return value, np.maximum(value - bias - half, 0.0), np.minimum(value + half, 1.0), bias


def _broadcast(counts: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.broadcast_arrays(np.asarray(counts, np.float64), np.asarray(reference, np.float64))
    return a, b


def _statistic(
    kernel: Kernel, counts: ArrayLike, reference: ArrayLike, confidence: float
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """The statistic, n, bounds of its noncentrality, and scale and df of the chi-square that it is under equality."""
    a, b = _broadcast(counts, reference)
    total, rest = a.sum(-1), b.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = (total / (total + rest))[..., None]
        n = total * rest / (total + rest)
    n = np.where(n > 0, n, np.nan)
    u, v = a * (1 - w), b * w
    statistic = np.maximum(kernel.value(u, v, w).sum(-1), 0.0) + 0 * n
    means, variance = null_moments(kernel, a, b)
    mean = means.sum(-1)
    scale = np.where(mean > 0, variance / (2 * np.maximum(mean, TINY)), 1.0)
    df = np.maximum(mean / scale, 1.0)
    # the bias changes with the distance: none of that near equality, all of it far from there
    distance = np.maximum(statistic - mean, 0.0)
    moved = ((kernel.bias(u, v, w) - 1) * means).sum(-1) * distance / np.maximum(distance + mean, TINY)
    observed = np.maximum(statistic - moved, 0.0) / scale
    ratio = _spread(kernel, u, v, w, n) / np.maximum(4 * scale * statistic, TINY)
    bounds = noncentral_chi2_bounds(observed, df, confidence)
    low, high = (_widen(part, observed, df, ratio) * scale for part in bounds)
    return statistic, n, low, high, scale, df


def _spread(kernel: Kernel, u: Floats, v: Floats, w: Floats, n: Floats) -> Floats:
    """(...) variance of the statistic far from equality, by its slopes."""
    by_u, by_v = kernel.slopes(u, v, w)
    parts = []
    for fraction, slope in ((u / n[..., None], by_u), (v / n[..., None], by_v)):
        centre = (fraction * slope).sum(-1)
        parts.append((fraction * (slope - centre[..., None]) ** 2).sum(-1))
    return n * ((1 - w[..., 0]) * parts[0] + w[..., 0] * parts[1])


def _widen(bound: Floats, observed: Floats, df: Floats, ratio: Floats) -> Floats:
    """A bound as far from the estimate as the divergence's own variance says, ``ratio`` times chi-square's 4λ.

    Halfway only, because a ratio from few rows is too low.
    """
    estimate = np.maximum(observed - df, 0.0)
    ratio = (1 + np.clip(ratio, 0.2, 5.0)) / 2
    factor = np.sqrt((2 * df + 4 * ratio * estimate) / (2 * df + 4 * estimate))
    return np.where(bound > 0, np.maximum(estimate + (bound - estimate) * factor, 0.0), bound)


def _root_mean(scale: Floats, df: Floats) -> Floats:
    """Mean of the root of ``scale`` times a chi-square with ``df`` degrees of freedom."""
    from scipy.special import gammaln

    return np.sqrt(2.0 * scale) * np.exp(gammaln((df + 1) / 2) - gammaln(df / 2))
