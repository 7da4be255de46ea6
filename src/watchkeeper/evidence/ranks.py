"""Ranks: evidence that holds for exchangeable windows, however they are distributed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from watchkeeper.evidence.change import BLOCK, GREATEST, Change

__all__ = ["Ranks", "normal_scores"]

Floats = NDArray[np.float64]

SIZES = (1.0, 2.0)  # prior standard deviations of a shift of the scores


def normal_scores(values: Floats, reference: int) -> Floats:
    """(S, T) sequential normal scores of (S, G + T) values: each window's rank among all up to it, as a normal deviate.

    A score is the mean of a standard normal over the stretch that the rank stands for, ties included. The ranks
    of exchangeable windows are independent and uniform, so a score given all earlier ones has mean 0 and is
    1-sub-Gaussian: it is the conditional mean of a normal.

    Parameters
    ----------
    values : reference windows first
    reference : G, how many of them

    Notes
    -----
    Conover, Tercero-Gómez & Cordero-Franco (2017), The sequential normal scores transformation, Sequential Analysis 36.
    """
    series, every = values.shape
    windows = every - reference
    below = np.empty((series, windows))
    equal = np.empty((series, windows))
    step = max(1, BLOCK // max(every, 1))
    for first in range(0, series, step):
        block = values[first : first + step]
        for t in range(windows):
            value, so_far = block[:, reference + t, None], block[:, : reference + t]
            below[first : first + step, t] = np.count_nonzero(so_far < value, axis=1)
            equal[first : first + step, t] = np.count_nonzero(so_far == value, axis=1)
    equal += 1.0
    count = reference + 1.0 + np.arange(windows)
    low, high = _density(below / count), _density((below + equal) / count)
    return np.asarray((low - high) * count / equal)


def _density(probability: Floats) -> Floats:
    """The standard normal density at this quantile."""
    return np.asarray(np.exp(-0.5 * ndtri(probability) ** 2) / np.sqrt(2 * np.pi))


class Ranks(Change):
    """Evidence by sequential normal scores: exact for any distribution of window effects.

    A start j at window t with k = t − j + 1 scores of sum Z gives the mean over g in (1, 2) of
    (1 + g²k)^−½ exp(g²Z² / 2(1 + g²k)): the mixture of exp(δZ − kδ²/2), a supermartingale for 1-sub-Gaussian
    scores, over shifts δ ~ N(0, g²) (Robbins 1970, Statistical methods related to the law of the iterated logarithm).

    Parameters
    ----------
    values : (S, G + T) reference windows first, finite
    reference : G
    """

    def __init__(self, values: Floats, reference: int) -> None:
        self.scores = normal_scores(values, reference)
        self.series, self.windows = self.scores.shape
        self._sums = np.concatenate([np.zeros((self.series, 1)), np.cumsum(self.scores, axis=1)], axis=1)

    def factors(self, window: int, rows: slice) -> Floats:
        sums = self._sums[rows]
        squares = (sums[:, window, None] - sums[:, :window]) ** 2
        length = window - np.arange(window)
        out = np.zeros_like(squares)
        for size in SIZES:
            spread = 1.0 + size**2 * length
            exponent = np.minimum(squares * (size**2 / (2.0 * spread)), GREATEST)
            out += np.exp(exponent, out=exponent) / (np.sqrt(spread) * len(SIZES))
        return np.asarray(out)
