"""Sides: of the same sampled rows what happened and what was expected of them, over any part of them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sides"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Sides(Protocol):
    """What happened to n sampled rows, and what the reference lets expect.

    Attributes
    ----------
    known : (n,) rows that can be counted and whose outcome is known
    usable : (n,) rows that can be counted
    """

    @property
    def known(self) -> Flags: ...

    @property
    def usable(self) -> Flags: ...

    def happened(self, metric: str, rows: Flags) -> float:
        """The metric over these rows, all of them ``known``; NaN where it has none."""

    def expected(self, metric: str, rows: Flags, corrected: bool = True) -> float:
        """What it should be over these rows, all of them ``usable``, if only the inputs moved; ``corrected`` for what
        their features say beyond the score, or (of a regression) beyond the mean of the reference."""

    def losses(self, metric: str) -> tuple[Floats, Floats]:
        """(n,) what each row loses that adds up over rows, as it happened (NaN where unknown) and as expected.

        Errors of a classification; of a regression what the metric is a mean of, else the absolute error.
        """
