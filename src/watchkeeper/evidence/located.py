"""Located: when a change that alarms began, how large it is, and of which kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kind", "Located", "locate"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.intp]
Kind = Literal["shift", "trend"]

CLEARER = 2.0  # nats by which a ramp must fit better than a step to be called a trend
EXACT = 1e-12  # of the sum of squares: what rounding leaves of a perfect fit
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


def locate(
    posterior: Floats, windows: Ints, values: Floats, reference: Floats, places: Ints
) -> Iterator[Located]:
    """Locate a change as it is seen from each of m windows.

    Parameters
    ----------
    posterior : (m, t) probability of each start, 0 after the window that it is seen from
    windows : (m,) positions of these windows, all below t
    values : (t,) the number's value in the watched windows
    reference : (G,) its values in the windows that are normal
    places : (t,) as which positions the windows are told
    """
    reached = np.cumsum(posterior, axis=1)
    earliest, latest = ((reached < q).sum(axis=1) for q in (0.025, 0.975))
    latest = np.minimum(latest, windows)
    starts = np.stack([np.argmax(posterior, axis=1), earliest, latest])
    sizes, trends = _sizes(posterior, windows, values, reference), _are_trends(windows, values, reference)
    told = (places[starts].T.tolist(), sizes.tolist(), trends.tolist())
    for (start, first, last), (size, low, high), trend in zip(*told, strict=True):
        yield Located(start, first, last, size, low, high, "trend" if trend else "shift")


def _sizes(posterior: Floats, windows: Ints, values: Floats, reference: Floats) -> Floats:
    """(m, 3) mean and 95 % interval of the difference, mixed over the start."""
    starts = np.arange(posterior.shape[1])
    before, after = len(reference) + starts, np.maximum(windows[:, None] + 1 - starts, 1)
    total = np.concatenate([[0.0], np.cumsum(values)])
    since, earlier = total[windows + 1, None] - total[starts], reference.sum() + total[starts]
    differences = since / after - earlier / np.maximum(before, 1)
    variances = _noise(windows, values, reference)[:, None] * (1.0 / after + 1.0 / np.maximum(before, 1))
    mean = (posterior * differences).sum(axis=1)
    variances += (differences - mean[:, None]) ** 2
    spread = 1.96 * np.sqrt((posterior * variances).sum(axis=1))
    return np.column_stack([mean, mean - spread, mean + spread])


def _noise(windows: Ints, values: Floats, reference: Floats) -> Floats:
    """(m,) variance of a window, by the reference's; by all windows' where it has none."""
    if len(reference) > 1:
        return np.full(len(windows), reference.var(ddof=1))
    return np.array([values[: t + 1].var(ddof=min(1, t)) for t in windows.tolist()])


def _are_trends(windows: Ints, values: Floats, reference: Floats) -> Flags:
    """(m,) whether a ramp from some window on fits all windows better than a step there, with as many parameters."""
    every = np.concatenate([reference, values])
    centred = every - every.mean()
    ordinal = np.arange(len(every), dtype=np.float64)
    total, moment, square = (
        np.concatenate([[0.0], np.cumsum(part)]) for part in (centred, (ordinal + 1) * centred, centred**2)
    )
    size = (len(reference) + windows + 1)[:, None]
    start = np.arange(max(len(reference), 1), len(every) - 1)
    within = start < size - 1
    length = np.where(within, size - start, 1).astype(np.float64)
    mean, whole = total[size] / size, square[size] - total[size] ** 2 / size
    sums, squares = length * (length + 1) / 2, length * (length + 1) * (2 * length + 1) / 6
    since = total[size] - total[start]
    steps = since - length * mean
    ramps = moment[size] - moment[start] - start * since - sums * mean
    step = whole[:, 0] - (within * steps**2 / (length - length**2 / size)).max(axis=1, initial=0.0)
    ramp = whole[:, 0] - (within * ramps**2 / (squares - sums**2 / size)).max(axis=1, initial=0.0)
    fits = (windows + 1 >= LEAST_TREND) & (ramp > EXACT * square[-1]) & (step > 0)
    better = 0.5 * size[:, 0] * np.log(np.where(fits, step, 1.0) / np.where(fits, ramp, 1.0))
    return np.asarray(better > CLEARER)
