"""Intervals of ranking metrics: area under the ROC curve and average precision, from scores counted by class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.metrics.intervals.proportions import wilson
from watchkeeper.metrics.intervals.tails import normal_score, student_score

__all__ = ["auc", "average_precision"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def auc(
    cell: ArrayLike, positive: ArrayLike, negative: ArrayLike, cells: int, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Area under the ROC curve of every cell and its interval.

    Parameters
    ----------
    cell : (m,) whole numbers below ``cells``, ascending; entries of one cell ascend by score
    positive, negative : (m,) rows, or effective rows, of either class with this score
    cells : number of cells
    confidence : nominal coverage, below 1

    Returns
    -------
    value, low, high : (cells,) float64; NaN where one class is absent. Rows of one score count half

    Notes
    -----
    The wider of two: DeLong's variance on the logit scale with Student's quantile (Satterthwaite's degrees of
    freedom), and Newcombe's score interval with Hanley and McNeil's variance, which holds where one class has few
    rows or the separation is perfect. Covers 0.94 to 0.99 (mean 0.96) from 10 rows of the rarer class.

    References
    ----------
    DeLong et al. (1988), Biometrics 44:837; Newcombe (2006), Statistics in Medicine 25:559 (method 5).

    Examples
    --------
    >>> value, low, high = auc([0, 0, 0, 0], [1, 2, 6, 11], [9, 7, 3, 1], 1)
    >>> value.round(4), low.round(4), high.round(4)
    (array([0.8725]), array([0.7107]), array([0.9502]))
    """
    cell, ones, zeros = (
        np.asarray(cell, np.int64),
        np.asarray(positive, np.float64),
        np.asarray(negative, np.float64),
    )
    m, n = _by_cell(cell, ones, cells), _by_cell(cell, zeros, cells)
    m, n = np.where(m > 0, m, np.nan), np.where(n > 0, n, np.nan)
    below = (_cumulative(cell, zeros) - zeros / 2) / n[cell]
    above = 1 - (_cumulative(cell, ones) - ones / 2) / m[cell]
    value = _by_cell(cell, ones * below, cells) / m
    with np.errstate(divide="ignore", invalid="ignore"):
        of_ones = _by_cell(cell, ones * (below - value[cell]) ** 2, cells) / m / (m - 1)
        of_zeros = _by_cell(cell, zeros * (above - value[cell]) ** 2, cells) / n / (n - 1)
    low, high = _logit_interval(value, (of_ones, of_zeros), (m - 1, n - 1), confidence)
    score_low, score_high = _newcombe(value, m, n, confidence)
    return value, np.fmin(low, score_low), np.fmax(high, score_high)


def average_precision(
    cell: ArrayLike, positive: ArrayLike, negative: ArrayLike, cells: int, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Average precision of every cell, Σ (recall step) × precision as scikit-learn has it, and its interval.

    Parameters
    ----------
    cell, positive, negative, cells, confidence : as for `auc`

    Returns
    -------
    value, low, high : (cells,) float64; NaN where there are no positives

    Notes
    -----
    Logit interval with the variance of the influence function (what one row more of either class at a score does
    to the value) and Student's quantile with (positives − 1) degrees of freedom; Wilson's interval of a proportion of
    the positives where they all come first. Covers 0.89 to 0.98 with 10 positives, 0.93 and more with 50.

    Examples
    --------
    >>> value, low, high = average_precision([0, 0, 0, 0], [1, 2, 6, 11], [9, 7, 3, 1], 1)
    >>> value.round(3)
    array([0.835])
    """
    cell, ones, zeros = (
        np.asarray(cell, np.int64),
        np.asarray(positive, np.float64),
        np.asarray(negative, np.float64),
    )
    m = _by_cell(cell, ones, cells)
    m = np.where(m > 0, m, np.nan)
    value, of_ones, of_zeros = _with_influence(cell, ones, zeros, cells, m)
    variance = _by_cell(cell, ones * of_ones**2 + zeros * of_zeros**2, cells)
    variance = variance * m / np.where(m > 1, m - 1, np.nan)
    low, high = _logit_interval(value, (variance,), (m - 1,), confidence)
    return value, *_or_wilson(value, m, low, high, confidence)


def influence(cell: Ints, ones: Floats, zeros: Floats, cells: int) -> tuple[Floats, Floats]:
    """(m,) derivatives of a cell's average precision by its positives and by its negatives with this score."""
    m = _by_cell(cell, ones, cells)
    _, of_ones, of_zeros = _with_influence(cell, ones, zeros, cells, np.where(m > 0, m, np.nan))
    return of_ones, of_zeros


def _with_influence(
    cell: Ints, ones: Floats, zeros: Floats, cells: int, m: Floats
) -> tuple[Floats, Floats, Floats]:
    """(cells,) average precision, and its derivatives as ``influence`` has them."""
    precision, hits, misses = _precision(cell, ones, zeros, cells)
    value = _by_cell(cell, ones * precision, cells) / m
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(ones > 0, ones / (hits + misses) ** 2, 0.0)
    of_ones = precision - value[cell] + _cumulative(cell, weight * misses)
    return value, of_ones / m[cell], -_cumulative(cell, weight * hits) / m[cell]


def _precision(cell: Ints, ones: Floats, zeros: Floats, cells: int) -> tuple[Floats, Floats, Floats]:
    """(m,) precision where there are positives, positives and negatives with this score or a higher one."""
    hits, misses = (
        _by_cell(cell, part, cells)[cell] - _cumulative(cell, part) + part for part in (ones, zeros)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ones > 0, hits / (hits + misses), 0.0), hits, misses


def _or_wilson(
    value: Floats, m: Floats, low: Floats, high: Floats, confidence: float
) -> tuple[Floats, Floats]:
    """Wilson's interval, as of a proportion of the positives, where all of them come first and there is no variance."""
    without = np.isnan(low) & (m > 0)
    below, above = wilson(np.where(without, value * m, 0.0), np.where(without, m, 0.0), confidence)
    return np.where(without, below, low), np.where(without, above, high)


def _by_cell(cell: Ints, weights: Floats, cells: int) -> Floats:
    """(cells,) sums; by slices, which takes a fifth of the time of bins."""
    first = np.searchsorted(cell, np.arange(cells + 1))
    occupied = np.flatnonzero(np.diff(first))
    out = np.zeros(cells)
    if occupied.size:
        out[occupied] = np.add.reduceat(weights, first[occupied])
    return out


def _cumulative(cell: Ints, values: Floats) -> Floats:
    """(m,) running sums within each cell."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    first = np.searchsorted(cell, np.arange(cell[-1] + 1 if cell.size else 0))
    return np.asarray(total[1:] - total[first][cell], dtype=np.float64)


def _logit_interval(
    value: Floats, variances: tuple[Floats, ...], df: tuple[Floats, ...], confidence: float
) -> tuple[Floats, Floats]:
    """On the logit scale, with Satterthwaite's degrees of freedom; NaN where there is no variance to go by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.sum(variances, axis=0)
        parts = [np.where(v > 0, v**2 / k, 0.0) for v, k in zip(variances, df, strict=True)]
        freedom = np.maximum(variance**2 / np.sum(parts, axis=0), 1.0)
        usable = (variance > 0) & (value > 0) & (value < 1)
        half = student_score(np.where(usable, freedom, np.nan), confidence) * np.sqrt(variance)
        odds, half = np.log(value / (1 - value)), half / (value * (1 - value))
        low, high = (1 / (1 + np.exp(-np.clip(odds + side * half, -700, 700))) for side in (-1, 1))
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


def _newcombe(value: Floats, m: Floats, n: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Ends θ of |value − θ| = z √var(θ), var by Hanley and McNeil with both sample sizes (m + n) / 2, by bisection."""
    z, mean_size = normal_score(confidence), (m + n) / 2 - 1
    ends = []
    for limit in (0.0, 1.0):
        inside, outside = value.copy(), np.full_like(value, limit)
        for _ in range(40):
            middle = (inside + outside) / 2
            spread = 1 + mean_size * ((1 - middle) / (2 - middle) + middle / (1 + middle))
            covered = np.abs(value - middle) <= z * np.sqrt(middle * (1 - middle) * spread / (m * n))
            inside, outside = np.where(covered, middle, inside), np.where(covered, outside, middle)
        ends.append(np.where(np.isnan(m + n), np.nan, outside))
    return ends[0], ends[1]
