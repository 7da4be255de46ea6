"""The rest: each segment against all other rows, as a difference with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Estimate, Metric
from watchkeeper.metrics.intervals import difference
from watchkeeper.profiles import Histogram, Slice
from watchkeeper.profiles.summaries import GREATEST, LEAST, Summary

__all__ = ["rest_of", "versus_rest"]

S = TypeVar("S", bound=Summary)


def _without(every: Any, part: Any, metadata: Any) -> Any:
    """``every`` (W, 1, ...) minus ``part`` (W, V, ...)."""
    if isinstance(part, Histogram) and isinstance(every, Histogram):
        first, size = every.reach(part)
        return Histogram(first, _minus(every.on(first, size), part.on(first, size)))
    if not isinstance(part, np.ndarray) or not isinstance(every, np.ndarray):
        return None
    if metadata in (LEAST, GREATEST):  # whose extreme it is, is not known: a bound
        return np.broadcast_to(every, part.shape)
    return _minus(every, part)


def _minus(every: NDArray[Any], part: NDArray[Any]) -> NDArray[Any]:
    left: NDArray[Any] = every - part
    if np.issubdtype(left.dtype, np.integer):
        return left
    # Sums of floats come back to zero only to rounding, and a count of -1e-17 has no root.
    return np.where(np.abs(left) <= 1e-12 * np.abs(every), 0.0, left)


def _summary_without(every: S | None, part: S | None) -> S | None:
    if every is None or part is None:
        return None
    left = {
        f.name: _without(getattr(every, f.name), getattr(part, f.name), dict(f.metadata))
        for f in fields(part)
    }
    return replace(part, **left)


def rest_of(every: Slice, part: Slice) -> Slice:
    """All rows but those of each segment: the summaries of outcomes, which are sums, without distributions
    of columns.

    Parameters
    ----------
    every : all rows, arrays (W, 1, ...)
    part : the segments, arrays (W, V, ...)

    Returns
    -------
    a slice (W, V, ...) with confusion, calibration, residuals and KPIs; scores, which are no sums, are left
    out
    """
    kpis = {n: _summary_without(every.kpis[n], kpi) for n, kpi in part.kpis.items() if n in every.kpis}
    return Slice(
        part.segmentation,
        every.rows - part.rows,
        _minus(every.weight, part.weight),
        _minus(every.weight_squares, part.weight_squares),
        confusion=_summary_without(every.confusion, part.confusion),
        calibration=_summary_without(every.calibration, part.calibration),
        residuals=_summary_without(every.residuals, part.residuals),
        kpis={n: kpi for n, kpi in kpis.items() if kpi is not None},
    )


def _rest(context: Context) -> Context:
    reference = context.reference
    if reference is not None and context.reference_everything is not None:
        reference = rest_of(context.reference_everything, reference)
    return replace(context, slice=rest_of(context.everything, context.slice), reference=reference)


def _against_rest(metric: Metric, context: Context) -> Iterator[tuple[str | None, Estimate]]:
    if context.slice.segmentation is None:
        return
    others = {column: e for column, e in metric.compute(_rest(context)) if column is None}
    for column, e in metric.compute(context):
        if column in others:
            o = others[column]
            value, low, high = difference(e.value, e.low, e.high, o.value, o.low, o.high)
            yield column, Estimate(value, low, high, np.minimum(e.count, o.count))


def versus_rest(metric: Metric) -> Metric:
    """``<metric>_vs_rest``: the metric of a segment minus that of all other rows, with its interval."""
    return replace(
        metric,
        name=f"{metric.name}_vs_rest",
        summary=f"`{metric.name}` of a segment minus that of all other rows.",
        compute=partial(_against_rest, metric),
        source="Newcombe (1998), hybrid score interval",
    )
