"""Measure: every metric that fits, of every slice of a profile, as series over the windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Readings
from watchkeeper.metrics.estimate import Context, Estimate, Metric, Series
from watchkeeper.metrics.multivariate import pinned
from watchkeeper.metrics.read import read, read_columns
from watchkeeper.metrics.registry import fitted, judged_by_default, judged_in, metrics_for
from watchkeeper.model import Model
from watchkeeper.profiles import Profile

__all__ = ["judged_by_default", "measure"]

LEAST_ROWS = 30  # a window of the reference with fewer says little of what is natural
PER_WINDOW = frozenset({"row_count", "duplicate_id_rate", "distinct_count", "longest_run", "cost"})
"""They grow with the window: what is normal is a window of the reference, not the whole of it."""


def measure(
    current: Profile,
    reference: Profile | None = None,
    confidence: float = 0.95,
    only: Callable[[Metric, str | None], bool] | None = None,
    beside: bool = True,
    own: bool = False,
) -> list[Series]:
    """All numbers of a profile.

    Parameters
    ----------
    current, reference : profiles under one plan
    confidence : of the intervals, below 1
    only : which metrics are wanted of which segmentation (None: of all rows); default: all that fit the model's task

    own : whether the reference is that of its segments alone, so that they are judged as all rows are by the model's
    beside : whether the reference's own numbers are wanted in ``Series.reference`` and ``reference_windows``

    Returns
    -------
    One series for each metric, column and segment value that there is data for: all rows first, then the
    segmentations; in each the metrics in the order of the registry. A window without rows has count 0 and
    NaN. Segment values without a row in either profile are left out.

    Notes
    -----
    ``Series.reference`` is the number on the whole reference, but for counts in a window (``row_count``,
    ``duplicate_id_rate``, ``distinct_count``, ``longest_run``) and sums (``cost``, KPIs) the mean over the
    reference's windows, weighted by their rows. ``Series.reference_windows`` is there for these and for what can be
    judged by default.
    """
    if reference is not None and reference.plan != current.plan:
        raise ValueError("current and reference must be profiled under one plan: their grids differ")
    metrics = metrics_for(current.plan.model)
    series: list[Series] = []
    with np.errstate(over="ignore", invalid="ignore"):  # sums of values near 1e308
        whole = None if reference is None else reference.total()
        for by in current.slices:
            view = _View(current, reference if beside else None, whole, by, confidence, own)
            for metric in metrics:
                if only is None or only(metric, by):
                    series.extend(view.series(metric))
    return series


@dataclass(frozen=True)
class _View:
    """One slice of the current profile, and of the reference by windows and as a whole."""

    current: Profile
    reference: Profile | None
    whole: Profile | None
    by: str | None
    confidence: float
    own: bool

    def _context(self, profile: Profile) -> Context:
        whole = self.whole
        return Context(
            profile.plan, profile.slices[self.by], profile.everything,
            None if whole is None else whole.slices[self.by], None if whole is None else whole.everything,
            self.confidence,
        )  # fmt: skip

    @cached_property
    def _now(self) -> Context:
        return self._context(self.current)

    @cached_property
    def _before(self) -> Context | None:
        """The windows of the reference."""
        return None if self.reference is None else self._context(self.reference)

    @cached_property
    def _total(self) -> Context | None:
        """The reference as a whole."""
        return None if self.whole is None else self._context(self.whole)

    def series(self, metric: Metric) -> Iterator[Series]:
        context = self._now
        metric = fitted(pinned(metric, context), context)
        found = list(metric.compute(context))
        if not found:
            return
        totals, windows = self._normal(metric)
        rows = _occupied(context)
        by_column = self._columns(context, found, windows) if metric.name == "jensen_shannon" else None
        for column, estimate in found:
            own = windows.get(column)
            for v in rows:
                series = Series(
                    metric, column, self.by, context.slice.values[v], _at(estimate, v),
                    _at(totals[column], v) if column in totals else None,
                    None if own is None else np.where(own.count[:, v] >= LEAST_ROWS, own.value[:, v], np.nan),
                )  # fmt: skip
                if own is not None and judged_by_default(series) and (self.by is None or _adds_up(metric)):
                    read_ = (
                        read(metric, _at(own, v), series.estimate)
                        if by_column is None
                        else by_column.get(column)
                    )
                    series = replace(series, readings=read_)
                yield series

    def _columns(
        self,
        context: Context,
        found: Sequence[tuple[str | None, Estimate]],
        windows: Mapping[str | None, Estimate],
    ) -> dict[str | None, Readings]:
        if self._before is None or self.by is not None:
            return {}
        both = {c: (windows[c].value[:, 0], e.value[:, 0]) for c, e in found if c in windows}
        return dict(read_columns(self._before, context, both))

    def _normal(self, metric: Metric) -> tuple[dict[str | None, Estimate], dict[str | None, Estimate]]:
        """By column: the metric on the whole reference (1, V), and on its windows (Wr, V)."""
        before, total = self._before, self._total
        if self.reference is None or before is None or total is None:
            return {}, {}
        sums = metric.name in PER_WINDOW or _is_sum(metric.name, self.current.plan.model)
        if not (sums or judged_in(metric, None if self.own else self.by)):
            return dict(metric.compute(total)), {}
        windowed = dict(metric.compute(before))
        if sums:
            return {column: _typical(estimate) for column, estimate in windowed.items()}, windowed
        single = len(self.reference.windows) == 1
        return windowed if single else dict(metric.compute(total)), windowed


def _adds_up(metric: Metric) -> bool:
    """Whether it enters the evidence in segments: of every column in each of them, data quality would be too much."""
    return metric.family in ("performance", "calibration", "traffic")


def _is_sum(name: str, model: Model) -> bool:
    """Whether it is a KPI that adds up over rows."""
    return name in model.kpis and model.parsed_kpis[name][0] == "sum"


def _occupied(context: Context) -> NDArray[np.intp]:
    """Positions of the segment values that have rows now or had them in the reference."""
    seen = context.slice.rows.any(axis=0)
    if context.reference is not None:
        seen = seen | context.reference.rows.any(axis=0)
    return np.flatnonzero(seen | (context.slice.segmentation is None))


def _at(e: Estimate, v: int) -> Estimate:
    """The column of one segment value; (W, V) → (W,)."""
    bias, beyond = (None if part is None else part[:, v] for part in (e.bias, e.beyond))
    return Estimate(e.value[:, v], e.low[:, v], e.high[:, v], e.count[:, v], bias, beyond)


def _typical(e: Estimate) -> Estimate:
    """(1, V) mean over windows, each weighted by its rows; the ends are the windows' extremes."""
    known = np.isfinite(e.value)
    value = np.where(known, e.value, 0.0)
    weight = np.where(known, np.maximum(e.count, 1), 0)
    total = weight.sum(axis=0, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (value * weight).sum(axis=0, keepdims=True) / total
    low = np.where(known, value, np.inf).min(axis=0, keepdims=True)
    high = np.where(known, value, -np.inf).max(axis=0, keepdims=True)
    some = total > 0
    low, high, mean = (np.where(some, part, np.nan) for part in (low, high, mean))
    return Estimate(mean, low, high, e.count.sum(axis=0, keepdims=True))
