"""Repeats: a value that comes again and again (a sensor that is stuck) and ids that come more than once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.intervals import mean, wilson
from watchkeeper.metrics.share import exact, ratio
from watchkeeper.profiles import Sketch, Slice
from watchkeeper.profiles.sketch import KEPT

__all__ = ["METRICS", "duplicate_rate"]

Estimates = Iterator[tuple[str | None, Estimate]]
SHORTEST = 3  # a run of fewer than 2 ** 3 equal values is never called stuck


def _longest(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """(..., ) exponent j of the longest run, which has 2**j to 2**(j+1) - 1 rows; -1 without any run."""
    positions = np.where(lengths > 0, np.arange(lengths.shape[-1]), -1)
    longest: NDArray[np.int64] = positions.max(axis=-1)
    return longest


def _thresholds(context: Context, name: str) -> NDArray[np.int64] | None:
    """(1, V) exponent from which a run is too long: over twice the reference's longest, at least eight rows.

    A segment that the reference does not have takes the threshold of all rows.
    """
    reference, every = context.reference, context.reference_everything
    if reference is None or every is None or name not in reference.runs:
        return None
    longest = _longest(reference.runs[name].lengths)
    if name in every.runs:
        longest = np.where(longest < 0, _longest(every.runs[name].lengths), longest)
    return np.maximum(longest + 2, SHORTEST)


def _stuck_rate(context: Context) -> Estimates:
    cells = context.slice
    for name, runs in cells.runs.items():
        thresholds = _thresholds(context, name)
        if thresholds is not None:
            yield name, _stuck(runs.lengths, thresholds, cells, context.confidence)


def _stuck(
    lengths: NDArray[np.int64], thresholds: NDArray[np.int64], cells: Slice, confidence: float
) -> Estimate:
    exponents = np.arange(lengths.shape[-1])
    long = np.where(exponents >= thresholds[..., None], lengths, 0)
    stuck = long.sum(axis=-1)
    # The rows of a run stand or fall together: the interval counts runs, not rows.
    runs = (long / 2.0**exponents).sum(axis=-1)
    worth = np.where(stuck > 0, ratio(runs, stuck), 1.0)
    low, high = wilson(stuck * worth, cells.rows * worth, confidence)
    return Estimate(ratio(stuck, cells.rows), low, high, cells.rows)


def _longest_run(context: Context) -> Estimates:
    for name, runs in context.slice.runs.items():
        longest = _longest(runs.lengths)
        yield name, exact(np.where(longest < 0, np.nan, 2.0**longest), context.slice.rows)


def duplicate_rate(sketch: Sketch, confidence: float = 0.95) -> Estimate:
    """The share of rows whose id came before: one minus distinct ids over rows.

    Exact where a window has fewer distinct ids than the sketch keeps (4,096): then ``low = high = value``.
    Above, from the mean number of rows of a uniform sample of the ids.

    Returns
    -------
    (windows,) estimates

    References
    ----------
    Beyer et al. (2007), On synopses for distinct-value estimation under multiset operations.

    >>> import numpy as np
    >>> sketch = Sketch(1, np.array([0, 0]), np.array([3, 9], np.uint64), np.array([1, 3]))
    >>> duplicate_rate(sketch).value
    array([0.5])
    """
    ids = np.asarray(np.bincount(sketch.cell, minlength=sketch.windows), dtype=np.float64)
    rows = np.bincount(sketch.cell, sketch.rows, sketch.windows).astype(np.float64)
    value = np.where(rows > 0, 1 - ratio(ids, rows), np.nan)
    low, high = _sampled(sketch, ids, rows, confidence)
    whole = ids < KEPT
    return Estimate(value, np.where(whole, value, low), np.where(whole, value, high), rows.astype(np.int64))


def _sampled(sketch: Sketch, ids: Floats, rows: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Ends for a sample of ids: of its mean number of repeats x per id, as x / (1 + x)."""
    repeats = sketch.rows - 1.0
    average = ratio(rows - ids, ids)
    squares = np.bincount(
        sketch.cell, weights=(repeats - average[sketch.cell]) ** 2, minlength=sketch.windows
    )
    low, high = mean(average, ratio(squares, ids - 1), ids, confidence)
    # A sample without a repeat says how rare repeated ids are at most; the normal ends would be 0 and 0.
    repeated = np.bincount(sketch.cell, weights=sketch.rows > 1, minlength=sketch.windows)
    high = np.maximum(high, wilson(repeated, ids, confidence)[1])
    low = np.maximum(low, 0.0)
    return low / (1 + low), high / (1 + high)


def _duplicate_id_rate(context: Context) -> Estimates:
    ids = context.slice.ids
    if ids is not None:
        e = duplicate_rate(ids, context.confidence)
        yield (
            context.plan.model.id,
            Estimate(e.value[:, None], e.low[:, None], e.high[:, None], e.count[:, None]),
        )


METRICS = (
    Metric("stuck_rate", "quality", "Share of the rows in runs of one value more than twice as long as the "
           "longest of the reference, and of eight rows at least (run lengths are known to a power of "
           "two).", _stuck_rate,
           "low", "rate", 0.01),
    Metric("longest_run", "quality", "The longest run of one value has at least so many rows, and less than "
           "twice as many.", _longest_run, "low", "count"),
    Metric("duplicate_id_rate", "quality", "Share of the rows whose id occurred before in the same window.",
           _duplicate_id_rate, "low", "rate", 0.01, source="bottom-k sample by hash (Beyer et al. 2007)"),
)  # fmt: skip
