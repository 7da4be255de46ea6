"""Log-odds and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["logit", "sigmoid"]

Floats = NDArray[np.float64]


def logit(p: Floats, least: float = 1e-6) -> Floats:
    """Log-odds of probabilities drawn in to [least, 1 − least]."""
    inside = np.clip(p, least, 1 - least)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def sigmoid(x: Floats) -> Floats:
    """The probability of log-odds.

    >>> sigmoid(np.array([-800.0, 0.0])).tolist()
    [0.0, 0.5]
    """
    from scipy.special import expit

    return np.asarray(expit(x))
