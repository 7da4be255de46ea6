"""Estimated metrics: what performance should be where outcomes are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from watchkeeper.metrics.estimate import Context, Metric

__all__ = ["BY_TASK", "ESTIMATED", "is_estimated", "metrics_of", "realised"]

ESTIMATED = "estimated_"  # before the name of the metric
BY_TASK: dict[str, tuple[str, ...]] = {
    "binary": (
        "accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "matthews_corrcoef", "roc_auc",
        "average_precision", "log_loss", "brier_score",
    ),
    "multiclass": (
        "accuracy", "balanced_accuracy", "precision_macro", "recall_macro", "f1_macro", "roc_auc_macro",
        "roc_auc_weighted",
    ),
    "regression": (
        "mean_absolute_error", "root_mean_squared_error", "mean_squared_error", "mean_error",
        "mean_absolute_percentage_error", "r2",
    ),
}  # fmt: skip
"""Which are estimated."""


def is_estimated(name: str) -> bool:
    """Whether this is the name of an estimated metric.

    >>> is_estimated("estimated_accuracy"), is_estimated("accuracy")
    (True, False)
    """
    return name.startswith(ESTIMATED)


def realised(name: str) -> str:
    """The metric that an estimated one says beforehand.

    >>> realised("estimated_roc_auc")
    'roc_auc'
    """
    return name.removeprefix(ESTIMATED)


def metrics_of(metrics: Mapping[str, Metric]) -> tuple[Metric, ...]:
    """One for each that can be estimated; shown, never judged against the reference."""
    names = dict.fromkeys(name for names in BY_TASK.values() for name in names)
    return tuple(_estimated(metrics[name]) for name in names)


def _estimated(metric: Metric) -> Metric:
    tasks = tuple(task for task, names in BY_TASK.items() if metric.name in names)
    return replace(
        metric,
        name=ESTIMATED + metric.name,
        family="performance",
        summary=f"`{metric.name}` before outcomes are known; its interval is for what it will turn out to be.",
        compute=_of_rows,
        effect=None,
        tasks=tasks,
        source="scores calibrated on the reference, features by boosted trees: [estimation](estimation.md)"
        if metric.name not in BY_TASK["regression"]
        else "errors of the reference by boosted trees: [estimation](estimation.md)",
    )


def _of_rows(_context: Context) -> tuple[()]:
    """No profile tells it alone: ``estimation`` does, from samples beside it."""
    return ()
