"""Lasting: whether a shift that lasts is one alarm, how soon one that ends is over, and whether it comes back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.trust.delays import ALPHA, FEATURE
from watchkeeper.evidence import Readings, earn

STREAMS, WINDOWS = 60, 365
START, END = 50, 110  # of a shift, in windows since the reference


def alarms(values: NDArray[np.float64], reference: int, independent: bool) -> NDArray[np.bool_]:
    """(S, T) where these streams of windows are in alarm."""
    rows = np.full(values.shape[1], 1000.0)
    every = [Readings(v[None], rows, np.zeros(1), np.ones(1), reference) for v in values]
    earned = earn(every, [ALPHA * FEATURE] * len(every), independent)
    return np.stack([e.alarm for e in earned if e is not None])


def line(independent: bool, reference: int, size: float, seed: int = 7) -> str:
    """A line of markdown; the shift in standard deviations of a window."""
    lasting, ending = np.random.default_rng(seed).normal(size=(2, STREAMS, reference + WINDOWS))
    lasting[:, reference + START :] += size
    ending[:, reference + START : reference + END] += size
    stays = alarms(lasting, reference, independent)
    holes = int((np.diff(stays.astype(int), axis=1) == -1).any(axis=1).sum())
    ends = alarms(ending, reference, independent)
    after = ends[ends[:, :END].any(axis=1), END:]
    over = np.argmin(after, axis=1)
    again = sum(bool(later[first:].any()) for later, first in zip(after, over, strict=True))
    mode = "independent" if independent else "exchangeable"
    told = f"{stays.any(axis=1).sum()} | {holes} | {len(after)} | {np.median(over) + 1:g} | {again}"
    return f"| {mode} | {reference} | {size:g} | {told} |"


def table() -> None:
    """Lines of markdown."""
    print("| mode | reference windows | shift | told | with a hole | ending: told | over after | again |")
    print("|---" * 8 + "|")
    for independent in (False, True):
        for reference in (30, 100):
            for size in (1.0, 2.0, 4.0):
                print(line(independent, reference, size), flush=True)


if __name__ == "__main__":
    table()
