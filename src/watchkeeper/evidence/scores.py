"""Scores: what of a column enters its evidence, one number (or a few) for each window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["NUMBER_WEIGHTS", "category_scores", "normal_place", "number_scores", "rate_scores"]

Floats = NDArray[np.float64]

NUMBER_WEIGHTS = np.array([0.4, 0.3, 0.15, 0.15])  # location first, then spread, then skew and the tails


def number_scores(reference: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """(4, W) means of the first four Legendre polynomials of the reference's mid-ranks, and (4,) their variance by row.

    A location, a spread, a skew and a tail, of mean 0 in the reference; of a continuous column orthonormal there. A
    rank cannot be carried off by one gross value, as a mean can.

    Parameters
    ----------
    reference : (B,) counts of the whole reference on bins in ascending order
    counts : (W, B) of the windows on the same bins; NaN comes of a window without rows
    """
    share = reference / reference.sum()
    z = 2.0 * (np.cumsum(share) - share / 2) - 1.0
    polynomials = np.stack([
        np.sqrt(3) * z,
        np.sqrt(5) * (3 * z**2 - 1) / 2,
        np.sqrt(7) * (5 * z**3 - 3 * z) / 2,
        3 * (35 * z**4 - 30 * z**2 + 3) / 8,
    ])  # fmt: skip
    variance = np.maximum(polynomials**2 @ share - (polynomials @ share) ** 2, 0.0)
    return np.asarray((polynomials @ counts.T) / _rows(counts)), np.asarray(variance)


def normal_place(reference: Floats, counts: Floats) -> Floats:
    """(W,) means of the normal deviates of the reference's mid-ranks: how many of its sd a normal column has moved.

    Parameters as for ``number_scores``. It reaches as far as the reference has rows.
    """
    total = reference.sum()
    rank = np.clip((np.cumsum(reference) - reference / 2) / total, 0.5 / total, 1 - 0.5 / total)
    return np.asarray((counts @ ndtri(rank)) / _rows(counts))


def category_scores(counts: Floats, rows: Floats) -> Floats:
    """(C, W) variance-stabilised shares of C categories in W windows, from counts (W, C) of (W,) rows."""
    return rate_scores(counts, np.where(rows > 0, rows, np.nan)[:, None]).T


def rate_scores(hits: Floats, rows: Floats) -> Floats:
    """Anscombe's arcsine of ``hits`` in ``rows``: its sampling variance is 1/(4 rows), whatever the rate.

    Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data, Biometrika 35.
    """
    return np.asarray(np.arcsin(np.sqrt(np.clip((hits + 0.375) / (rows + 0.75), 0.0, 1.0))))


def _rows(counts: Floats) -> Floats:
    rows = counts.sum(axis=1)
    return np.where(rows > 0, rows, np.nan)
