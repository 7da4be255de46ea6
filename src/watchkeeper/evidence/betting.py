"""Betting: evidence against a line that a number must not cross, without any reference."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence.change import GREATEST, Change

__all__ = ["Betting", "Leaning"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LEANS = (0.25, 0.5, 1.0, 2.0, 4.0)  # how far beyond the line, in standard errors of a window
STEPS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # how far beyond the line the bets are laid, in log odds


class Betting(Change):
    """Evidence that a rate lies beyond a line p₀: bets on each row that pay off where the rate is worse.

    A bet on p₁ beyond p₀ turns each unit into (p₁/p₀)^x ((1 − p₁)/(1 − p₀))^(1 − x) on a row x in [0, 1]. While the
    rows' mean given all before is on the right side of p₀, no bet is expected to win, whatever the rows depend on; the
    mean over several bets, and over the window at which they begin, is an e-process.

    Parameters
    ----------
    hits, rows : (S, T) how many of the rows of each window
    line : p₀, in (0, 1)
    wrong : the side of the line that is wrong

    Notes
    -----
    Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables by betting, JRSS B 86.
    """

    def __init__(self, hits: Floats, rows: Floats, line: float, wrong: Literal["below", "above"]) -> None:
        self.series, self.windows = hits.shape
        odds = np.log(line / (1.0 - line))
        sign = -1.0 if wrong == "below" else 1.0
        bets = 1.0 / (1.0 + np.exp(-(odds + sign * np.asarray(STEPS))))
        self._gain, self._loss = np.log(bets / line), np.log((1.0 - bets) / (1.0 - line))
        start = np.zeros((self.series, 1))
        self._hits = np.concatenate([start, np.cumsum(hits, axis=1)], axis=1)
        self._misses = np.concatenate([start, np.cumsum(rows - hits, axis=1)], axis=1)

    def _factors(self, windows: Ints, rows: slice) -> Floats:
        hits, misses = (
            part[rows][:, windows, None] - part[rows, None, : windows.max()]
            for part in (self._hits, self._misses)
        )
        out = np.zeros_like(hits)
        for gain, loss in zip(self._gain, self._loss, strict=True):
            out += np.exp(np.minimum(gain * hits + loss * misses, GREATEST)) / len(STEPS)
        return np.asarray(out)


class Leaning(Change):
    """Evidence that a number lies beyond a line, where windows are only known as a value and its standard error.

    exp(λz − λ²/2) for each window that lies z standard errors beyond the line: an e-value where windows err normally
    around a truth on the right side of it.

    Parameters
    ----------
    beyond : (S, T) how many standard errors each window lies on the wrong side; negative on the right one
    """

    def __init__(self, beyond: Floats) -> None:
        self.series, self.windows = beyond.shape
        self._sums = np.concatenate([np.zeros((self.series, 1)), np.cumsum(beyond, axis=1)], axis=1)

    def _factors(self, windows: Ints, rows: slice) -> Floats:
        sums = self._sums[rows][:, windows, None] - self._sums[rows, None, : windows.max()]
        length = windows[:, None] - np.arange(windows.max())
        out = np.zeros_like(sums)
        for lean in LEANS:
            out += np.exp(np.minimum(lean * sums - 0.5 * lean**2 * length, GREATEST)) / len(LEANS)
        return np.asarray(out)
