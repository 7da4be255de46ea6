"""Metrics of order: does what happens get the higher probability? Thresholds play no part."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator

import numpy as np

from watchkeeper.metrics import intervals
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.share import ratio
from watchkeeper.metrics.tables import Yields, estimate
from watchkeeper.profiles import Scores

__all__ = ["METRICS"]

LABELS = ("binary", "multiclass")
ONE = 1 - 1e-9  # effective rows of either class that an interval needs at least
RATE = 0.05  # five points are worth telling
Interval = Callable[..., tuple[Floats, Floats, Floats]]
_KNOWN: dict[tuple[int, float], list[tuple[str, Estimate, Floats]]] = {}


def _by_class(context: Context) -> Iterator[tuple[str, Scores]]:
    """Each class that has probabilities, in the plan's order; for binary the positive one alone."""
    if context.plan.model.outcome is not None:
        for name in context.plan.class_names:
            if name in context.slice.scores:
                yield name, context.slice.scores[name]


def _one(scores: Scores, interval: Interval, context: Context) -> tuple[Estimate, Floats]:
    """A class against the rest, and its effective rows (W, V)."""
    effective = context.slice.effective.ravel()
    worth, cells = effective[scores.cell], effective.size
    positive, negative = scores.positive * worth, scores.negative * worth
    with np.errstate(invalid="ignore"):  # weights may leave less than one effective row of a class
        parts = interval(scores.cell, positive, negative, cells, context.confidence)
    value, low, high = (part.reshape(scores.shape) for part in parts)
    happened, others = (
        np.bincount(scores.cell, weights=rows, minlength=cells).reshape(scores.shape).astype(np.float64)
        for rows in (positive, negative)
    )
    few = np.minimum(happened, others) < ONE
    low, high = np.where(few, np.nan, low), np.where(few, np.nan, high)
    return estimate(value, low, high, happened + others, context.slice), happened


def _areas(context: Context) -> list[tuple[str, Estimate, Floats]]:
    """The areas of every class, kept while their slice lives: three metrics ask for them one after the other."""
    key = (id(context.slice), context.confidence)
    if key not in _KNOWN:
        weakref.finalize(context.slice, _KNOWN.pop, key, None)
        _KNOWN[key] = [(name, *_one(scores, intervals.auc, context)) for name, scores in _by_class(context)]
    return _KNOWN[key]


def _roc_auc(context: Context) -> Yields:
    binary = context.plan.model.task == "binary"
    for name, area, _ in _areas(context):
        yield None if binary else name, area


def _average_precision(context: Context) -> Yields:
    binary = context.plan.model.task == "binary"
    for name, scores in _by_class(context):
        yield None if binary else name, _one(scores, intervals.average_precision, context)[0]


def _average(weighted: bool) -> Callable[[Context], Yields]:
    """One against the rest, averaged over the classes that a window has rows of, and rows of others.

    How the classes' errors hang together is unknown, so the ends are averaged as well: that is wide enough however
    they do.
    """

    def compute(context: Context) -> Yields:
        found = [(area, happened) for _, area, happened in _areas(context)]
        if not found:
            return
        values = np.stack([each.value for each, _ in found])
        weights = np.stack([happened if weighted else np.ones_like(happened) for _, happened in found])
        weights = np.where(np.isfinite(values), weights, 0.0)
        ends = [np.stack([getattr(each, end) for each, _ in found]) for end in ("value", "low", "high")]
        value, low, high = (
            ratio((weights * np.nan_to_num(end)).sum(axis=0), weights.sum(axis=0)) for end in ends
        )
        count = np.max([each.count for each, _ in found], axis=0)
        yield None, Estimate(value, low, high, np.where(np.isfinite(value), count, 0))

    return compute


METRICS: tuple[Metric, ...] = (
    Metric("roc_auc", "performance", "Chance that a row of the class has a higher probability of it than another row.",
           _roc_auc, "high", "rate", RATE, tasks=LABELS, source="sklearn.metrics.roc_auc_score"),
    Metric("average_precision", "performance", "Precision averaged over all recalls: for rare classes.",
           _average_precision, "high", "rate", RATE, tasks=LABELS,
           source="sklearn.metrics.average_precision_score"),
    Metric("roc_auc_macro", "performance", "Plain average over the classes of roc_auc against the rest.",
           _average(False), "high", "rate", RATE, tasks=("multiclass",),
           source="sklearn.metrics.roc_auc_score(multi_class='ovr', average='macro')"),
    Metric("roc_auc_weighted", "performance", "Average of roc_auc against the rest, by how often each class happened.",
           _average(True), "high", "rate", RATE, tasks=("multiclass",),
           source="sklearn.metrics.roc_auc_score(multi_class='ovr', average='weighted')"),
)  # fmt: skip
