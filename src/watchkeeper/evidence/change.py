"""Change: the evidence that series changed at some window, mixed over which one it was."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence.starts import start_weights

__all__ = ["BLOCK", "GREATEST", "Change", "Departure", "blocks", "spans"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

GREATEST = 600.0  # nats at which evidence is cut, so that nothing overflows: e^600 alarms whatever its weight
BLOCK = 1 << 16  # numbers worked on at once: they stay in the processor's cache


def blocks(series: int, windows: int, every: int) -> Iterator[tuple[slice, slice]]:
    """Series and windows of which so many can be worked on at once, where each pair takes ``every`` numbers."""
    rows = max(1, min(series, BLOCK // max(every, 1)))
    columns = max(1, BLOCK // max(rows * every, 1))
    for first in range(0, series, rows):
        for window in range(0, windows, columns):
            yield slice(first, min(first + rows, series)), slice(window, min(window + columns, windows))


def spans(sums: Floats) -> Iterator[tuple[Ints, Ints, Ints, Floats, Floats]]:
    """Changes of 1, of 2 to 3, of 4 to 7 windows and so on, with what their sums lie between, at the cost of two each.

    Parameters
    ----------
    sums : (S, T + 1) cumulative, from 0 watched windows on

    Yields
    ------
    (m,) windows (from 1) that such a change can be seen from, positions of its first and last start, and (S, m) the
    greatest and the least sum before any of these starts
    """
    windows, most, least = sums.shape[1] - 1, sums, sums
    upper, lower = np.maximum.accumulate(sums, axis=1), np.minimum.accumulate(sums, axis=1)
    for length in (2**power for power in range(windows.bit_length())):
        seen = np.arange(length, windows + 1)
        last, first = seen - length, np.maximum(seen - 2 * length + 1, 0)
        whole = seen >= 2 * length - 1
        greatest = np.where(whole, most[:, first], upper[:, last])
        yield seen, first, last, greatest, np.where(whole, least[:, first], lower[:, last])
        most = np.maximum(most[:, length:], most[:, :-length])
        least = np.minimum(least[:, length:], least[:, :-length])


class Change(ABC):
    """S series over T watched windows, each with a Bayes factor for a change at every window so far.

    Attributes
    ----------
    series, windows : S and T
    """

    series: int
    windows: int

    def factors(self, windows: Ints, rows: slice) -> Floats:
        """(S', m, t) Bayes factors of a change at windows 1 … t against none, seen from m windows (from 1).

        Each is the likelihood ratio of a probability, or less than one, so its expectation is at most 1 where nothing
        changed. Cut at e^600; 0 for a change that begins after the window that it is seen from.
        """
        out = self._factors(windows, rows)
        if len(windows) > 1:
            out *= np.arange(out.shape[2]) < windows[:, None]
        return out

    @abstractmethod
    def _factors(self, windows: Ints, rows: slice) -> Floats:
        """Factors, any finite number for a change that begins later."""

    def log_evidence(self, at: Sequence[int] | None = None, of: slice | None = None) -> Floats:
        """(S, len(at)) log E in nats at these windows (from 1; default: all), of these series (default: all).

        E_t = Σ_{j ≤ t} π_j B_{j,t} + (1 − Σ_{j ≤ t} π_j): a change that has not begun yet counts for 1.
        """
        windows = np.asarray(range(1, self.windows + 1) if at is None else at, dtype=np.intp)
        weights = start_weights(int(windows.max(initial=0)))
        begun = np.cumsum(weights)
        begin, end, _ = (of or slice(None)).indices(self.series)
        out = np.empty((end - begin, len(windows)))
        for rows, some in blocks(end - begin, len(windows), self.windows):
            factors = self.factors(windows[some], slice(begin + rows.start, begin + rows.stop))
            out[rows, some] = factors @ weights[: factors.shape[2]] + (1.0 - begun[windows[some] - 1])
        return np.log(out, out=out)


class Departure(Change):
    """A change against windows of a reference, which come first."""

    @abstractmethod
    def lasting(self, start: int, rows: slice) -> Floats:
        """(S', T − start) log of the factor of a change that began at position ``start``, seen from there on.

        What it is compared with are the windows before it alone: those of a change that lasts would count as normal
        after a while.
        """

    def ceiling(self) -> Floats:
        """(S,) what log E does not exceed in any window: cheap, and seldom far above where nothing changed."""
        every = [
            self._ceilings(rows).max(axis=1, initial=0.0) for rows, _ in blocks(self.series, 1, self.windows)
        ]
        return np.asarray(np.log1p(np.concatenate(every)))

    @abstractmethod
    def _ceilings(self, rows: slice) -> Floats:
        """(S', T) what Σ π_j B_{j,t} does not exceed."""
