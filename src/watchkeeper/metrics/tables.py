"""Tables: the confusion of a slice in the form that every metric of labels computes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Estimate, Floats
from watchkeeper.metrics.intervals import wilson
from watchkeeper.metrics.share import ratio
from watchkeeper.profiles import Slice

__all__ = ["Table", "Yields", "estimate", "of_table", "proportion", "table_of"]

Yields = Iterator[tuple[str | None, Estimate]]


@dataclass(frozen=True)
class Table:
    """Outcomes against predictions, in rows of equal weight: sums of weights times ``Slice.effective``.

    Ratios do not notice that factor, and intervals may take every number here for a count. K = C + 1: the plan's
    classes, then every label outside of them.

    Attributes
    ----------
    true, predicted, correct : (W, V, K)
    matrix : (W, V, K, K) outcome × prediction before the factor, or None with more than 20 classes
    cells : the slice that it is of
    """

    true: Floats
    predicted: Floats
    correct: Floats
    matrix: NDArray[Any] | None
    cells: Slice

    @cached_property
    def total(self) -> Floats:
        """(W, V) rows with outcome and prediction."""
        return np.asarray(self.true.sum(axis=-1))

    @cached_property
    def hits(self) -> Floats:
        """(W, V) rows where both are equal."""
        return np.asarray(self.correct.sum(axis=-1))

    @cached_property
    def present(self) -> Floats:
        """(W, V, K) 1 for classes that occur among outcomes or predictions (scikit-learn averages over them)."""
        return ((self.true > 0) | (self.predicted > 0)).astype(np.float64)


def table_of(context: Context) -> Table | None:
    """The slice's table; None for regression and for models without outcomes or without predictions."""
    confusion, model = context.slice.confusion, context.plan.model
    if confusion is None or model.outcome is None or not (model.prediction or model.score):
        return None
    factor = context.slice.effective[..., None]
    return Table(
        confusion.true * factor,
        confusion.predicted * factor,
        confusion.correct * factor,
        confusion.matrix,
        context.slice,
    )


def of_table(number: Callable[[Table, float], Estimate]) -> Callable[[Context], Yields]:
    """A metric that is one number of the whole table."""

    def compute(context: Context) -> Yields:
        table = table_of(context)
        if table is not None:
            yield None, number(table, context.confidence)

    return compute


def estimate(
    value: Floats, low: Floats, high: Floats, rows: Floats, cells: Slice, bias: Floats | None = None
) -> Estimate:
    """An estimate that rests on no rows, and has no interval, wherever its value is undefined.

    Parameters
    ----------
    rows : (W, V) effective rows behind the value; ``Estimate.count`` has them as rows
    """
    defined = np.isfinite(value)
    per_row = ratio(cells.rows, cells.weight * cells.effective)  # exactly 1 without weights
    count = np.rint(np.where(defined, rows * np.nan_to_num(per_row), 0.0)).astype(np.int64)
    return Estimate(
        np.where(defined, value, np.nan),
        np.where(defined, low, np.nan),
        np.where(defined, high, np.nan),
        count,
        bias,
    )


def proportion(successes: Floats, trials: Floats, cells: Slice, confidence: float) -> Estimate:
    """A share of effective rows with Wilson's interval; NaN where there are no trials (scikit-learn warns, says 0)."""
    low, high = wilson(successes, trials, confidence)
    return estimate(ratio(successes, trials), low, high, trials, cells)
