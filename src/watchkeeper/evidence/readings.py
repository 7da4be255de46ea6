"""Readings: one series as it enters its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_EXCHANGEABLE", "LEAST_INDEPENDENT", "LEAST_ROWS", "Readings"]

Floats = NDArray[np.float64]

LEAST_EXCHANGEABLE = 30  # reference windows: with fewer, ranks take too many windows to tell anything
LEAST_INDEPENDENT = 4
LEAST_ROWS = 30  # a window with fewer says too little to count


@dataclass(frozen=True)
class Readings:
    """One series as it enters its evidence: a few numbers for each window.

    Attributes
    ----------
    values : (P, G + T) reference windows first; NaN where there is none
    rows : (G + T,) rows behind each window
    unit : (P,) sampling variance of a value that rests on a single row; of n rows it is unit / n
    weights : (P,) share of each part in the series' evidence, summing to 1
    by_rank : values of no known distribution, judged by their ranks even where windows are independent
    places : (K, G + T) where a window lies, by any of which it may be far from all others; default: its first value
    """

    values: Floats
    rows: Floats
    unit: Floats
    weights: Floats
    reference: int
    by_rank: bool = False
    places: Floats | None = None

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(G + T,) windows that count."""
        return np.asarray(np.isfinite(self.values).all(axis=0) & (self.rows >= LEAST_ROWS))

    @cached_property
    def varies(self) -> bool:
        """Whether any two windows that count differ: nothing can be learned of what is always the same."""
        values = self.values[:, self.known]
        return bool((values != values[:, :1]).any())

    @property
    def references(self) -> int:
        """How many windows of the reference count."""
        return int(self.known[: self.reference].sum())

    def needed(self, independent: bool) -> int:
        """How many windows what is normal has to be known from."""
        return LEAST_INDEPENDENT if independent and not self.by_rank else LEAST_EXCHANGEABLE

    def enough(self, independent: bool) -> bool:
        """Whether its reference has windows enough to earn evidence by."""
        return self.references >= self.needed(independent)

    def without(self, windows: NDArray[np.bool_]) -> Readings:
        """Without these (T,) watched windows."""
        if not windows.any():
            return self
        rows = self.rows.copy()
        rows[self.reference :][windows] = 0.0
        return replace(self, rows=rows)

    def variances(self, references: int) -> Floats:
        """(P, G + T) what a window's value varies by: chance, and how much more the reference's differ (by moments).

        Parameters
        ----------
        references : how many of the windows that count are known to be normal
        """
        chance = self.unit[:, None] / np.maximum(self.rows, 1.0)
        own = self.known & (np.cumsum(self.known) <= references)
        between = self.values[:, own].var(axis=1, ddof=1) - chance[:, own].mean(axis=1)
        return np.asarray(np.maximum(between, 0.0)[:, None] + chance)
