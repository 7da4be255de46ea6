"""Series by hand: what the metrics would have measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from watchkeeper.metrics import METRICS, Estimate, Series
from watchkeeper.metrics.intervals import wilson
from watchkeeper.verdicts import Windows

DAY = 86_400_000_000
JULY = 1_372_636_800_000_000  # 1 July 2013, µs


def days(count: int, start: int = JULY) -> Windows:
    starts = start + DAY * np.arange(count)
    return Windows(count, starts, starts + DAY, "time")


def proportion(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Estimate:
    k, n = np.broadcast_arrays(np.atleast_1d(successes).astype(float), np.atleast_1d(trials).astype(float))
    low, high = wilson(k, n, confidence)
    with np.errstate(invalid="ignore"):
        value = np.where(n > 0, k / n, np.nan)
    return Estimate(value, low, high, n.astype(np.int64))


def rate(
    metric: str,
    successes: ArrayLike,
    trials: ArrayLike,
    reference: tuple[int, int] | None = None,
    *,
    column: str | None = None,
    segment: tuple[str, str] | None = None,
    windows: Sequence[float] | None = None,
    judged: float | None = None,
) -> Series:
    """A series of a rate; ``judged`` is the confidence at which it is measured again."""
    by, value = segment or (None, None)
    return Series(
        METRICS[metric],
        column,
        by,
        value,
        proportion(successes, trials),
        None if reference is None else proportion(*reference),
        None if windows is None else np.array(windows, dtype=float),
        None if judged is None else proportion(successes, trials, judged),
    )


def plain(metric: str, values: Sequence[float], column: str | None = None) -> Series:
    """A series without intervals."""
    value = np.array(values, dtype=float)
    nothing = np.full(len(value), np.nan)
    return Series(
        METRICS[metric], column, None, None, Estimate(value, nothing, nothing, np.full(len(value), 100))
    )
