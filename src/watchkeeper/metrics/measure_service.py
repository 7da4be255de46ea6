"""Every number of a service, as series over the windows, next to what it was in the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from watchkeeper.metrics.estimate import Estimate, Floats, Metric, Series
from watchkeeper.metrics.registry import JUDGED, METRICS
from watchkeeper.metrics.service import COMPUTE, OF_VERSIONS, computed
from watchkeeper.metrics.watched import Watched

__all__ = ["measure_service"]

LEAST_ROWS = 30  # a window of the reference with fewer says little of what is natural
VERSION = "version"
MOST_VERSIONS = 20  # those with the most requests: a hash of every build would be a series of its own
UNLIKE = frozenset({"job_count", "job_rows", "model_age"})
"""They grow with the period, so that the whole reference has nothing to compare a window with."""


def measure_service(
    current: Watched, reference: Watched | None = None, confidence: float = 0.95
) -> list[Series]:
    """All numbers of a service.

    Parameters
    ----------
    reference : the service in the model's reference windows
    confidence : of the intervals, below 1

    Returns
    -------
    One series for each metric, job and told number, then requests, errors and latency of each version where there are
    several. A window without records has NaN.
    """
    now = replace(current, confidence=confidence)
    totals, windows = _normal(reference, confidence)
    series = []
    for metric, column, estimate in computed(now, METRICS):
        key = (metric.name, column)
        series.append(Series(metric, column, None, None, estimate, totals.get(key), windows.get(key)))
    return [*series, *_by_version(now)]


def _normal(
    reference: Watched | None, confidence: float
) -> tuple[dict[tuple[str, str | None], Estimate], dict[tuple[str, str | None], Floats]]:
    """By metric and column: the number on the whole reference, and on its windows where it is judged."""
    if reference is None or not len(reference.service):
        return {}, {}
    before = replace(reference, confidence=confidence)
    totals = {
        (m.name, column): e for m, column, e in computed(before.total(), METRICS) if m.name not in UNLIKE
    }
    windows = {
        (name, column): np.where(e.count >= LEAST_ROWS, e.value, np.nan)
        for name in COMPUTE if name in JUDGED
        for column, e in COMPUTE[name](before)
    }  # fmt: skip
    return totals, windows


def _by_version(now: Watched) -> Iterator[Series]:
    traffic = now.service.traffic
    requests = (traffic.sums.requests + traffic.sums.errors).sum(axis=0)
    ranked = sorted(zip(requests.tolist(), traffic.names, strict=True), reverse=True)
    versions = [name for count, name in ranked if name and count][:MOST_VERSIONS]
    for version in sorted(versions) if len(versions) > 1 else ():
        mine = now.of(version)
        for name in OF_VERSIONS:
            for column, estimate in COMPUTE[name](mine):
                yield Series(_of(name), column, VERSION, version, estimate)


def _of(name: str) -> Metric:
    return METRICS[name]
