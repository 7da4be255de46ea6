"""Metrics of many classes: averages over them, and the share of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from watchkeeper.metrics import intervals
from watchkeeper.metrics.combinations import Slopes, average_of_proportions, measured
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.share import ratio
from watchkeeper.metrics.tables import Table, Yields, of_table, proportion

__all__ = ["METRICS"]

RATE = 0.05  # five points of a rate are worth telling


def _micro(table: Table, confidence: float) -> Estimate:
    """Over all rows at once precision, recall and F1 are the accuracy."""
    return proportion(table.hits, table.total, table.cells, confidence)


def _precision_macro(table: Table, confidence: float) -> Estimate:
    return average_of_proportions(table, table.predicted, table.present, confidence)


def _recall_macro(table: Table, confidence: float) -> Estimate:
    return average_of_proportions(table, table.true, table.present, confidence)


def _f1_of_classes(table: Table) -> tuple[Floats, Floats, Floats]:
    """F1 of each class, and its derivatives by (outcomes and predictions alike) and by correct rows."""
    size = table.true + table.predicted
    score = np.nan_to_num(ratio(2 * table.correct, size))
    return score, -np.nan_to_num(ratio(score, size)), np.nan_to_num(ratio(np.full_like(size, 2.0), size))


def f1_macro(table: Table) -> Slopes:
    score, by_size, by_correct = _f1_of_classes(table)
    share = ratio(table.present, table.present.sum(axis=-1, keepdims=True))
    return Slopes((score * share).sum(axis=-1), by_size * share, by_size * share, by_correct * share)


def _f1_macro(table: Table, confidence: float) -> Estimate:
    """The wider of two intervals: the delta method's, and the average of the classes' own as if independent (MOVER).

    The first knows how the classes' errors hang together, the second what a class of few rows can still be: of nine
    rows none of which is recognised, the derivatives say that the class varies little.
    """
    smooth = measured(table, f1_macro, confidence)
    score, wrong = _f1_of_classes(table)[0], table.true + table.predicted - 2 * table.correct
    low, high = intervals.f1(table.correct, wrong, np.zeros_like(wrong), confidence)
    classes = table.present.sum(axis=-1)
    below, above = (
        ratio(np.sqrt((np.nan_to_num(score - end) ** 2).sum(axis=-1)), classes) for end in (low, high)
    )
    return replace(
        smooth,
        low=np.minimum(smooth.low, np.maximum(smooth.value - below, 0.0)),
        high=np.maximum(smooth.high, np.minimum(smooth.value + above, 1.0)),
    )


def f1_weighted(table: Table) -> Slopes:
    score, by_size, by_correct = _f1_of_classes(table)
    return _weighted(table, score, by_size, by_size, by_correct)


def precision_weighted(table: Table) -> Slopes:
    score = np.nan_to_num(ratio(table.correct, table.predicted))
    by_predicted = -np.nan_to_num(ratio(score, table.predicted))
    by_correct = np.nan_to_num(ratio(np.ones_like(score), table.predicted))
    return _weighted(table, score, np.zeros_like(score), by_predicted, by_correct)


def _weighted(
    table: Table, score: Floats, by_true: Floats, by_predicted: Floats, by_correct: Floats
) -> Slopes:
    """A class's number averaged by how often the class happened."""
    total = table.total[..., None]
    share = ratio(table.true, total)
    value = (share * score).sum(axis=-1)
    moved = ratio(score - value[..., None], total)
    return Slopes(value, share * by_true + moved, share * by_predicted, share * by_correct)


def _class_rates(which: Literal["every", "outcomes"]) -> Callable[[Context], Yields]:
    def compute(context: Context) -> Yields:
        confusion, model = context.slice.confusion, context.plan.model
        wanted = model.outcome if which == "outcomes" else model.prediction or model.score
        if confusion is None or not wanted:
            return
        counts = (confusion.outcomes if which == "outcomes" else confusion.every) * context.slice.effective[
            ..., None
        ]
        total = counts.sum(axis=-1)
        for position, name in enumerate(context.plan.class_names):
            yield name, proportion(counts[..., position], total, context.slice, context.confidence)

    return compute


def _metric(name: str, summary: str, compute: Callable[[Context], Yields]) -> Metric:
    score, _, average = name.rpartition("_")
    return Metric(
        name, "performance", summary, compute, "high", "rate", RATE, tasks=("multiclass",),
        source=f"sklearn.metrics.{score}_score(average='{average}')",
    )  # fmt: skip


METRICS: tuple[Metric, ...] = (
    _metric("precision_macro", "Plain average of the classes' precisions.", of_table(_precision_macro)),
    _metric("recall_macro", "Plain average of the classes' recalls.", of_table(_recall_macro)),
    _metric("f1_macro", "Plain average of the classes' F1.",
            of_table(_f1_macro)),
    _metric("precision_micro", "Precision over the rows of all classes; equals accuracy.", of_table(_micro)),
    _metric("recall_micro", "Recall over the rows of all classes; equals accuracy.", of_table(_micro)),
    _metric("f1_micro", "F1 over the rows of all classes; equals accuracy.", of_table(_micro)),
    _metric("precision_weighted", "Average of the classes' precisions, by how often each class happened.",
            of_table(lambda table, confidence: measured(table, precision_weighted, confidence))),
    _metric("recall_weighted", "Average of the classes' recalls, by how often each class happened; equals accuracy.",
            of_table(_micro)),
    _metric("f1_weighted", "Average of the classes' F1, by how often each class happened.",
            of_table(lambda table, confidence: measured(table, f1_weighted, confidence))),
    Metric("predicted_class_rate", "performance", "Share of rows that are predicted as this class.",
           _class_rates("every"), "none", "rate", RATE, tasks=("multiclass",), source="counts"),
    Metric("observed_class_rate", "performance", "Share of known outcomes that are this class.",
           _class_rates("outcomes"), "none", "rate", RATE, tasks=("multiclass",), source="counts"),
)  # fmt: skip
