"""Located: when a change that alarms began, how large it is, and of which kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kind", "Located", "locate"]

Floats = NDArray[np.float64]
Kind = Literal["shift", "trend"]

CLEARER = 2.0  # nats by which a ramp must fit better than a step to be called a trend
LEAST_TREND = 6  # windows of a change before its shape is spoken of


@dataclass(frozen=True)
class Located:
    """Where a change lies among the watched windows.

    Attributes
    ----------
    start : position of the window at which it most probably began, from 0
    earliest, latest : positions between which it began with 95 % probability
    size, low, high : mean of the windows since then less the mean of those before, with its 95 % interval
    kind : "shift" (at once) or "trend" (little by little)
    """

    start: int
    earliest: int
    latest: int
    size: float
    low: float
    high: float
    kind: Kind

    def at(self, places: NDArray[np.intp]) -> Located:
        """The same change with its positions told as those of other windows."""
        start, earliest, latest = (int(places[i]) for i in (self.start, self.earliest, self.latest))
        return replace(self, start=start, earliest=earliest, latest=latest)


def locate(posterior: Floats, values: Floats, reference: Floats) -> Located:
    """Locate a change seen from window t.

    Parameters
    ----------
    posterior : (t,) probability of each start
    values : (t,) the number's value in the watched windows up to t
    reference : (G,) its values in the reference's windows
    """
    t = len(values)
    reached = np.cumsum(posterior)
    earliest, latest = (int(np.searchsorted(reached, q)) for q in (0.025, 0.975))
    start = int(np.argmax(posterior))
    size, low, high = _size(posterior, values, reference)
    kind: Kind = "trend" if _is_trend(values, reference) else "shift"
    return Located(start, earliest, min(latest, t - 1), size, low, high, kind)


def _size(posterior: Floats, values: Floats, reference: Floats) -> tuple[float, float, float]:
    """Mean and 95 % interval of the difference, mixed over the start."""
    t, before = len(values), len(reference) + np.arange(len(values))
    after = t - np.arange(t)
    total = np.concatenate([[0.0], np.cumsum(values)])
    differences = (total[t] - total[:t]) / after - (reference.sum() + total[:t]) / before
    noise = _noise(values, reference)
    variances = noise * (1.0 / after + 1.0 / before)
    mean = float(posterior @ differences)
    spread = 1.96 * float(np.sqrt(posterior @ (variances + (differences - mean) ** 2)))
    return mean, mean - spread, mean + spread


def _noise(values: Floats, reference: Floats) -> float:
    """Variance of a window, by the reference's; by all windows' where it has none."""
    return (
        float(reference.var(ddof=1))
        if len(reference) > 1
        else float(values.var(ddof=min(1, len(values) - 1)))
    )


def _is_trend(values: Floats, reference: Floats) -> bool:
    """Whether a ramp from some window on fits all windows better than a step there, with as many parameters."""
    if len(values) < LEAST_TREND:
        return False
    every = np.concatenate([reference, values])
    centred = every - every.mean()
    size, first = len(every), max(len(reference), 1)
    length = size - np.arange(first, size - 1, dtype=np.float64)  # windows from each start on
    steps = np.cumsum(centred[::-1])[::-1]
    ramps = np.cumsum(steps[::-1])[::-1]
    whole = centred @ centred
    step = whole - (steps[first:-1] ** 2 / (length - length**2 / size)).max()
    sums, squares = length * (length + 1) / 2, length * (length + 1) * (2 * length + 1) / 6
    ramp = whole - (ramps[first:-1] ** 2 / (squares - sums**2 / size)).max()
    return bool(ramp > 0 and 0.5 * size * np.log(step / ramp) > CLEARER)
