"""Combinations: intervals of numbers that are made of several proportions of one confusion table.

Two ways: independent proportions keep their own intervals, which add up by MOVER; everything else is a smooth
function of the table's counts, with the variance of the delta method on a table that is drawn a little towards chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from watchkeeper.metrics.estimate import Estimate, Floats
from watchkeeper.metrics.intervals import wilson
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.metrics.share import ratio
from watchkeeper.metrics.tables import Table, estimate

__all__ = ["Measure", "Slopes", "average_of_proportions", "measured"]


@dataclass(frozen=True)
class Slopes:
    """A number and its derivatives by the counts of each class.

    Attributes
    ----------
    value : (W, V)
    true, predicted, correct : (W, V, K) derivatives by the rows with this outcome, this prediction, both
    """

    value: Floats
    true: Floats
    predicted: Floats
    correct: Floats


Measure = Callable[[Table], Slopes]


def average_of_proportions(table: Table, trials: Floats, counted: Floats, confidence: float) -> Estimate:
    """The plain average over classes of correct / trials, with a MOVER interval of Wilson's intervals.

    A counted class without trials contributes 0 to the value, as in scikit-learn, and all of [0, 1] to the interval.

    Parameters
    ----------
    trials : (W, V, K) the table's outcomes (recall) or predictions (precision)
    counted : (W, V, K) 1 for each class to average over, else 0

    References
    ----------
    Zou and Donner (2008), Construction of confidence limits about effect measures, Statistics in Medicine 27.
    """
    shares = np.nan_to_num(ratio(table.correct, trials))
    low, high = wilson(table.correct, trials, confidence)
    low, high = np.where(trials > 0, low, 0.0), np.where(trials > 0, high, 1.0)
    classes = counted.sum(axis=-1)
    value = ratio((shares * counted).sum(axis=-1), classes)
    below = ratio(np.sqrt(((shares - low) ** 2 * counted).sum(axis=-1)), classes)
    above = ratio(np.sqrt(((high - shares) ** 2 * counted).sum(axis=-1)), classes)
    low, high = np.maximum(value - below, 0.0), np.minimum(value + above, 1.0)
    return estimate(value, low, high, table.total, table.cells)


def measured(table: Table, measure: Measure, confidence: float, least: float = 0.0) -> Estimate:
    """A smooth number of the table with its interval, inside [least, 1].

    The interval is the delta method's on the table plus z² rows that are spread as if outcome and prediction were
    independent: what Agresti and Coull do for one proportion. So it never collapses where every row is right.

    Notes
    -----
    Measured coverage of 95 %, four classes of 60, 25, 10 and 5 %, at 100, 400 and 2,000 rows: f1_macro .90 (five
    rows of the rarest class; `multiclass` widens it there), .95, .95; f1_weighted, precision_weighted, cohen_kappa
    and matthews_corrcoef .95 to .96. More than 20 classes, whose matrix is not kept: .95 to .98.

    References
    ----------
    Agresti and Coull (1998), Approximate is better than "exact", The American Statistician 52.
    """
    z = normal_score(confidence)
    value = measure(table).value
    drawn, extra = _towards_chance(table, z * z)
    slopes = measure(drawn)
    reach = z * np.sqrt(_variance(table, drawn, slopes, extra))
    low = np.clip(np.fmin(slopes.value - reach, value), least, 1.0)
    high = np.clip(np.fmax(slopes.value + reach, value), least, 1.0)
    return estimate(value, low, high, table.total, table.cells)


def _towards_chance(table: Table, rows: float) -> tuple[Table, Floats]:
    """The table with so many more rows, spread by its margins; and the density (W, V) they are spread with."""
    total = table.total[..., None]
    grown = np.nan_to_num(ratio(total + rows, total))
    density = np.nan_to_num(ratio(np.full_like(total, rows), total**2))
    correct = table.correct + density * table.true * table.predicted
    drawn = replace(table, true=table.true * grown, predicted=table.predicted * grown, correct=correct)
    return drawn, density[..., 0]


def _variance(table: Table, drawn: Table, slopes: Slopes, density: Floats) -> Floats:
    """Σ over cells of count × derivative²; the mean derivative is 0, for the number does not change with the scale."""
    a, b = slopes.true, slopes.predicted
    right = (drawn.correct * (a + b + slopes.correct) ** 2).sum(axis=-1)
    by_true = ((drawn.true - drawn.correct) * a**2).sum(axis=-1)
    by_predicted = ((drawn.predicted - drawn.correct) * b**2).sum(axis=-1)
    if table.matrix is None:  # the cross term is unknown, and at most this by Cauchy and Schwarz
        cross = np.sqrt(np.maximum(by_true * by_predicted, 0.0))
    else:
        cross = table.cells.effective * np.einsum("...i,...ij,...j->...", a, table.matrix, b, optimize=True)
        cross += density * (a * table.true).sum(axis=-1) * (b * table.predicted).sum(axis=-1)
        cross -= (drawn.correct * a * b).sum(axis=-1)
    return np.asarray(np.maximum(right + by_true + by_predicted + 2 * cross, 0.0))
