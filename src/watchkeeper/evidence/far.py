"""Far: a window so far from all before it that it need not be seen twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from watchkeeper.evidence.starts import start_weights

__all__ = ["far"]

Floats = NDArray[np.float64]

FREEDOM = 4  # degrees of freedom of the Student t whose windows may lie as far as they do
SCALE = 0.85  # of a sample's standard deviation, which is √2 scales of such a t
SMALL = 8  # windows of which the deviation itself is a guess, by Student's t of as many windows less one


def far(values: Floats, reference: int, alpha: Floats) -> NDArray[np.bool_]:
    """(S, T) windows that lie so far from all calm ones before them as no Student t with 4 degrees of freedom would.

    No method can tell a break by ranks: among 100 merely exchangeable windows a record has probability 1/101. This
    rule assumes more, that windows vary with tails no heavier than those of a t with 4 degrees of freedom. What is
    far is not counted among what is normal afterwards, so that a break that lasts is told in each of its windows.

    Parameters
    ----------
    values : (S, G + T) reference windows first, finite
    alpha : (S,) probability that any of a series' windows, however many come, is told falsely; spent over them by
        ``start_weights``
    """
    windows = values.shape[1] - reference
    tails = 0.5 * alpha[:, None] * start_weights(windows)
    limits = -stdtrit(FREEDOM, tails) * SCALE
    own = values[:, :reference]
    centre = own.mean(axis=1)
    count = np.full(len(values), float(reference))
    total, square = np.zeros(len(values)), ((own - centre[:, None]) ** 2).sum(axis=1)
    out = np.zeros((len(values), windows), dtype=bool)
    for t in range(windows):
        value = values[:, reference + t] - centre
        mean = total / count
        variance = np.maximum(square / count - mean**2, 0.0) * count / (count - 1)
        # windows that never differed say nothing of how far is far: ranks and exact tests speak for them
        limit = limits[:, t] if count.min() >= SMALL else _of_few(tails[:, t], count, limits[:, t])
        told = (variance > 0) & (np.abs(value - mean) > limit * np.sqrt(variance * (1 + 1 / count)))
        out[:, t] = told
        count, total, square = count + ~told, total + ~told * value, square + ~told * value**2
    return out


def _of_few(tails: Floats, count: Floats, many: Floats) -> Floats:
    """(S,) how many deviations are far, where some were taken of few windows."""
    few = -stdtrit(np.minimum(FREEDOM, count - 1), tails)
    return np.asarray(np.where(count < SMALL, few, many))
