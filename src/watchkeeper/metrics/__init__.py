"""Metrics: pure functions of profiles. What a number is, and what it is worth."""

from watchkeeper.metrics.catalogue import reference
from watchkeeper.metrics.estimate import Context, Estimate, Family, Metric, Series, Unit
from watchkeeper.metrics.estimated import BY_TASK, ESTIMATED, is_estimated, realised
from watchkeeper.metrics.measure import measure
from watchkeeper.metrics.measure_service import measure_service
from watchkeeper.metrics.own import Own, with_own
from watchkeeper.metrics.read import LEAKS, is_proportion
from watchkeeper.metrics.registry import JUDGED, METRICS, judged_by_default, may_be_judged_in, metrics_for
from watchkeeper.metrics.service import told_name
from watchkeeper.metrics.watched import Watched, age_of

__all__ = [
    "BY_TASK", "ESTIMATED", "JUDGED", "LEAKS", "METRICS", "Context", "Estimate", "Family", "Metric", "Own", "Series",
    "Unit", "Watched", "age_of", "is_estimated", "is_proportion", "judged_by_default", "may_be_judged_in", "measure",
    "measure_service", "metrics_for", "realised", "reference", "told_name", "with_own",
]  # fmt: skip
