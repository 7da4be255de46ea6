"""Metrics of value: what right and wrong predictions cost, and the user's own numbers (KPIs)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from watchkeeper.metrics import intervals
from watchkeeper.metrics.classification import OneClass
from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.share import ratio
from watchkeeper.metrics.tables import Table, Yields, estimate, table_of
from watchkeeper.model import Model
from watchkeeper.profiles import Slice

__all__ = ["METRICS", "metrics_for"]

CELLS = ("true_positive", "false_positive", "false_negative", "true_negative")


def metrics_for(model: Model) -> tuple[Metric, ...]:
    """One metric for each of the model's KPIs, under the name that the user gave it.

    The costs of ``model.costs`` have fixed names (``cost``, ``mean_cost``) and stand in ``METRICS``.

    >>> [metric.name for metric in metrics_for(Model(kpis={"revenue": "sum(price)", "basket": "mean(price)"}))]
    ['revenue', 'basket']
    """
    return tuple(_kpi(name, *parsed) for name, parsed in model.parsed_kpis.items())


def _kpi(name: str, aggregate: str, expression: str) -> Metric:
    what = "Total" if aggregate == "sum" else "Mean"
    return Metric(
        name, "value", f"{what} of {expression} over the rows where it has a value.", _kpi_of(name, aggregate),
        "none", "number", 0.1, relative=True, source="the model's kpis",
    )  # fmt: skip


def _kpi_of(name: str, aggregate: str) -> Callable[[Context], Yields]:
    def compute(context: Context) -> Yields:
        found = context.slice.kpis.get(name)
        if found is None:
            return
        rows = np.asarray(found.valid * context.slice.effective)
        value = ratio(found.sum, found.valid)
        with np.errstate(over="ignore", invalid="ignore"):
            away = value - context.plan.kpi_centre(name)
            variance = np.maximum(ratio(found.squares, found.valid) - away**2, 0.0)
            variance *= ratio(rows, np.maximum(rows - 1, 0.0))
            low, high = intervals.mean(value, variance, rows, context.confidence)
        mean = estimate(value, low, high, rows, context.slice)
        yield None, _times(mean, found.valid, found.sum) if aggregate == "sum" else mean

    return compute


def _times(mean: Estimate, weight: Floats, total: Floats) -> Estimate:
    """The sum of so many rows, from their mean: what it is worth if the number of rows is given."""
    return Estimate(
        np.where(mean.count > 0, total, np.nan), mean.low * weight, mean.high * weight, mean.count
    )


def _mean_cost(table: Table, position: int, model: Model, confidence: float) -> Estimate:
    """Σ cost × share over the four cells, with the wider of two intervals.

    Student's for the mean of the rows' costs, and MOVER of each cell's Wilson interval: cells that no row fell into
    may cost something next time.
    """
    cells = OneClass.of(table, position)
    shares = np.stack([ratio(getattr(cells, name), table.total) for name in CELLS], axis=-1)
    costs = np.array([model.costs.get(name, 0.0) for name in CELLS])
    value = shares @ costs
    variance = np.maximum(shares @ costs**2 - value**2, 0.0)
    variance = variance * ratio(table.total, np.maximum(table.total - 1, 0.0))
    low, high = intervals.mean(value, variance, table.total, confidence)
    ends = intervals.wilson(shares * table.total[..., None], table.total[..., None], confidence)
    down, up = (np.abs(costs * (end - shares)) for end in ends)
    below = np.sqrt((np.where(costs > 0, down, up) ** 2).sum(axis=-1))
    above = np.sqrt((np.where(costs > 0, up, down) ** 2).sum(axis=-1))
    return estimate(
        value, np.fmin(low, value - below), np.fmax(high, value + above), table.total, table.cells
    )


def _costs(total: bool) -> Callable[[Context], Yields]:
    def compute(context: Context) -> Yields:
        table, plan = table_of(context), context.plan
        if table is None or not plan.model.costs or not plan.classes or plan.model.task != "binary":
            return
        mean = _mean_cost(table, len(plan.classes) - 1, plan.model, context.confidence)
        weight = _weight(context.slice)
        yield None, _times(mean, weight, mean.value * weight) if total else mean

    return compute


def _weight(cells: Slice) -> Floats:
    """(W, V) rows, or sums of weights, with outcome and prediction."""
    assert cells.confusion is not None
    return np.asarray(cells.confusion.true.sum(axis=-1), dtype=np.float64)


def _cost(name: str, summary: str, total: bool) -> Metric:
    return Metric(
        name, "value", summary, _costs(total), "low", "number", 0.1, relative=True, tasks=("binary",),
        source="the model's costs, Elkan (2001), IJCAI",
    )  # fmt: skip


METRICS: tuple[Metric, ...] = (
    _cost("cost", "What right and wrong predictions cost in all, by the model's costs.", True),
    _cost("mean_cost", "What one prediction costs on average, by the model's costs.", False),
)
