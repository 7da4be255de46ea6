"""Sampled: rows of both sides, for what no profile tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation import Sample

__all__ = ["Sampled", "Taken"]


class Sampled(Protocol):
    """Where sampled rows come from, each asked for only where it is needed."""

    def learned(self) -> Sample | None:
        """Of the reference; None where there is nothing to learn from."""

    def estimated(self) -> Sample | None:
        """Of the windows whose performance is to be told before the truth; None where there are none."""

    def explained(self, starts: NDArray[np.int64]) -> Sample | None:
        """Of the windows that start then."""


@dataclass(frozen=True)
class Taken:
    """Rows that were sampled in the pass that counted them."""

    reference: Sample
    current: Sample

    def learned(self) -> Sample:
        return self.reference

    def estimated(self) -> Sample:
        return self.current

    def explained(self, starts: NDArray[np.int64]) -> Sample:
        return self.current
