"""Ranks: evidence that holds for exchangeable windows, however they are distributed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from watchkeeper.evidence.change import GREATEST, Departure, blocks, spans
from watchkeeper.evidence.starts import start_weights

__all__ = ["Ranks", "normal_scores"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

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
    below, equal = np.empty((2, series, windows))
    for rows, some in blocks(series, windows, every):
        first = reference + some.start
        own, earlier = values[rows, first : reference + some.stop], values[rows, None, :first]
        below[rows, some] = np.count_nonzero(earlier < own[:, :, None], axis=2)
        equal[rows, some] = np.count_nonzero(earlier == own[:, :, None], axis=2)
        among = np.tri(
            own.shape[1], k=-1, dtype=bool
        )  # of windows that are looked at together, the earlier ones
        if among.any():
            below[rows, some] += np.count_nonzero((own[:, None] < own[:, :, None]) & among, axis=2)
            equal[rows, some] += np.count_nonzero((own[:, None] == own[:, :, None]) & among, axis=2)
    return _deviates(below, equal + 1.0, reference + 1.0 + np.arange(windows))


def _deviates(below: Floats, equal: Floats, count: Floats | float) -> Floats:
    """The mean of a standard normal over the stretch that a rank stands for: l smaller ones, e equal ones, of N."""
    low, high = _density(below / count), _density((below + equal) / count)
    return np.asarray((low - high) * count / equal)


def _density(probability: Floats) -> Floats:
    """The standard normal density at this quantile."""
    return np.asarray(np.exp(-0.5 * ndtri(probability) ** 2) / np.sqrt(2 * np.pi))


class Ranks(Departure):
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
        self._values, self._reference = values, reference
        self._sums = np.concatenate([np.zeros((self.series, 1)), np.cumsum(self.scores, axis=1)], axis=1)

    def _factors(self, windows: Ints, rows: slice) -> Floats:
        sums, last = self._sums[rows], int(windows.max())
        length = np.maximum(windows[:, None] - np.arange(last), 1)
        return _mixed(sums[:, windows, None] - sums[:, None, :last], length)

    def lasting(self, start: int, rows: slice) -> Floats:
        normal = np.sort(self._values[rows, : self._reference + start], axis=1)
        later = self._values[rows, self._reference + start :]
        below, upto = (
            np.stack([np.searchsorted(n, x, side) for n, x in zip(normal, later, strict=True)])
            for side in ("left", "right")
        )
        scores = _deviates(below, upto - below + 1.0, normal.shape[1] + 1.0)
        return np.log(_mixed(np.cumsum(scores, axis=1), 1 + np.arange(later.shape[1])))

    def _ceilings(self, rows: slice) -> Floats:
        sums, begun = self._sums[rows], np.append(0.0, np.cumsum(start_weights(self.windows)))
        out = np.zeros((len(sums), self.windows))
        for windows, first, last, most, least in spans(sums):
            now = sums[:, windows]
            factors = _mixed(np.maximum(now - least, most - now), windows - last)
            out[:, windows - 1] += (begun[last + 1] - begun[first]) * factors
        return out


def _mixed(sums: Floats, length: Ints) -> Floats:
    """The mean over sizes of the factor of a shift, from Z and k."""
    squares = np.square(sums)
    out = np.zeros_like(squares)
    for size in SIZES:
        spread = 1.0 + size**2 * length
        exponent = squares * (size**2 / (2.0 * spread))
        np.minimum(exponent, GREATEST, out=exponent)
        np.exp(exponent, out=exponent)
        exponent *= 1.0 / (np.sqrt(spread) * len(SIZES))
        out += exponent
    return out
