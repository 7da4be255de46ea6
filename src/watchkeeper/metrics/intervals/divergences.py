"""Intervals of distances between two histograms: Jensen–Shannon, Hellinger, PSI, chi-square, total variation.

All but total variation behave like chi-square near equality: with n = A B / (A + B), the effective number of rows of
the comparison, 8 n JSD, 8 n H² and n PSI tend to one noncentral chi-square, whose noncentrality is what is
estimated. So their intervals hold where asymptotic normality fails: at no drift, where a distance's error is all
bias. Sparse bins count by their own mean and variance under equality (`null_moments`), large distances by the
variance that the divergence's slopes give.
"""

from __future__ import annotations

from dataclasses import dataclass

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

    Notes
    -----
    Covers 0.93 to 1 (mean 0.96), from 2 bins to 250 categories at 200 rows; without drift ``low`` exceeds 0 as often
    as it should, measured down to a tail of 1e-4.

    References
    ----------
    Menéndez et al. (1997), J. Franklin Institute 334B:307 (the limit law).

    Examples
    --------
    >>> value, low, high, bias = jensen_shannon([[120, 80]], [[1000, 1000]])
    >>> value.round(3), low.round(3), high.round(3), bias.round(3)
    (array([0.085]), array([0.024]), array([0.147]), array([0.025]))
    """
    return _distance(_compare(JENSEN_SHANNON, counts, reference, confidence), 8 * LN2)


def hellinger(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Hellinger distance √(1 − Σ √(p q)) of two histograms and its interval.

    Parameters and returns as for `jensen_shannon`.

    Notes
    -----
    Worth less than that one where rows are few: covers 0.91 and more, and at very high confidence ``low`` exceeds 0
    five times as often as it should (20 bins, 200 rows, a tail of 1e-4): an empty bin weighs more than it tells.

    Examples
    --------
    >>> value, low, high, bias = hellinger([[120, 80]], [[1000, 1000]])
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.071]), array([0.02]), array([0.123]))
    """
    return _distance(_compare(HELLINGER, counts, reference, confidence), 8.0)


def psi(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Population stability index Σ (p − q) ln(p / q) of two histograms and its interval.

    A bin that one side leaves empty counts as half a row there: the index itself would be infinite.

    Parameters and returns as for `jensen_shannon`, all in [0, ∞).

    Notes
    -----
    Covers 0.83 and more; without drift ``low`` exceeds 0 as often as it should. ``high`` is inf where one sample leaves
    a bin empty that the other fills (3 rows of the comparison or more): the truth may be infinite there. Who needs
    an upper end watches the Jensen–Shannon distance.

    Examples
    --------
    >>> value, low, high, bias = psi([[120, 80]], [[1000, 1000]])
    >>> value.round(4), low.round(4), high.round(4)
    (array([0.0405]), array([0.003]), array([0.121]))
    """
    c = _compare(PSI, counts, reference, confidence)
    u, v, _, _ = _balanced(*_broadcast(counts, reference))
    deserted = (((u == 0) & (v >= 3)) | ((v == 0) & (u >= 3))).any(-1)
    high = np.where(deserted & (c.rows > 0), np.inf, c.high / c.rows)
    return c.statistic / c.rows, c.low / c.rows, high, c.mean / c.rows


def chi2(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Pearson's two-sample chi-square statistic and the interval of its expectation.

    Returns
    -------
    value : (...) the statistic, as ``scipy.stats.chi2_contingency([counts, reference], correction=False)``
    low, high : (...) interval of the expected statistic; ``low`` equals ``bias`` where equality is not excluded
    bias : (...) the expectation between equal distributions: occupied bins − 1

    Notes
    -----
    The statistic grows with the rows, so that its interval tells whether there is drift, not how much.

    Examples
    --------
    >>> value, low, high, bias = chi2([[120, 80]], [[1000, 1000]])
    >>> value.round(2), low.round(2), bias.round(2)
    (array([7.28]), array([1.58]), array([1.]))
    """
    c = _compare(PEARSON, counts, reference, confidence)
    return c.statistic, c.mean + c.low, c.mean + c.high, c.mean


def total_variation(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Total variation ½ Σ |p − q| of two histograms and a conservative interval.

    Its error is bias near equality and normal far from it, and no limit law joins the two. The bias is greatest
    under equality, so that ``low`` takes it off whole and ``high`` takes nothing off: it covers more than it
    says, the more the more bins there are (0.97 to 1). Parameters and returns as for `jensen_shannon`.

    Examples
    --------
    >>> value, low, high, bias = total_variation([[120, 80]], [[1000, 1000]])
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.1]), array([0.]), array([0.171]))
    """
    a, b = _broadcast(counts, reference)
    n, m = (np.where(part > 0, part, np.nan) for part in (a.sum(-1), b.sum(-1)))
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


@dataclass(frozen=True)
class _Comparison:
    """All (...): the statistic, the effective rows, bounds of the noncentrality, and of the statistic under equality
    its mean and the scale and df of its chi-square; NaN where a histogram is empty."""

    statistic: Floats
    rows: Floats
    low: Floats
    high: Floats
    mean: Floats
    scale: Floats
    df: Floats


def _distance(c: _Comparison, unit: float) -> Interval:
    """The root of a divergence whose statistic is ``unit`` times the effective rows times it; at most 1."""
    per = unit * c.rows
    low, high = (np.sqrt(np.minimum(part / per, 1.0)) for part in (c.low, c.high))
    return np.sqrt(c.statistic / per), low, high, _root_mean(c.scale, c.df) / np.sqrt(per)


def _compare(kernel: Kernel, counts: ArrayLike, reference: ArrayLike, confidence: float) -> _Comparison:
    a, b = _broadcast(counts, reference)
    u, v, w, n = _balanced(a, b)
    statistic = np.maximum(kernel.value(u, v, w).sum(-1), 0.0) + 0 * n
    means, variance = null_moments(kernel, a, b)
    mean = means.sum(-1) + 0 * n
    varies = (mean > 0) & (variance > 0)  # a row against another leaves nothing to chance
    scale = np.where(varies, variance / (2 * np.maximum(mean, TINY)), 1.0)
    df = np.maximum(mean / scale, 1.0)
    # the bias changes with the distance: none of that near equality, all of it far from there
    distance = np.maximum(statistic - mean, 0.0)
    moved = ((kernel.bias(u, v, w) - 1) * means).sum(-1) * distance / np.maximum(distance + mean, TINY)
    observed = np.maximum(statistic - moved, 0.0) / scale
    ratio = _spread(kernel, u, v, w, n) / np.maximum(4 * scale * statistic, TINY)
    bounds = noncentral_chi2_bounds(observed, df, confidence)
    low, high = (_widen(part, observed, df, ratio) * scale for part in bounds)
    return _Comparison(statistic, n, low, high, mean, scale, df)


def _balanced(a: Floats, b: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Balanced counts (..., K), the first sample's share (..., 1), and n (...), NaN where a histogram is empty."""
    total, rest = a.sum(-1), b.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = (total / (total + rest))[..., None]
        n = total * rest / (total + rest)
    return a * (1 - w), b * w, w, np.where(n > 0, n, np.nan)


def _spread(kernel: Kernel, u: Floats, v: Floats, w: Floats, n: Floats) -> Floats:
    """(...) variance of the statistic far from equality, by its slopes."""
    by_u, by_v = kernel.slopes(u, v, w)
    parts = []
    for fraction, slope in ((u / n[..., None], by_u), (v / n[..., None], by_v)):
        centre = (fraction * slope).sum(-1)
        parts.append((fraction * (slope - centre[..., None]) ** 2).sum(-1))
    share = w[..., 0]
    return np.asarray(n * ((1 - share) * parts[0] + share * parts[1]), dtype=np.float64)


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
