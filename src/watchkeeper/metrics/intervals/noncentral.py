"""Bounds of a noncentrality: what a chi-square statistic says of a distance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.metrics.intervals.tails import normal_score

__all__ = ["noncentral_chi2_bounds"]

Floats = NDArray[np.float64]

# fourth roots of the noncentralities whose quantiles are computed; the curve between them is right to 1e-4
STEPS = np.concatenate([np.linspace(0.0, 4.5, 150), np.geomspace(4.5, 300.0**0.5, 40)[1:]])
POINTS = (
    8192  # linear interpolation over so many is right to 1e-4 even of 1 degree of freedom, where it is worst
)
# degrees of freedom that have a table; between them the bounds are almost straight
DF = np.unique(np.concatenate([np.arange(1.0, 33.0), np.floor(32 * 1.05 ** np.arange(1, 180))]))


def noncentral_chi2_bounds(
    statistic: ArrayLike, df: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Interval of the noncentrality λ ≥ 0 of a noncentral chi-square, by inverting its distribution function.

    Parameters
    ----------
    statistic : observed values, ≥ 0
    df : degrees of freedom, broadcast against it; between whole numbers the bounds are interpolated
    confidence : nominal coverage, below 1

    Returns
    -------
    low, high : float64; low is 0 up to the central chi-square's upper (1 − confidence) / 2 quantile, high 0 up to its
        lower one; NaN where df < 1 or the statistic is NaN. Right to 1e-4 of 1 + λ

    Notes
    -----
    A table per (df, confidence), made once: h = (λ − T) / (1 + √T) over w = 1 / (1 + √T), smooth, with the known limit
    ∓2z where T goes to infinity.

    Examples
    --------
    >>> low, high = noncentral_chi2_bounds([10.0, 60.0], 19)
    >>> low.round(1), high.round(1)
    (array([ 0., 18.]), array([ 2.3, 74. ]))
    """
    t, degrees = np.broadcast_arrays(np.asarray(statistic, np.float64), np.asarray(df, np.float64))
    low, high = np.full(t.shape, np.nan), np.full(t.shape, np.nan)
    usable = np.isfinite(t) & (degrees >= 1)
    index = np.searchsorted(DF, np.where(usable, degrees, 1.0), side="right") - 1
    for i in np.unique(index[usable]):
        here = (index == i) & usable
        below, above = int(DF[i]), int(DF[min(i + 1, DF.size - 1)])
        part = (degrees[here] - below) / max(above - below, 1)
        for bound, side in ((low, 0), (high, 1)):
            bound[here] = _between(t[here], part, (below, above), confidence, side)
    return low, high


def _between(t: Floats, part: Floats, ends: tuple[int, int], confidence: float, side: int) -> Floats:
    """Linear between two tables, each read where its own zero is aligned with the interpolated one.

    Without the alignment the bound would leave 0 at the smaller of the two critical values.
    """
    below, above = (_table(df, confidence, side) for df in ends)
    zero = below.zero + part * (above.zero - below.zero)
    first = _evaluate(below, t - zero + below.zero)
    return first + part * (_evaluate(above, t - zero + above.zero) - first)


def _evaluate(table: _Table, t: Floats) -> Floats:
    root = 1.0 + np.sqrt(np.maximum(t, 0.0))
    bound = np.maximum(t + root * np.interp(1.0 / root, table.w, table.h), 0.0)
    return np.where(t > table.zero, bound, 0.0)


@dataclass(frozen=True)
class _Table:
    """h over w, ascending, and the statistic up to which the bound is 0."""

    w: Floats
    h: Floats
    zero: float


@lru_cache(maxsize=2048)
def _table(df: int, confidence: float, side: int) -> _Table:
    """Of the lower (side 0) or the upper bound."""
    from scipy.special import chndtrix

    tail = (1.0 - confidence) / 2
    quantiles = chndtrix(tail if side else 1.0 - tail, float(df), STEPS**4)
    fine = np.linspace(0.0, STEPS[-1], POINTS)
    t = np.maximum.accumulate(np.exp(_through(STEPS, np.log(quantiles), fine)))
    w = 1.0 / (1.0 + np.sqrt(t))
    limit = 2 * normal_score(confidence) * (1 if side else -1)
    return _Table(np.append(w, 0.0)[::-1], np.append((fine**4 - t) * w, limit)[::-1], float(t[0]))


def _through(x: Floats, y: Floats, at: Floats) -> Floats:
    """Cubic Hermite curve through the points, slopes by differences (scipy.interpolate takes longer to import)."""
    slope = np.gradient(y, x, edge_order=2)
    i = np.minimum(np.searchsorted(x, at, side="right") - 1, len(x) - 2)
    h = x[i + 1] - x[i]
    u = (at - x[i]) / h
    rise = y[i + 1] - y[i]
    curve = (u - 1) * (h * slope[i] * (1 - u) - h * slope[i + 1] * u) * -u
    value: Floats = y[i] + rise * u * u * (3 - 2 * u) + curve
    return value
