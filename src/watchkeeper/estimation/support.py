"""Support: whether a window's rows lie where the reference has rows to learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.coding import Coding
from watchkeeper.estimation.sample import Sample

__all__ = ["Support", "support_of"]

MUCH = 0.02  # of a window's rows, more than usual, beyond the reference, from which on its estimates carry a warning


@dataclass(frozen=True)
class Support:
    """How much of each window lies outside the reference.

    Attributes
    ----------
    outside : (W,) share of the sampled rows with a value, or two together, that the reference never had; NaN
        without rows
    column : (W,) the feature that most of them are outside by, or None
    usual : the share that lies outside where nothing changed, because the reference is finite
    """

    outside: NDArray[np.float64]
    column: tuple[str | None, ...]
    usual: float = 0.0

    @property
    def warned(self) -> NDArray[np.bool_]:
        """(W,) windows whose estimates are extrapolation."""
        return np.asarray(np.nan_to_num(self.outside) > self.usual + MUCH)


def support_of(coding: Coding, samples: Sample, windows: NDArray[np.int64]) -> Support:
    """Of each window that starts at ``windows``."""
    unseen = coding.unseen(samples)
    outside, columns = np.full(len(windows), np.nan), []
    for w, start in enumerate(windows):
        first, end = np.searchsorted(samples.window, [start, start + 1])
        here = unseen[:, first:end]
        if end > first:
            outside[w] = here.any(axis=0).mean() if len(here) else 0.0
        most = here.sum(axis=1)
        columns.append(samples.features[int(most.argmax())] if most.any() else None)
    return Support(outside, tuple(columns), coding.usual)
