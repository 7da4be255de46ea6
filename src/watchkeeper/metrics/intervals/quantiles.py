"""Intervals of quantiles read off a histogram."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.metrics.intervals.tails import normal_score

__all__ = ["quantile"]

Floats = NDArray[np.float64]


def quantile(
    counts: ArrayLike, lower: ArrayLike, upper: ArrayLike, q: float, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """A quantile of binned numbers and Woodruff's interval of it.

    The distribution function at the true quantile is q ± z √(q (1 − q) / n); both ends are carried back through the
    bins, linearly inside each.

    Parameters
    ----------
    counts : (..., B) rows, or effective rows, in each bin
    lower, upper : (B,) or broadcastable to ``counts``: ends of the bins, ascending; equal for a bin of one value. An
        infinite end counts as the bin's finite one
    q : in (0, 1)
    confidence : nominal coverage, below 1

    Returns
    -------
    value, low, high : (...) float64, unit of the bin ends; NaN where there are no rows. ``low`` is −inf and ``high``
        inf where so few rows cannot bound the quantile on that side (the 95 % quantile of 50 rows)

    References
    ----------
    Woodruff (1952), JASA 47:635.

    Examples
    --------
    >>> counts, ends = np.full((1, 100), 4.0), np.arange(101.0)
    >>> [part.round(2).tolist() for part in quantile(counts, ends[:-1], ends[1:], 0.5)]
    [[50.0], [45.1], [54.9]]
    """
    histogram = np.asarray(counts, dtype=np.float64)
    left, right = _finite(np.asarray(lower, np.float64), np.asarray(upper, np.float64))
    cumulative = np.cumsum(histogram, axis=-1)
    n = cumulative[..., -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        half = normal_score(confidence) * np.sqrt(q * (1 - q) / n)
        levels = np.stack([np.full_like(n, q), q - half, q + half])
        value, low, high = _invert(histogram[None], cumulative[None], left, right, levels)
        low, high = np.where(levels[1] < 0, -np.inf, low), np.where(levels[2] > 1, np.inf, high)
        seen = n > 0
    return tuple(np.where(seen, part, np.nan) for part in (value, low, high))  # type: ignore[return-value]


def _finite(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    return np.where(np.isfinite(lower), lower, upper), np.where(np.isfinite(upper), upper, lower)


def _invert(histogram: Floats, cumulative: Floats, left: Floats, right: Floats, level: Floats) -> Floats:
    """(...) where the distribution function reaches ``level``."""
    target = np.clip(np.nan_to_num(level), 0.0, 1.0) * cumulative[..., -1]
    # never an empty bin: the first whose cumulative count reaches the target, or the first occupied one
    target = np.maximum(target, np.nextafter(0.0, 1.0))
    index = np.minimum((cumulative < target[..., None]).sum(-1), histogram.shape[-1] - 1)[..., None]
    inside = np.take_along_axis(histogram, index, -1)[..., 0]
    reached = np.take_along_axis(cumulative, index, -1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip(1 - (reached - target) / inside, 0.0, 1.0)
    a, b = (np.take_along_axis(_as_deep(ends, index), index, -1)[..., 0] for ends in (left, right))
    return np.asarray(a + part * (b - a), dtype=np.float64)


def _as_deep(ends: Floats, index: NDArray[np.intp]) -> Floats:
    """With as many axes, to be looked up along the last one."""
    return ends.reshape((1,) * (index.ndim - ends.ndim) + ends.shape)
