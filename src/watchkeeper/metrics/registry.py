"""The registry: every metric by its name, which fit a model, and which are judged without being asked."""

from __future__ import annotations

from dataclasses import replace

from watchkeeper.metrics import (
    calibration,
    classification,
    delays,
    describe,
    drift,
    estimated,
    multiclass,
    multivariate,
    quality,
    ranking,
    regression,
    repeats,
    service,
    traffic,
    value,
)
from watchkeeper.metrics.estimate import Context, Metric, Series
from watchkeeper.metrics.rest import versus_rest
from watchkeeper.model import Model

__all__ = ["JUDGED", "METRICS", "OF_ALL_ROWS", "fitted", "judged_by_default", "judged_in", "metrics_for"]

_PERFORMANCE = (*classification.METRICS, *multiclass.METRICS, *calibration.METRICS, *regression.METRICS)
# Of extremes the rest's are not known, and the commonest class of another set of rows is no peer.
_ALONE = frozenset({"max_error", "worst_error_share", "majority_class_rate"})
_VERSUS_REST = tuple(
    versus_rest(m) for m in _PERFORMANCE if m.family == "performance" and m.name not in _ALONE
)

_ESTIMATED = estimated.metrics_of({m.name: m for m in (*_PERFORMANCE, *ranking.METRICS)})

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *traffic.METRICS, *quality.METRICS, *repeats.METRICS, *describe.METRICS, *drift.METRICS,
        *multivariate.METRICS, *_PERFORMANCE, *delays.METRICS, *ranking.METRICS, *value.METRICS, *service.METRICS,
        *_VERSUS_REST, *_ESTIMATED,
    )
}  # fmt: skip

BIAS = 0.25  # of the mean absolute error
RARE = 0.1  # below this rate of positives accuracy says little and average precision is watched
_QUALITY = frozenset({
    "missing_rate", "nan_rate", "infinite_rate", "retyped_rate", "new_category_rate", "other_rate",
    "out_of_range_rate", "edge_rate", "constant", "stuck_rate", "duplicate_id_rate", "invalid_score_rate",
})  # fmt: skip
_PERFORMANCE_JUDGED = frozenset({
    "accuracy", "precision", "recall", "f1", "roc_auc", "average_precision", "f1_macro",
    "mean_absolute_error", "mean_error",
})  # fmt: skip

_SERVICE = frozenset({"error_rate", "latency_p95", "dropped_rate"})
IN_SEGMENTS = frozenset({"segment_share", "missing_rate", "stuck_rate"})
JUDGED = (
    _QUALITY | _PERFORMANCE_JUDGED | _SERVICE | {"jensen_shannon", "correlation_divergence", "segment_share"}
)
OF_ALL_ROWS = frozenset({"segment_share", *(m.name for m in _VERSUS_REST)})
"""They set a segment against other rows: a reference that is the segment's own says nothing of them."""


def metrics_for(model: Model) -> tuple[Metric, ...]:
    """The metrics that fit the model's task, in the order of the registry, and its own KPIs.

    >>> from watchkeeper.model import Model
    >>> {"jensen_shannon", "missing_rate"} <= {metric.name for metric in metrics_for(Model())}
    True
    """
    fitting = (m for m in METRICS.values() if not m.tasks or model.task in m.tasks)
    return (*fitting, *value.metrics_for(model))


def judged_by_default(series: Series) -> bool:
    """Whether a number is judged against the reference where the user has set no band.

    Judged are performance (the few numbers that tell most for the task, in segments too; not of single
    classes), drift by Jensen–Shannon distance and by the correlations together, what breaks data quality, the shares
    of the segments, and the service's errors, latency and dropped records. In segments, of quality only
    ``missing_rate`` and ``stuck_rate`` (a sensor's rows follow one another in its own segment alone), and no drift: too
    many numbers for one of them to mean much. A segment with a reference of its own is judged by it as all rows are by
    the model's: that is what it was given for.
    Average precision is judged only where positives are rare. Everything else is shown.
    """
    alone = series.metric.family != "performance" or series.column is None
    return alone and judged_in(series.metric, series.segment_by if series.against is None else None)


def judged_in(metric: Metric, by: str | None) -> bool:
    """Whether a metric is among those judged by default in the segments of ``by`` (None: over all rows)."""
    return metric.effect is not None and may_be_judged_in(metric, by)


def may_be_judged_in(metric: Metric, by: str | None) -> bool:
    """Whether it is, once it has an effect that is worth telling: some find theirs in the data (``fitted``)."""
    if metric.name not in JUDGED:
        return False
    return by is None or metric.family == "performance" or metric.name in IN_SEGMENTS


def fitted(metric: Metric, context: Context) -> Metric:
    """The metric with the effect that is worth telling in these data; without one, it is not judged.

    Average precision is for rare positives: from one in ten on, accuracy, precision and recall are watched instead.
    A mean error is worth telling from a quarter of the reference's mean absolute error.
    """
    if metric.name == "average_precision" and not _rare(context):
        return replace(metric, effect=None)
    residuals = None if context.reference is None else context.reference.residuals
    if metric.name == "mean_error" and residuals is not None and residuals.valid.any():
        return replace(metric, effect=BIAS * float(residuals.absolute.sum() / residuals.valid.sum()))
    return metric


def _rare(context: Context) -> bool:
    """Whether positives are rare in the reference, or without one in these rows."""
    confusion = (context.reference or context.slice).confusion
    if confusion is None:
        return False
    outcomes = confusion.outcomes[..., :-1].sum(axis=(0, 1))
    return bool(outcomes.size > 0 and outcomes[-1] < RARE * outcomes.sum())
