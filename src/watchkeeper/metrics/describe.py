"""Description of numbers: mean, spread, extremes and quantiles of each numeric column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.intervals import mean, quantile
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.metrics.share import exact, ratio, row_count_of, stacks, worth
from watchkeeper.profiles import NumberColumn, Numbers, Slice

__all__ = ["METRICS", "bin_ends", "variance"]

Estimates = Iterator[tuple[str | None, Estimate]]
QUANTILES = {
    "quantile_05": 0.05,
    "quantile_25": 0.25,
    "median": 0.5,
    "quantile_75": 0.75,
    "quantile_95": 0.95,
}


def variance(numbers: Numbers, cells: Slice) -> Floats:
    """(W, V) unbiased variance; NaN below two rows. Slices of segments do not hold it: NaN."""
    if numbers.deviation is None or numbers.squares is None:
        return np.full(numbers.valid.shape, np.nan)
    n = numbers.valid * cells.effective
    with np.errstate(over="ignore", invalid="ignore"):
        spread = ratio(numbers.squares, numbers.valid) - ratio(numbers.deviation, numbers.valid) ** 2
        unbiased: Floats = np.maximum(spread, 0.0) * ratio(n, n - 1)
    return unbiased


def bin_ends(column: NumberColumn, numbers: Numbers) -> tuple[Floats, Floats]:
    """(n,) ends of the bins that ``numbers.histogram`` spans; open ones closed by the extreme values."""
    first, size = numbers.histogram.first, numbers.histogram.counts.shape[2]
    lower = column.grid.lower[first : first + size].copy()
    upper = column.grid.upper[first : first + size].copy()
    if numbers.minimum is not None and numbers.maximum is not None and size:
        lower[np.isneginf(lower)] = min(float(numbers.minimum.min(initial=np.inf)), upper[0])
        upper[np.isposinf(upper)] = max(float(numbers.maximum.max(initial=-np.inf)), lower[-1])
    return lower, upper


def _described(context: Context) -> Iterator[tuple[NumberColumn, Numbers]]:
    """The columns whose sums are kept: those of all rows."""
    plan = context.plan.numbers
    for name, numbers in context.slice.numbers.items():
        if numbers.sum is not None:
            yield plan[name], numbers


def _mean(context: Context) -> Estimates:
    cells = context.slice
    for column, numbers in _described(context):
        assert numbers.sum is not None
        with np.errstate(over="ignore", invalid="ignore"):
            value = ratio(numbers.sum, numbers.valid)
        low, high = mean(value, variance(numbers, cells), numbers.valid * cells.effective, context.confidence)
        yield column.name, Estimate(value, low, high, row_count_of(numbers.valid, cells))


def _kurtosis(column: NumberColumn, numbers: Numbers) -> Floats:
    """(W, V) fourth central moment over the squared variance, from the middles of the bins."""
    lower, upper = bin_ends(column, numbers)
    scale = column.scale if column.scale > 0 else 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        t = np.nan_to_num((0.5 * lower + 0.5 * upper - column.centre) / scale, posinf=1e60, neginf=-1e60)
        powers = np.stack([t, t**2, t**3, t**4], axis=1)
        sums = numbers.histogram.counts.astype(np.float64) @ powers
        m1, m2, m3, m4 = (ratio(sums[..., i], numbers.valid) for i in range(4))
        second = m2 - m1**2
        fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
        kurtosis: Floats = np.where(second > 0, fourth / np.where(second > 0, second**2, 1.0), np.nan)
    return np.maximum(kurtosis, 1.0)


def _standard_deviation(context: Context) -> Estimates:
    cells = context.slice
    for column, numbers in _described(context):
        value = np.sqrt(variance(numbers, cells))
        n = numbers.valid * cells.effective
        error = np.sqrt(ratio(_kurtosis(column, numbers) - 1, 4 * n))  # of log(sd), by the delta method
        with np.errstate(over="ignore", invalid="ignore"):
            factor = np.exp(normal_score(context.confidence) * error)
            low, high = value / factor, value * factor
        yield column.name, Estimate(value, low, high, row_count_of(numbers.valid, cells))


def _extreme(field: str, context: Context) -> Estimates:
    for column, numbers in _described(context):
        extreme = getattr(numbers, field)
        if extreme is not None:
            value = np.where(numbers.valid > 0, extreme, np.nan)
            yield column.name, exact(value, row_count_of(numbers.valid, context.slice))


def _quantile(name: str, context: Context) -> Estimates:
    yield from context.once(_quantiles)[name]


def _quantiles(context: Context) -> dict[str, list[tuple[str, Estimate]]]:
    """All of ``QUANTILES``, of many columns at once."""
    out: dict[str, list[tuple[str, Estimate]]] = {name: [] for name in QUANTILES}
    occupied = ((c, n, _occupied(c, n, context.slice)) for c, n in _described(context))
    filled = (item for item in occupied if item[2].counts.size)
    for batch in stacks(filled, lambda item: item[2].counts.size):
        counts, lower, upper = _side_by_side([bins for _, _, bins in batch])
        for name, q in QUANTILES.items():
            # In halves, so that the difference of ends near ±1e308 does not overflow.
            value, low, high = (
                2 * part for part in quantile(counts, lower / 2, upper / 2, q, context.confidence)
            )
            for i, (column, numbers, _) in enumerate(batch):
                rows = row_count_of(numbers.valid, context.slice)
                out[name].append((column.name, Estimate(value[i], low[i], high[i], rows)))
    return out


class _Bins(NamedTuple):
    """(W, V, B) effective rows in the bins that hold any, few of those between the extremes, and (B,) their ends."""

    counts: Floats
    lower: Floats
    upper: Floats


def _occupied(column: NumberColumn, numbers: Numbers, cells: Slice) -> _Bins:
    held = numbers.histogram.counts.any(axis=(0, 1))
    lower, upper = bin_ends(column, numbers)
    return _Bins(worth(numbers.histogram.counts[..., held], cells), lower[held], upper[held])


def _side_by_side(columns: Sequence[_Bins]) -> tuple[Floats, Floats, Floats]:
    """(C, W, V, B) counts and (C, 1, 1, B) ends of columns, those of fewer bins with empty ones behind."""
    most = max(bins.counts.shape[2] for bins in columns)
    counts = np.zeros((len(columns), *columns[0].counts.shape[:2], most))
    ends = np.zeros((2, len(columns), 1, 1, most))
    for i, bins in enumerate(columns):
        size = bins.counts.shape[2]
        counts[i, ..., :size] = bins.counts
        ends[:, i, 0, 0, :size] = bins.lower, bins.upper
        ends[:, i, 0, 0, size:] = bins.upper[-1]
    return counts, ends[0], ends[1]


METRICS = (
    Metric("mean", "quality", "Arithmetic mean of the valid values, with Student's interval.", _mean,
           source="numpy.mean"),
    Metric("standard_deviation", "quality", "Standard deviation (n − 1) of the valid values; its interval "
           "from the kurtosis of the histogram.", _standard_deviation, source="numpy.std(ddof=1)"),
    Metric("minimum", "quality", "Least valid value.", partial(_extreme, "minimum")),
    Metric("maximum", "quality", "Greatest valid value.", partial(_extreme, "maximum")),
    *(Metric(name, "quality", f"{q:.0%} quantile of the valid values, interpolated inside its bin.",
             partial(_quantile, name)) for name, q in QUANTILES.items()),
)  # fmt: skip
