"""Expected: what a metric is expected to be, and how far it may fall from that, if each row happens with a probability.

Every function takes scores in ascending order: ``rows`` (m,) with each, ``p`` (m,) the probability that such a row is
positive, and ``said`` (m,) the share of them that were called positive. The variance is that of the *realised*
metric, by the delta method over independent outcomes: Σ rows·p(1 − p)·(∂metric/∂outcome)².
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.share import ratio

__all__ = ["CELLS", "CURVES", "Expected", "Window"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """A number and the variance of what will be realised around it."""

    value: float
    variance: float


@dataclass(frozen=True)
class Window:
    """One window's scores, ascending, and what is believed of them. All arrays (m,)."""

    score: Floats
    rows: Floats
    p: Floats
    said: Floats

    @cached_property
    def positives(self) -> float:
        return float(self.rows @ self.p)

    @cached_property
    def total(self) -> float:
        return float(self.rows.sum())

    @cached_property
    def noise(self) -> Floats:
        """(m,) variance of the number of positives with each score."""
        return self.rows * self.p * (1 - self.p)

    def around(self, value: float, slope: Floats) -> Expected:
        """With ∂metric/∂outcome of a row with each score."""
        return Expected(value, float(self.noise @ slope**2))

    @cached_property
    def cells(self) -> tuple[float, float, float, float]:
        """Expected true positives, false positives, false negatives, true negatives."""
        called = self.rows * self.said
        tp, called_all = float(called @ self.p), float(called.sum())
        fp, fn = called_all - tp, self.positives - tp
        return tp, fp, fn, self.total - tp - fp - fn

    @cached_property
    def spread(self) -> tuple[float, float, float]:
        """The noise of rows that are called positive by two draws of their share, by one of them, by none."""
        said, rest = self.said, 1 - self.said
        return float(self.noise @ said**2), float(self.noise @ (said * rest)), float(self.noise @ rest**2)

    def of_cells(self, measure: Callable[[Floats], Floats]) -> Expected:
        """A function of the four cells; its derivatives by central differences, which are exact enough here.

        A row that happens moves said from FP to TP and the rest from TN to FN; called or not is part of the noise.
        """
        cells = np.array(self.cells)
        step = 1e-4 * max(self.total, 1.0)
        moves = np.eye(4) * step
        with np.errstate(invalid="ignore", divide="ignore"):
            found = measure(cells[:, None] + np.concatenate([np.zeros((4, 1)), moves, -moves], axis=1))
        value, slopes = float(found[0]), (found[1:5] - found[5:]) / (2 * step)
        if not np.isfinite(value):
            return Expected(np.nan, np.nan)
        slopes = np.nan_to_num(slopes)
        called, not_called = slopes[0] - slopes[1], slopes[2] - slopes[3]
        both, one, none = self.spread
        variance = called**2 * both + 2 * called * not_called * one + not_called**2 * none
        return Expected(value, float(variance + (called - not_called) ** 2 * one))


def _roc_auc(w: Window) -> Expected:
    happened, others = w.rows * w.p, w.rows * (1 - w.p)
    below, above = np.cumsum(others) - others / 2, happened.sum() - np.cumsum(happened) + happened / 2
    pairs = float(happened.sum() * others.sum())
    if pairs <= 0:
        return Expected(np.nan, np.nan)
    area = float(happened @ below) / pairs
    slope = (below - above - area * (others.sum() - happened.sum())) / pairs
    return w.around(area, slope)


def _average_precision(w: Window) -> Expected:
    rows, p = w.rows[::-1], w.p[::-1]
    seen, hits = np.cumsum(rows), np.cumsum(rows * p)
    total = float(hits[-1]) if len(hits) else 0.0
    if total <= 0:
        return Expected(np.nan, np.nan)
    precision = hits / seen
    value = float((rows * p) @ precision) / total
    helped = (rows * p / seen)[::-1].cumsum()[::-1]  # a hit raises the precision of all that come after it
    slope = (precision - value + helped) / total
    return w.around(value, slope[::-1])


def _brier_score(w: Window) -> Expected:
    loss = w.p * (1 - w.score) ** 2 + (1 - w.p) * w.score**2
    return w.around(float(w.rows @ loss) / w.total, (1 - 2 * w.score) / w.total)


def _log_loss(w: Window) -> Expected:
    s = np.clip(w.score, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)
    yes, no = -np.log(s), -np.log1p(-s)
    return w.around(float(w.rows @ (w.p * yes + (1 - w.p) * no)) / w.total, (yes - no) / w.total)


def _accuracy(c: Floats) -> Floats:
    return np.asarray((c[0] + c[3]) / c.sum(axis=0))


def _precision(c: Floats) -> Floats:
    return ratio(c[0], c[0] + c[1])


def _recall(c: Floats) -> Floats:
    return ratio(c[0], c[0] + c[2])


def _specificity(c: Floats) -> Floats:
    return ratio(c[3], c[3] + c[1])


def _f1(c: Floats) -> Floats:
    return ratio(2 * c[0], 2 * c[0] + c[1] + c[2])


def _balanced_accuracy(c: Floats) -> Floats:
    return np.asarray((_recall(c) + _specificity(c)) / 2)


def _matthews(c: Floats) -> Floats:
    tp, fp, fn, tn = c
    return ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


CELLS: dict[str, Callable[[Floats], Floats]] = {
    "accuracy": _accuracy, "balanced_accuracy": _balanced_accuracy, "precision": _precision, "recall": _recall,
    "specificity": _specificity, "f1": _f1, "matthews_corrcoef": _matthews,
}  # fmt: skip
"""Metrics of the four cells (4, ...), by name."""

CURVES: dict[str, Callable[[Window], Expected]] = {
    "roc_auc": _roc_auc, "average_precision": _average_precision, "log_loss": _log_loss, "brier_score": _brier_score,
}  # fmt: skip
"""Metrics of the scores alone, by name."""
