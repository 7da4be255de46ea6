"""Student: evidence where the Model says that windows are independent; the finite reference is inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence.change import GREATEST, Departure, spans
from watchkeeper.evidence.starts import start_weights

__all__ = ["Student"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

SIZES = (1.0, 3.0, 10.0)  # prior standard deviations of a shift, in those of one window


class Student(Departure):
    """Evidence by a t mixture for values x_i ~ N(μ, φ c_i), with μ and log φ flat (right Haar).

    With N = G + t windows of weight 1/c_i, x centred by their weighted mean, A = Σ_{i = j..t} x_i / c_i,
    R = Σ x_i² / c_i, and K = w_j (W − w_j) / W (w_j the weight of windows j … t, W of all), a shift ~ N(0, g² φ)
    gives (1 + g²K)^−½ (1 − g²A² / ((1 + g²K) R))^−(N − 1)/2: the likelihood ratio of the maximal invariant, so its
    expectation is 1 whatever μ and φ are.

    Parameters
    ----------
    values : (S, G + T) reference windows first, finite
    reference : G, at least 2
    variances : (S, G + T) c_i up to a factor; default: all equal

    Notes
    -----
    Right Haar priors give test martingales: Pérez-Ortiz, Lardy, de Heide & Grünwald (2024), E-statistics, group
    invariance and anytime-valid testing, Annals of Statistics 52.
    """

    def __init__(self, values: Floats, reference: int, variances: Floats | None = None) -> None:
        self.series, every = values.shape
        self.windows, self._reference = every - reference, reference
        inverse = np.ones_like(values) if variances is None else 1.0 / variances
        inverse = inverse * (reference / inverse[:, :reference].sum(axis=1, keepdims=True))
        mean = (inverse * values)[:, :reference].mean(axis=1, keepdims=True)
        centred = values - mean  # only against rounding: what follows is invariant
        self._weight, self._sum, self._squares = (
            np.concatenate([np.zeros((self.series, 1)), np.cumsum(inverse * centred**power, axis=1)], axis=1)
            for power in (0, 1, 2)
        )

    def _factors(self, windows: Ints, rows: slice) -> Floats:
        last = self._reference + windows
        before = slice(self._reference, int(last.max()))
        total, sum_, squares = (
            part[rows][:, last, None] for part in (self._weight, self._sum, self._squares)
        )
        weight = np.maximum(total - self._weight[rows, None, before], 0.0)
        excess = (sum_ - self._sum[rows, None, before]) - weight * sum_ / total
        return _mixed(weight * (total - weight) / total, excess, squares - sum_**2 / total, last[:, None])

    def lasting(self, start: int, rows: slice) -> Floats:
        first = self._reference + start
        total, sum_, squares = (part[rows, first + 1 :] for part in (self._weight, self._sum, self._squares))
        weight = total - self._weight[rows, first, None]
        excess = (sum_ - self._sum[rows, first, None]) - weight * sum_ / total
        last = first + 1 + np.arange(total.shape[1])
        return np.log(_mixed(weight * (total - weight) / total, excess, squares - sum_**2 / total, last))

    def _ceilings(self, rows: slice) -> Floats:
        every = slice(self._reference, None)
        weights, sums, squares = (part[rows, every] for part in (self._weight, self._sum, self._squares))
        rests = squares - sums**2 / weights
        sums = sums - weights * (
            sums[:, -1:] / weights[:, -1:]
        )  # around the mean of all, their span is least
        begun = np.append(0.0, np.cumsum(start_weights(self.windows)))
        out = np.zeros((len(sums), self.windows))
        for windows, first, last, most, least in spans(sums):
            total, mean = weights[:, windows], sums[:, windows] / weights[:, windows]
            before = np.stack([weights[:, first], weights[:, last]])  # K is least at one end: it is concave
            spread = (before * (total - before) / total).min(axis=0)
            expected = before * mean
            excess = np.maximum(most - expected.min(axis=0), expected.max(axis=0) - least)
            factors = _mixed(spread, excess, rests[:, windows], self._reference + windows)
            out[:, windows - 1] += (begun[last + 1] - begun[first]) * factors
        return out


def _mixed(spread: Floats, excess: Floats, rest: Floats, windows: Ints) -> Floats:
    """The mean over sizes of the factor of a shift, from K, A, R and N."""
    rest = np.maximum(rest, np.finfo(float).tiny)
    out = np.zeros_like(excess)
    for size in SIZES:
        inflated = 1.0 + size**2 * spread
        share = np.minimum(size**2 * excess**2 / (inflated * rest), 1.0 - 1e-15)
        exponent = -0.5 * (windows - 1) * np.log1p(-share)
        out += np.exp(np.minimum(exponent, GREATEST)) / (np.sqrt(inflated) * len(SIZES))
    return out
