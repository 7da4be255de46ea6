"""Metrics: pure functions of profiles. What a number is, and what it is worth."""

from watchkeeper.metrics.catalogue import reference
from watchkeeper.metrics.estimate import Context, Estimate, Family, Metric, Series, Unit
from watchkeeper.metrics.measure import measure
from watchkeeper.metrics.registry import METRICS, judged_by_default, metrics_for

__all__ = [
    "METRICS", "Context", "Estimate", "Family", "Metric", "Series", "Unit", "judged_by_default", "measure",
    "metrics_for", "reference",
]  # fmt: skip
