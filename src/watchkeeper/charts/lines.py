"""Lines: the numbers of a result as charts want them, one line of values per series on one axis of windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

if TYPE_CHECKING:
    from watchkeeper.metrics import Metric, Unit
    from watchkeeper.result import Result

__all__ = ["VERDICTS", "Line", "Lines", "Windows", "lines_of", "metrics_of", "references_of"]

Floats = NDArray[np.float64]
ESTIMATED = "estimated_"  # before the name of the metric that is said beforehand
VERDICTS = ("none", "ok", "unclear", "alarm", "no_data")  # a verdict's code is its place here
ALARM = VERDICTS.index("alarm")
DAY = np.timedelta64(1, "D")
KEYS = ("metric", "column", "segment_by", "segment")
NUMBERS = ("value", "low", "high", "band_low", "band_high")

Key = tuple[str, str | None, str | None, str | None]


@dataclass(frozen=True)
class Windows:
    """The horizontal axis. ``starts`` and ``ends`` are the model's wall clock; None where rows have no time."""

    count: int
    starts: NDArray[np.datetime64] | None = None
    ends: NDArray[np.datetime64] | None = None

    @property
    def timed(self) -> bool:
        return self.starts is not None

    @property
    def hourly(self) -> bool:
        """Windows are shorter than a day, so that a window's name needs its hour."""
        return (
            self.starts is not None
            and self.count > 1
            and bool((self.starts[1:] - self.starts[:-1]).min() < DAY)
        )

    @property
    def milliseconds(self) -> list[int]:
        """(W,) where each window stands: milliseconds of wall clock, or 1, 2, 3, ..."""
        if self.starts is None:
            return list(range(1, self.count + 1))
        return [int(v) for v in self.starts.astype("datetime64[ms]").astype(np.int64)]


@dataclass(frozen=True)
class Line:
    """One metric of one column in one segment; every array is (W,), NaN where the window has no number.

    Attributes
    ----------
    verdict : int8 places in ``VERDICTS``
    count : rows behind each number, 0 where there is none
    reference : the number on the whole reference, None without one
    unit : how to write it, as ``Metric.unit``
    """

    metric: str
    column: str | None
    segment_by: str | None
    segment: str | None
    value: Floats
    low: Floats
    high: Floats
    band_low: Floats
    band_high: Floats
    count: NDArray[np.int64]
    verdict: NDArray[np.int8]
    reference: float | None = None
    unit: Unit = "number"

    @property
    def key(self) -> Key:
        return self.metric, self.column, self.segment_by, self.segment

    @property
    def name(self) -> str:
        """As bands are written: ``missing_rate(visib)``, ``recall[carrier=UA]``."""
        name = self.metric if self.column is None else f"{self.metric}({self.column})"
        return name if self.segment_by is None else f"{name}[{self.segment_by}={self.segment}]"

    @property
    def is_estimate(self) -> bool:
        """Whether it says beforehand what another number will be."""
        return self.metric.startswith(ESTIMATED)

    @property
    def interval(self) -> tuple[Floats, Floats]:
        """Both ends, NaN where so few rows bound only one of them: half a ribbon cannot be drawn."""
        known = np.isfinite(self.low) & np.isfinite(self.high)
        return np.where(known, self.low, np.nan), np.where(known, self.high, np.nan)

    @property
    def alarms(self) -> NDArray[np.bool_]:
        return np.asarray(self.verdict == ALARM)

    @property
    def judged(self) -> bool:
        return bool((self.verdict != 0).any())


@dataclass(frozen=True)
class Lines:
    """Lines over one axis of windows."""

    windows: Windows
    lines: tuple[Line, ...]

    @cached_property
    def _estimates(self) -> dict[Key, Line]:
        return {x.key: x for x in self.lines if x.is_estimate}

    def estimate_of(self, line: Line) -> Line | None:
        """What a line was estimated to be before its outcomes were known."""
        return self._estimates.get((ESTIMATED + line.metric, *line.key[1:]))

    def of(self, metric: str, by: str | None = None) -> tuple[Line, ...]:
        """The lines of one metric, of all rows or of one segmentation."""
        return tuple(x for x in self.lines if x.metric == metric and x.segment_by == by)


def lines_of(result: Result, metrics: Sequence[str] | None = None, segments: bool = True) -> Lines:
    """The lines of these metrics (None: of every one), in the order of ``result.metrics``.

    Parameters
    ----------
    segments : False leaves out the lines of segments
    """
    table = _wanted(result.metrics, metrics, segments)
    windows, position = _windows(table, getattr(result.model, "timezone", None) or "UTC")
    group, first = _groups(table)
    if position is None:
        position = _running(group)
        windows = Windows(int(position.max(initial=-1)) + 1)
    shape = (len(first), windows.count)
    arrays = {name: _dense(table, name, group, position, shape) for name in NUMBERS}
    counts = _dense(table, "count", group, position, shape)
    verdict = np.zeros(shape, np.int8)
    verdict[group, position] = _verdicts(table)
    keys = table.select(KEYS).take(pa.array(first)).to_pydict()
    return Lines(windows, _build(result, keys, arrays, np.nan_to_num(counts).astype(np.int64), verdict))


def _build(
    result: Result,
    keys: dict[str, list[Any]],
    arrays: dict[str, Floats],
    counts: NDArray[np.int64],
    verdict: NDArray[np.int8],
) -> tuple[Line, ...]:
    references, metrics = references_of(result), metrics_of(result)
    lines = []
    for i, (metric, column, by, segment) in enumerate(zip(*(keys[k] for k in KEYS), strict=True)):
        value, low, high, band_low, band_high = (arrays[name][i] for name in NUMBERS)
        reference = references.get((metric, column, by, segment))
        unit = metrics[metric].unit if metric in metrics else "number"
        if unit == "rate":
            band_low, band_high = _possible(value, band_low, band_high)
        numbers = (value, low, high, band_low, band_high)
        lines.append(Line(metric, column, by, segment, *numbers, counts[i], verdict[i], reference, unit))
    return tuple(lines)


def _possible(value: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """A rate's band without edges that no rate can reach: they would only squeeze the picture.

    Differences of rates, which may be negative, keep theirs.
    """
    if np.nanmin(value, initial=0.0) < 0:
        return low, high
    return np.where(low <= 0, np.nan, low), np.where(high >= 1, np.nan, high)


def references_of(result: Result) -> dict[Key, float]:
    """Each series' number on the whole reference, where it has one."""
    found: dict[Key, float] = {}
    for judgement in result.judgements:
        s = judgement.series
        if s.reference is not None and len(s.reference.value) and np.isfinite(s.reference.value[0]):
            found[s.metric.name, s.column, s.segment_by, s.segment] = float(s.reference.value[0])
    return found


def metrics_of(result: Result) -> dict[str, Metric]:
    """What each metric's name means."""
    return {j.series.metric.name: j.series.metric for j in result.judgements}


def _wanted(table: pa.Table, metrics: Sequence[str] | None, segments: bool) -> pa.Table:
    if metrics is not None:
        table = table.filter(pc.is_in(table["metric"], pa.array(list(metrics), pa.string())))
    if not segments:
        table = table.filter(pc.is_null(table["segment_by"]))
    return table.combine_chunks()


def _windows(table: pa.Table, zone: str) -> tuple[Windows, NDArray[np.int64] | None]:
    """The distinct windows and each row's place among them; None where no row has a time."""
    starts = table["window_start"]
    if table.num_rows == 0 or starts.null_count == table.num_rows:
        return Windows(0), None
    # A number of the whole period among windowed ones stands at the first window.
    stamps = pc.fill_null(starts.cast(pa.int64()), pc.min(starts.cast(pa.int64()))).to_numpy()
    distinct, first, place = np.unique(stamps, return_index=True, return_inverse=True)
    if len(distinct) == 1 and distinct[0] == 0:  # one window without a timestamp
        return Windows(1), place.astype(np.int64)
    ends = table["window_end"].take(pa.array(first))
    local = [_wall_clock(a, zone) for a in (starts.take(pa.array(first)), ends)]
    return Windows(len(distinct), local[0], local[1]), place.astype(np.int64)


def _wall_clock(stamps: pa.ChunkedArray, zone: str) -> NDArray[np.datetime64]:
    local = pc.local_timestamp(stamps.cast(pa.timestamp("us", zone)))
    return np.asarray(local.to_numpy(), dtype="datetime64[us]")


def _groups(table: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each row's line, and each line's first row; lines in the order in which they first appear."""
    code = np.zeros(table.num_rows, np.int64)
    for key in KEYS:
        column = table[key].combine_chunks().dictionary_encode()
        indices = pc.fill_null(column.indices, len(column.dictionary)).to_numpy(zero_copy_only=False)
        code = code * (len(column.dictionary) + 1) + indices
    _, first, group = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[group], first[order]


def _running(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2, ... within each group, in the order of the rows.

    >>> _running(np.array([0, 1, 0, 0]))
    array([0, 0, 1, 2])
    """
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(order) else order
    lengths = np.diff(np.r_[starts, len(order)])
    out = np.empty(len(order), np.int64)
    out[order] = np.arange(len(order)) - np.repeat(starts, lengths)
    return out


def _dense(
    table: pa.Table, name: str, group: NDArray[np.int64], position: NDArray[np.int64], shape: tuple[int, int]
) -> Floats:
    out = np.full(shape, np.nan)
    values = pc.fill_null(table[name].cast(pa.float64(), safe=False), np.nan)
    out[group, position] = values.to_numpy()
    return out


def _verdicts(table: pa.Table) -> NDArray[np.int8]:
    """(n,) each row's verdict by its place in ``VERDICTS``; no verdict is 0."""
    found = pc.index_in(table["verdict"], pa.array(VERDICTS))
    return np.asarray(pc.fill_null(found, 0).to_numpy(), dtype=np.int8)
