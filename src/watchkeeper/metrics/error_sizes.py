"""Errors of a regression by their size: folded histograms, tails, and how far intervals of squares can be trusted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Floats
from watchkeeper.metrics.share import ratio
from watchkeeper.profiles import LogLinearGrid, Residuals, Slice

__all__ = ["absolute_histogram", "heavy_tails", "kurtosis", "worst_share"]

HEAVY = 8.0  # normal errors have 3, Laplace 6; above, squares tell little about their own spread


def _own_kurtosis(found: Residuals, scale: float) -> Floats:
    """(W, V) mean e⁴ / (mean e²)², about zero; 3 for normal errors."""
    with np.errstate(over="ignore", invalid="ignore"):
        square = ratio(found.squares, found.valid) / np.square(scale)
        return ratio(ratio(found.fourth, found.valid), square**2)


def kurtosis(context: Context) -> Floats:
    """The tails of the errors: of each window, or of the reference where those are heavier.

    A window of a heavy-tailed error rarely shows the tail; those that do not are the ones whose interval misses.
    The reference has more rows. Measured coverage of the 95 % interval of RMSE with the window's own tails alone, and
    with a reference of 10,000 rows (200, 1,000 and 10,000 rows a window): t5 .92, .92, .93 and .98, .97, .95; t3 .77,
    .79, .84 and .98, .96, .94; lognormal .78, .86, .94 and .98, .97, .98.

    Returns
    -------
    (W, V) float64; NaN without rows
    """
    found, grid = context.slice.residuals, context.plan.error
    assert found is not None
    assert grid is not None
    own = _own_kurtosis(found, grid.scale)
    if context.reference is None or context.reference.residuals is None:
        return own
    return np.fmax(
        own, np.where(np.isnan(own), np.nan, _own_kurtosis(context.reference.residuals, grid.scale))
    )


def heavy_tails(context: Context) -> NDArray[np.bool_]:
    """Where the intervals of root_mean_squared_error, mean_squared_error and r2 deserve a warning.

    Without a reference they cover too little there (see `kurtosis`), with one they are wide: look at
    mean_absolute_error and median_absolute_error instead.

    Returns
    -------
    (W, V) bool; False everywhere for models that are no regression
    """
    if context.slice.residuals is None or context.plan.error is None:
        return np.zeros(context.slice.rows.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(kurtosis(context) > HEAVY)


def absolute_histogram(found: Residuals, grid: LogLinearGrid) -> tuple[Floats, Floats, Floats]:
    """The histogram of |e| from that of e, linear inside bins.

    Returns
    -------
    counts : (W, V, B) rows, or sums of weights
    lower, upper : (B,) ends, ascending from 0
    """
    first, size = found.histogram.first, found.histogram.counts.shape[-1]
    ends = np.append(grid.lower[first : first + size], grid.upper[first + size - 1])
    ends[0] = ends[1] if np.isinf(ends[0]) else ends[0]  # beyond a million scales: at the inner end
    ends[-1] = ends[-2] if np.isinf(ends[-1]) else ends[-1]
    below = np.concatenate(
        [np.zeros((*found.valid.shape, 1)), np.cumsum(found.histogram.counts, axis=-1)], axis=-1
    )
    sizes = np.unique(np.append(np.abs(ends), 0.0))
    inside = _at(below, ends, sizes, "right") - _at(below, ends, -sizes, "left")
    inside[..., 0] = 0.0
    return np.maximum(np.diff(inside, axis=-1), 0.0), sizes[:-1], sizes[1:]


def _at(cumulative: Floats, ends: Floats, points: Floats, side: str) -> Floats:
    """(W, V, n) rows below the points: piecewise linear through (ends, cumulative); a step belongs to its side."""
    right = np.searchsorted(ends, points, side="right" if side == "right" else "left")
    right = np.clip(right, 1, len(ends) - 1)
    width = ends[right] - ends[right - 1]
    part = np.clip((points - ends[right - 1]) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    part = np.where(width > 0, part, (points >= ends[right]) if side == "right" else (points > ends[right]))
    return cumulative[..., right - 1] * (1 - part) + cumulative[..., right] * part


def worst_share(cells: Slice, grid: LogLinearGrid, part: float) -> Floats:
    """(W, V) the share of Σ e² that the worst rows make: this part of the rows, at least one.

    The greatest error is known exactly, the others by their bins.
    """
    found = cells.residuals
    assert found is not None
    counts, lower, upper = absolute_histogram(found, grid)
    one = ratio(np.ones_like(cells.effective), cells.effective)[..., None]  # what a row weighs
    wanted = np.maximum(found.valid[..., None] * part, one)
    down_to = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]
    taken = np.maximum(np.minimum(down_to, wanted) - np.maximum(down_to - counts, one), 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        square = (lower**2 + lower * upper + upper**2) / 3
        total = one[..., 0] * found.greatest**2 + (taken * square).sum(axis=-1)
        return np.minimum(ratio(total, found.squares), 1.0)
