"""Metrics of labels: accuracy, precision, recall and their kin; each class in turn where there are more than two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import intervals
from watchkeeper.metrics.combinations import Measure, Slopes, average_of_proportions, measured
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.share import ratio
from watchkeeper.metrics.tables import Table, Yields, estimate, of_table, proportion, table_of

__all__ = ["METRICS", "OneClass"]

Counts = NDArray[Any]
LABELS = ("binary", "multiclass")
RATE = 0.05  # five points of a rate are worth telling


@dataclass(frozen=True)
class OneClass:
    """A class against all others: the four cells, (W, V) each, in rows of equal weight."""

    true_positive: Floats
    false_positive: Floats
    false_negative: Floats
    true_negative: Floats

    @classmethod
    def of(cls, table: Table, position: int) -> OneClass:
        """The class at this position of the plan's classes."""
        hits = table.correct[..., position]
        false_positive = table.predicted[..., position] - hits
        false_negative = table.true[..., position] - hits
        return cls(hits, false_positive, false_negative, table.total - hits - false_positive - false_negative)


def _classes(context: Context) -> Iterator[tuple[str | None, OneClass]]:
    """The positive class of a binary model (column None), or every class of a multiclass one by its name."""
    table = table_of(context)
    if table is None:
        return
    names = context.plan.class_names
    if context.plan.model.task == "binary":
        if names:
            yield None, OneClass.of(table, len(names) - 1)
        return
    for position, name in enumerate(names):
        yield name, OneClass.of(table, position)


def _share(parts: Callable[[OneClass], tuple[Floats, Floats]]) -> Callable[[Context], Yields]:
    """A metric that is (successes, trials) of each class."""

    def compute(context: Context) -> Yields:
        for column, cells in _classes(context):
            yield column, proportion(*parts(cells), context.slice, context.confidence)

    return compute


def _smooth(measure: Measure, least: float = -1.0) -> Callable[[Context], Yields]:
    return of_table(lambda table, confidence: measured(table, measure, confidence, least))


def _precision(cells: OneClass) -> tuple[Floats, Floats]:
    return cells.true_positive, cells.true_positive + cells.false_positive


def _recall(cells: OneClass) -> tuple[Floats, Floats]:
    return cells.true_positive, cells.true_positive + cells.false_negative


def _specificity(cells: OneClass) -> tuple[Floats, Floats]:
    return cells.true_negative, cells.true_negative + cells.false_positive


def _negative_predictive_value(cells: OneClass) -> tuple[Floats, Floats]:
    return cells.true_negative, cells.true_negative + cells.false_negative


def _f1(context: Context) -> Yields:
    for column, cells in _classes(context):
        tp, fp, fn = cells.true_positive, cells.false_positive, cells.false_negative
        low, high = intervals.f1(tp, fp, fn, context.confidence)
        yield column, estimate(ratio(2 * tp, 2 * tp + fp + fn), low, high, tp + fp + fn, context.slice)


def _accuracy(table: Table, confidence: float) -> Estimate:
    return proportion(table.hits, table.total, table.cells, confidence)


def _majority(table: Table, confidence: float) -> Estimate:
    return proportion(table.true[..., :-1].max(axis=-1, initial=0.0), table.total, table.cells, confidence)


def _balanced_accuracy(table: Table, confidence: float) -> Estimate:
    return average_of_proportions(table, table.true, (table.true > 0).astype(np.float64), confidence)


def _agreement(table: Table) -> tuple[Floats, Slopes]:
    """Σ true × predicted, and rows² × (accuracy − accuracy by chance) with its derivatives."""
    total, hits = table.total[..., None], table.hits[..., None]
    chance = (table.true * table.predicted).sum(axis=-1)
    excess = table.hits * table.total - chance
    return chance, Slopes(
        excess, hits - table.predicted, -table.true, np.broadcast_to(total, table.true.shape)
    )


def matthews_correlation(table: Table) -> Slopes:
    """Gorodkin's coefficient for any number of classes; NaN where truth or prediction is always one class."""
    _, top = _agreement(table)
    total = table.total[..., None]
    by_true = (total[..., 0] ** 2 - (table.true**2).sum(axis=-1))[..., None]
    by_predicted = (total[..., 0] ** 2 - (table.predicted**2).sum(axis=-1))[..., None]
    root = np.sqrt(np.maximum(by_true * by_predicted, 0.0))
    value = ratio(top.value[..., None], root)
    return Slopes(
        value[..., 0],
        ratio(top.true, root) - value * (ratio(total - table.true, by_true) + ratio(total, by_predicted)),
        ratio(top.predicted, root) + value * ratio(table.predicted, by_predicted),
        ratio(top.correct, root),
    )


def cohen_kappa(table: Table) -> Slopes:
    """Accuracy beyond chance as a share of what is possible; NaN where all is one and the same class."""
    chance, top = _agreement(table)
    total = table.total[..., None]
    room = total**2 - chance[..., None]
    value = ratio(top.value[..., None], room)
    return Slopes(
        value[..., 0],
        ratio(top.true - value * (2 * total - table.predicted), room),
        ratio(top.predicted + value * table.true, room),
        ratio(top.correct, room),
    )


def _positives(counts: Counts | None, context: Context) -> Yields:
    """The share of the positive class, which stands last before the labels that the plan does not know."""
    if counts is not None and counts.shape[-1] > 1:
        rows = counts * context.slice.effective[..., None]
        yield None, proportion(rows[..., -2], rows.sum(axis=-1), context.slice, context.confidence)


def _predicted_rate(context: Context) -> Yields:
    confusion, model = context.slice.confusion, context.plan.model
    return _positives(confusion.every if confusion and (model.prediction or model.score) else None, context)


def _observed_rate(context: Context) -> Yields:
    confusion = context.slice.confusion
    return _positives(confusion.outcomes if confusion and context.plan.model.outcome else None, context)


def _coverage(context: Context) -> Yields:
    current = context.slice
    if context.plan.model.outcome is None:
        return
    if current.confusion is not None:
        known = current.confusion.outcomes.sum(axis=-1).astype(np.float64)
    elif current.residuals is not None:
        known = current.residuals.outcomes.astype(np.float64)
    else:
        return
    every = current.weight * current.effective
    yield None, proportion(known * current.effective, every, current, context.confidence)


def _metric(
    name: str,
    summary: str,
    compute: Callable[[Context], Yields],
    better: Literal["high", "none"] = "high",
    tasks: tuple[str, ...] = LABELS,
    source: str = "",
) -> Metric:
    source = source or f"sklearn.metrics.{name}_score"
    return Metric(name, "performance", summary, compute, better, "rate", RATE, tasks=tasks, source=source)


METRICS: tuple[Metric, ...] = (
    _metric("accuracy", "Share of rows whose predicted class is what happened.", of_table(_accuracy)),
    _metric("balanced_accuracy", "Average over the classes of the share of their rows that were recognised.",
            of_table(_balanced_accuracy)),
    _metric("precision", "Of the rows predicted as a class, the share that is it.", _share(_precision)),
    _metric("recall", "Of the rows that are of a class, the share predicted as it.", _share(_recall)),
    _metric("f1", "Harmonic mean of precision and recall.", _f1),
    _metric("specificity", "Of the rows that are not positive, the share not predicted positive.",
            _share(_specificity), tasks=("binary",), source="sklearn.metrics.recall_score of the negative class"),
    _metric("negative_predictive_value", "Of the rows not predicted positive, the share that is not.",
            _share(_negative_predictive_value), tasks=("binary",),
            source="sklearn.metrics.precision_score of the negative class"),
    _metric("matthews_corrcoef", "Correlation of predicted and actual class, from -1 over 0 (chance) to 1.",
            _smooth(matthews_correlation), source="sklearn.metrics.matthews_corrcoef"),
    _metric("cohen_kappa", "Accuracy beyond what chance would give, from 0 (chance) to 1.", _smooth(cohen_kappa)),
    _metric("majority_class_rate", "Accuracy of always naming the window's most frequent class.",
            of_table(_majority), better="none", source="sklearn.dummy.DummyClassifier(strategy='most_frequent')"),
    _metric("predicted_positive_rate", "Share of rows that are predicted positive.", _predicted_rate,
            better="none", tasks=("binary",), source="counts"),
    _metric("positive_rate", "Share of known outcomes that are positive.", _observed_rate,
            better="none", tasks=("binary",), source="counts"),
    _metric("outcome_coverage", "Share of rows whose outcome is known.", _coverage,
            tasks=("binary", "multiclass", "regression"), source="counts"),
)  # fmt: skip
