"""Calibrate: the probability that a score stands for, by what happened in the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.link import logit, sigmoid

__all__ = ["Beta", "Calibrator", "Isotonic", "Plain", "calibrator_for"]

Floats = NDArray[np.float64]
FOLDS = 5
BINS = 20  # of equal weight, on which calibration is compared
EDGE = 1e-6
LEVEL = 0.05
LEAST = 10.0  # rows of either class, below which no curve is told from chance


@dataclass(frozen=True)
class Plain:
    """The score as it is."""

    def __call__(self, score: Floats) -> Floats:
        return np.asarray(score)


@dataclass(frozen=True)
class Isotonic:
    """The non-decreasing curve of least squares, linear between its knots and level beyond them.

    Source: Zadrozny and Elkan (2002); equals sklearn.isotonic.IsotonicRegression(out_of_bounds="clip").

    >>> Isotonic.fit(np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.0, 1.0]), np.ones(3))(np.array([0.0, 0.2, 0.9]))
    array([0.5, 0.5, 1. ])
    """

    knots: Floats
    values: Floats

    @classmethod
    def fit(cls, score: Floats, happened: Floats, rows: Floats) -> Isotonic:
        """Score (m,) ascending, positives and rows of each."""
        from scipy.optimize import isotonic_regression

        score, happened, rows = _distinct(score, happened, rows)
        values = isotonic_regression(happened / rows, weights=rows).x
        return cls(score, np.asarray(values, dtype=np.float64))

    def __call__(self, score: Floats) -> Floats:
        return np.asarray(np.interp(score, self.knots, self.values))


@dataclass(frozen=True)
class Beta:
    """logit p = a·log(s) − b·log(1 − s) + c with a, b ≥ 0 as far as the data say so.

    Source: Kull, Silva Filho and Flach (2017), "Beta calibration".
    """

    weights: tuple[float, float, float]

    @classmethod
    def fit(cls, score: Floats, happened: Floats, rows: Floats) -> Beta:
        x = _beta_columns(score)
        theta, ridge = np.array([1.0, 1.0, 0.0]), 1e-3 * np.eye(3)
        start = theta.copy()
        for _ in range(50):
            p = sigmoid(x @ theta)
            slope = x.T @ (happened - rows * p) - ridge @ (theta - start)
            curve = (x * (rows * p * (1 - p))[:, None]).T @ x + ridge
            step = np.linalg.solve(curve, slope)
            theta = theta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
            if np.abs(step).max() < 1e-8:
                break
        return cls((float(theta[0]), float(theta[1]), float(theta[2])))

    def __call__(self, score: Floats) -> Floats:
        return sigmoid(_beta_columns(score) @ np.array(self.weights))


Calibrator = Plain | Isotonic | Beta


def _beta_columns(score: Floats) -> Floats:
    s = np.clip(score, EDGE, 1 - EDGE)
    return np.stack([np.log(s), -np.log1p(-s), np.ones_like(s)], axis=1)


def _distinct(score: Floats, happened: Floats, rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Ascending scores, each once."""
    order = np.argsort(score, kind="stable")
    score, happened, rows = score[order], happened[order], rows[order]
    first = np.flatnonzero(np.diff(score, prepend=-np.inf))
    return score[first], np.add.reduceat(happened, first), np.add.reduceat(rows, first)


def calibrator_for(score: Floats, negative: Floats, positive: Floats) -> Calibrator:
    """The calibration that cross-validation finds best; scores as they are where nothing is wrong with them.

    Parameters
    ----------
    score : (m,) distinct or not
    negative, positive : (m,) rows (or weights) of either class with that score

    Notes
    -----
    Compared is the squared calibration error on 20 bins of equal weight, over five folds of the rows; each row of a
    score goes to a fold by a fixed rule, so the choice is the same every time. Scores that pass for calibrated (Hosmer
    and Lemeshow's test on those bins, at 5 %) are left alone: what another curve gains there is noise.
    """
    score, positive, rows = _distinct(score, positive, negative + positive)
    negative = rows - positive
    if min(positive.sum(), negative.sum()) < LEAST:
        return Plain()
    no, yes = _folds(negative), _folds(positive)
    fits: dict[str, Callable[[Floats, Floats, Floats], Calibrator]] = {
        "plain": lambda *_: Plain(), "beta": Beta.fit, "isotonic": Isotonic.fit,
    }  # fmt: skip
    if _plausible(score, positive, rows):
        return Plain()
    errors = {name: _error(score, no, yes, fit) for name, fit in fits.items()}
    best = min(errors, key=lambda name: errors[name])
    used = rows > 0
    return fits[best](score[used], positive[used], rows[used])


def _folds(amount: Floats) -> Floats:
    """(FOLDS, m) the amount dealt out like cards, one after the other."""
    end = np.cumsum(amount)
    start = end - amount
    dealt = [
        np.floor((end + FOLDS - 1 - f) / FOLDS) - np.floor((start + FOLDS - 1 - f) / FOLDS)
        for f in range(FOLDS)
    ]
    whole = np.allclose(amount, np.rint(amount))
    return np.stack(dealt) if whole else np.tile(amount / FOLDS, (FOLDS, 1))


def _error(
    score: Floats, negative: Floats, positive: Floats, fit: Callable[[Floats, Floats, Floats], Calibrator]
) -> float:
    """Squared calibration error of the rows that each fold's calibration has not seen."""
    said, fell, weight = [], [], []
    for fold in range(FOLDS):
        rest = np.arange(FOLDS) != fold
        happened, rows = positive[rest].sum(axis=0), (negative + positive)[rest].sum(axis=0)
        seen = rows > 0
        here = negative[fold] + positive[fold]
        tested = here > 0
        said.append(fit(score[seen], happened[seen], rows[seen])(score[tested]))
        fell.append(positive[fold][tested])
        weight.append(here[tested])
    p, y, n = np.concatenate(said), np.concatenate(fell), np.concatenate(weight)
    mass, gap, _ = _by_bin(p, y, n)
    return float(np.sum(gap**2 / np.maximum(mass, 1e-12)) / n.sum())


def _by_bin(p: Floats, happened: Floats, rows: Floats) -> tuple[Floats, Floats, Floats]:
    """(BINS,) rows, positives beyond what p says, and the variance of that; bins of equal weight."""
    order = np.argsort(p, kind="stable")
    p, happened, rows = p[order], happened[order], rows[order]
    place = np.minimum((np.cumsum(rows) - rows / 2) / rows.sum() * BINS, BINS - 1).astype(np.intp)
    sums = (np.bincount(place, w, BINS) for w in (rows, happened - rows * p, rows * p * (1 - p)))
    mass, gap, noise = (np.asarray(part, dtype=np.float64) for part in sums)
    return mass, gap, noise


def _plausible(score: Floats, happened: Floats, rows: Floats) -> bool:
    """Whether the scores may be the probabilities of what happened."""
    from scipy.special import chdtrc

    _, gap, noise = _by_bin(score, happened, rows)
    if ((noise <= 0) & (np.abs(gap) > 0)).any():
        return False
    some = noise > 0
    with np.errstate(over="ignore"):
        return bool(chdtrc(some.sum(), np.sum(gap[some] ** 2 / noise[some])) > LEVEL)


def shifted(p: Floats, by: Floats) -> Floats:
    """Probabilities with their log-odds moved; certain ones stay what they are."""
    moved = sigmoid(logit(p, 1e-12) + by)
    return np.where((p <= 0) | (p >= 1), p, moved)
