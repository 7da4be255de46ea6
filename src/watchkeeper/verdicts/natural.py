"""Natural: how much the reference's own windows differ, which no alarm is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Series
from watchkeeper.metrics.intervals.tails import normal_score, student_score

__all__ = ["LEAST_WINDOWS", "bias_of_windows", "natural_range", "tolerated"]

Floats = NDArray[np.float64]

LEAST_WINDOWS = 2  # from which their range and spread say what is natural
PRIOR = 4  # windows that chance counts for: measured with 2 to 30, power grows with them and false alarms stay rare


def natural_range(series: Series) -> tuple[float, float] | None:
    """The least and greatest value in the reference's own windows, None where there is only one."""
    known = _known(series)
    return (float(known.min()), float(known.max())) if len(known) >= LEAST_WINDOWS else None


def tolerated(series: Series, confidence: float) -> tuple[Floats, Floats]:
    """(W,) between these a value is natural; (inf, -inf) where there are too few windows to say what is.

    The range of the reference's windows, widened to Student's t prediction interval for one more like them. The
    range alone would let one in G + 1 windows alarm wherever windows differ by more than chance: measured with 20
    accuracies, day effects of 4 points and 90 reference windows, 1.0 % of all numbers; with the prediction
    interval 0.03 %.

    Few windows tell their own spread badly: what chance gives counts for 4 more (a moderated variance, Smyth 2004,
    Linear models and empirical Bayes methods, Stat. Appl. Genet. Mol. Biol. 3).
    """
    natural, known, width = natural_range(series), _known(series), len(series.estimate.value)
    if natural is None:
        return np.full(width, np.inf), np.full(width, -np.inf)
    own, chance = len(known) - 1, _chance_variance(series)
    prior = np.where(np.isfinite(chance), PRIOR, 0)
    freedom = own + prior
    variance = (own * known.var(ddof=1) + prior * np.where(prior > 0, chance, 0)) / freedom
    score = np.array([float(student_score(int(f), confidence)) for f in (own, own + PRIOR)])
    half = np.where(prior > 0, score[1], score[0]) * np.sqrt(variance * (1 + 1 / len(known)))
    return np.minimum(natural[0], known.mean() - half), np.maximum(natural[1], known.mean() + half)


def _chance_variance(series: Series) -> Floats:
    """(W,) squared standard error of each window's value; NaN where it has no interval, infinite where that is open."""
    estimate = series.estimate
    return np.asarray(((estimate.high - estimate.low) / (2 * normal_score(0.95))) ** 2)


def bias_of_windows(series: Series) -> Floats:
    """(W,) what chance gives a distance in a window of the reference, from what it gives in the window judged.

    Distances under the null go with the root of 1/n plus or minus 1/N (plus where the N rows of the reference are
    others than the n of the window, minus where they hold them), so that windows of unlike size can be compared by
    what they have above it. The reference's windows are taken to be equally long.
    """
    bias = series.estimate.bias
    if bias is None or series.reference is None:
        raise ValueError("only a distance to a reference has a bias")
    rows = np.maximum(series.estimate.count, 1).astype(np.float64)
    whole = max(float(series.reference.count[0]), 1.0)
    windows = max(len(_known(series)), 1)
    return np.asarray(bias * np.sqrt((windows - 1) / whole / (1 / rows + 1 / whole)))


def _known(series: Series) -> Floats:
    windows = series.reference_windows
    return np.empty(0) if windows is None else windows[~np.isnan(windows)]
