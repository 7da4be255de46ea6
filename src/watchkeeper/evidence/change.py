"""Change: the evidence that series changed at some window, mixed over which one it was."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence.starts import start_weights

__all__ = ["GREATEST", "Change"]

Floats = NDArray[np.float64]

GREATEST = 600.0  # nats at which evidence is cut, so that nothing overflows: e^600 alarms whatever its weight
BLOCK = 1 << 17  # numbers worked on at once: they stay in the processor's cache


class Change(ABC):
    """S series over T watched windows, each with a Bayes factor for a change at every window so far.

    Attributes
    ----------
    series, windows : S and T
    """

    series: int
    windows: int

    @abstractmethod
    def factors(self, window: int, rows: slice) -> Floats:
        """(S', t) Bayes factors of a change at windows 1 … t against none, seen from window t = ``window`` (from 1).

        Each is the likelihood ratio of a probability, or less than one, so its expectation is at most 1 where nothing
        changed. Cut at e^600.
        """

    def log_evidence(self, at: Sequence[int] | None = None, of: slice | None = None) -> Floats:
        """(S, len(at)) log E in nats at these windows (from 1; default: all), of these series (default: all).

        E_t = Σ_{j ≤ t} π_j B_{j,t} + (1 − Σ_{j ≤ t} π_j): a change that has not begun yet counts for 1.
        """
        at = range(1, self.windows + 1) if at is None else at
        weights = start_weights(max(at, default=0))
        begin, end, _ = (of or slice(None)).indices(self.series)
        out = np.empty((end - begin, len(at)))
        step = max(1, BLOCK // max(self.windows, 1))
        for first in range(begin, end, step):
            rows = slice(first, min(first + step, end))
            for position, window in enumerate(at):
                known = weights[:window]
                mixed = self.factors(window, rows) @ known + (1.0 - known.sum())
                out[first - begin : rows.stop - begin, position] = mixed
        return np.log(out, out=out)

    def posterior(self, window: int, of: slice | None = None) -> Floats:
        """(S, t) probability of a start at windows 1 … t, given that there is one; seen from ``window``."""
        weighted = self.factors(window, of or slice(None)) * start_weights(window)
        return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))
