"""Multiclass: what the probabilities of a window's rows promise, class against class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.calibrate import Calibrator, calibrator_for
from watchkeeper.estimation.coding import Coding
from watchkeeper.estimation.expected import Expected
from watchkeeper.estimation.interval import DOUBT_OF_OUTCOMES, Between, Found, estimates
from watchkeeper.estimation.link import logit, sigmoid
from watchkeeper.estimation.sample import Sample
from watchkeeper.estimation.sides import Sides
from watchkeeper.estimation.trees import OUTCOMES, Trees, boost
from watchkeeper.metrics import Estimate
from watchkeeper.metrics.share import ratio
from watchkeeper.profiles import Profile

__all__ = ["Multiclass"]

Floats = NDArray[np.float64]
GAIN = 0.05
EDGE = 0.002


@dataclass(frozen=True)
class _Rows:
    """Sampled rows of one window.

    Attributes
    ----------
    p : (n, C) probability of each class
    said : (n,) class that was predicted
    scores : (n, C) as the model gave them
    weight : (n,) rows of the window that each stands for
    """

    p: Floats
    said: NDArray[np.int64]
    scores: Floats
    weight: Floats

    def table(self) -> Floats:
        """(C, C) expected rows, predicted × true."""
        size = self.p.shape[1]
        return np.stack(
            [np.bincount(self.said, self.weight * self.p[:, k], size) for k in range(size)], axis=1
        )

    def around(self, value: float, slope: Floats) -> Expected:
        """With ∂metric/∂(the row is of class k), (n, C): each row is of exactly one class."""
        mean = (self.p * slope).sum(axis=1)
        spread = (self.p * slope**2).sum(axis=1) - mean**2
        return Expected(value, float(self.weight @ np.maximum(spread, 0.0)))


def _of_table(measure: Callable[[Floats], float]) -> Callable[[_Rows], Expected]:
    def expected(rows: _Rows) -> Expected:
        table = rows.table()
        value, step = measure(table), 1e-4 * max(float(table.sum()), 1.0)
        slope = np.zeros_like(table)
        for cell in np.ndindex(*table.shape):
            move = np.zeros_like(table)
            move[cell] = step
            slope[cell] = (measure(table + move) - measure(table - move)) / (2 * step)
        return rows.around(value, np.nan_to_num(slope)[rows.said])

    return expected


def _accuracy(table: Floats) -> float:
    return float(np.trace(table) / table.sum())


def _macro(table: Floats, top: Floats, below: Floats) -> float:
    present = (table.sum(axis=0) > 0) | (table.sum(axis=1) > 0)
    return float(np.nan_to_num(ratio(top, below))[present].mean())


def _precision(table: Floats) -> float:
    return _macro(table, np.diag(table), table.sum(axis=1))


def _recall(table: Floats) -> float:
    return _macro(table, np.diag(table), table.sum(axis=0))


def _f1(table: Floats) -> float:
    return _macro(table, 2 * np.diag(table), table.sum(axis=0) + table.sum(axis=1))


def _balanced_accuracy(table: Floats) -> float:
    true = table.sum(axis=0)
    return float(np.diag(table)[true > 0] @ (1 / true[true > 0]) / max((true > 0).sum(), 1))


def _areas(rows: _Rows) -> tuple[Floats, Floats, Floats]:
    """(C,) area of each class against the rest, (n, C) its slope by whether a row is of the class, (C,) rows."""
    size = rows.p.shape[1]
    areas, slopes, happened = np.full(size, np.nan), np.zeros_like(rows.p), np.zeros(size)
    for k in range(size):
        order = np.argsort(rows.scores[:, k], kind="stable")
        score = rows.scores[order, k]
        first = np.flatnonzero(np.diff(score, prepend=-np.inf))
        place = np.cumsum(np.diff(score, prepend=-np.inf) > 0) - 1
        yes = np.add.reduceat(rows.weight[order] * rows.p[order, k], first)
        no = np.add.reduceat(rows.weight[order] * (1 - rows.p[order, k]), first)
        pairs = float(yes.sum() * no.sum())
        happened[k] = yes.sum()
        if pairs <= 0:
            continue
        below, above = np.cumsum(no) - no / 2, yes.sum() - np.cumsum(yes) + yes / 2
        areas[k] = float(yes @ below) / pairs
        slopes[order, k] = ((below - above - areas[k] * (no.sum() - yes.sum())) / pairs)[place]
    return areas, slopes, happened


def _area(weighted: bool) -> Callable[[_Rows], Expected]:
    def expected(rows: _Rows) -> Expected:
        areas, slopes, happened = _areas(rows)
        known = np.isfinite(areas)
        if not known.any():
            return Expected(np.nan, np.nan)
        weights = np.where(known, happened if weighted else 1.0, 0.0)
        weights = weights / weights.sum()
        return rows.around(float(weights @ np.nan_to_num(areas)), slopes * weights)

    return expected


METRICS: dict[str, Callable[[_Rows], Expected]] = {
    "accuracy": _of_table(_accuracy), "balanced_accuracy": _of_table(_balanced_accuracy),
    "precision_macro": _of_table(_precision), "recall_macro": _of_table(_recall), "f1_macro": _of_table(_f1),
    "roc_auc_macro": _area(False), "roc_auc_weighted": _area(True),
}  # fmt: skip


@dataclass(frozen=True)
class Multiclass:
    """Fitted on the reference: for each class a calibration against the rest and what features add to it."""

    coding: Coding
    calibrators: tuple[Calibrator, ...]
    trees: Trees
    strong: bool  # whether the trees move estimates; else they only widen intervals
    between: dict[str, Between]
    known: float

    @classmethod
    def fit(cls, reference: Profile, sample: Sample, coding: Coding) -> Multiclass | None:
        """None without outcomes, or unless each class has a score."""
        part, names = reference.total().everything, reference.plan.class_names
        rows = sample.take(np.isfinite(sample.outcome) & np.isfinite(sample.scores).all(axis=1))
        if any(name not in part.scores for name in names) or not names or not len(rows):
            return None
        calibrators = tuple(
            calibrator_for(
                part.scores[n].score,
                part.scores[n].negative.astype(float),
                part.scores[n].positive.astype(float),
            )
            for n in names
        )
        start = logit(np.stack([c(rows.scores[:, k]) for k, c in enumerate(calibrators)], axis=1), EDGE)
        truth = np.eye(len(names) + 1)[rows.outcome.astype(np.int64)][:, :-1]
        fit = boost(coding(rows), coding.ordered, truth, start, OUTCOMES, rows.key % 4 == 0)
        confusion = part.confusion
        known = float(confusion.outcomes.sum()) if confusion is not None else 0.0
        fitted = cls(coding, calibrators, fit.trees, fit.gain >= GAIN, {}, known)
        return cls(
            coding, calibrators, fit.trees, fit.gain >= GAIN, fitted._between(reference, sample), known
        )

    def usable(self, sample: Sample) -> NDArray[np.bool_]:
        """(n,) rows with every score and a prediction that is one of the classes."""
        return np.asarray(
            np.isfinite(sample.scores).all(axis=1) & (sample.prediction < len(self.calibrators))
        )

    def probabilities(self, sample: Sample, corrected: bool) -> Floats:
        """(n, C) probabilities that add up to one."""
        p = np.stack([c(sample.scores[:, k]) for k, c in enumerate(self.calibrators)], axis=1)
        if corrected and self.trees.trees:
            p = sigmoid(logit(p, EDGE) + self.coding.trust(sample)[:, None] * self.trees(self.coding(sample)))
        total = p.sum(axis=1, keepdims=True)
        return np.where(total > 0, p / np.where(total > 0, total, 1.0), 1 / p.shape[1])

    def _rows(self, sample: Sample, said: Floats, corrected: bool) -> _Rows | None:
        """A window's rows, weighted so that the counts of predictions are exact; ``said`` (C,)."""
        size = len(self.calibrators)
        sample = sample.take(self.usable(sample))
        if not len(sample):
            return None
        label = sample.prediction.astype(np.int64)
        counts = np.bincount(label, minlength=size)
        weight = (said[:size] / np.maximum(counts, 1))[label]
        return _Rows(self.probabilities(sample, corrected), label, sample.scores, weight)

    def _between(self, reference: Profile, sample: Sample) -> dict[str, Between]:
        expected: dict[str, list[Expected]] = {name: [] for name in METRICS}
        realised: dict[str, list[float]] = {name: [] for name in METRICS}
        for start in reference.windows:
            here = sample.of(int(start))
            here = here.take(np.isfinite(here.outcome) & (here.outcome < len(self.calibrators)))
            # by the sampled rows on both sides: what else a window holds is chance
            counts = np.bincount(
                here.prediction[np.isfinite(here.prediction)].astype(np.int64),
                minlength=len(self.calibrators),
            )
            rows = self._rows(here, counts.astype(float), self.strong)
            if rows is None or rows.weight.sum() < 100:
                continue
            kept = here.take(self.usable(here))
            truth = np.eye(len(self.calibrators))[kept.outcome.astype(np.int64)]
            happened = _Rows(truth, rows.said, rows.scores, rows.weight)
            for name, metric in METRICS.items():
                expected[name].append(metric(rows))
                realised[name].append(metric(happened).value)
        return {name: Between.of(expected[name], realised[name]) for name in METRICS}

    def estimate(
        self, current: Profile, samples: Sample, outside: Floats, confidence: float
    ) -> dict[str, Estimate]:
        """By metric, arrays (W,)."""
        confusion = current.everything.confusion
        if confusion is None:
            return {}
        views = []
        for w, start in enumerate(current.windows):
            here, said = samples.of(int(start)), np.asarray(confusion.every[w, 0], dtype=np.float64)
            views.append((self._rows(here, said, self.strong), self._rows(here, said, not self.strong)))
        result = {}
        for name, metric in METRICS.items():
            found = [self._found(metric, *view, o) for view, o in zip(views, outside, strict=True)]
            result[name] = estimates(name, found, self.between[name], self.known, confidence)
        return result

    @property
    def metrics(self) -> frozenset[str]:
        return frozenset(METRICS)

    def sides(self, sample: Sample) -> Sides:
        """What happened to rows, and what was expected of them."""
        return _Sides(self, sample)

    def _found(
        self, metric: Callable[[_Rows], Expected], believed: _Rows | None, other: _Rows | None, outside: float
    ) -> Found | None:
        if believed is None or other is None:
            return None
        expected = metric(believed)
        doubt = DOUBT_OF_OUTCOMES * (metric(other).value - expected.value)
        return Found(expected, doubt, float(believed.weight.sum()), outside)


@dataclass(frozen=True)
class _Sides:
    fitted: Multiclass
    sample: Sample

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        return self.fitted.usable(self.sample)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        return np.asarray(self.usable & (self.sample.outcome < len(self.fitted.calibrators)))

    @cached_property
    def _corrected(self) -> Floats:
        return self.fitted.probabilities(self._safe, True)

    @cached_property
    def _plain(self) -> Floats:
        return self.fitted.probabilities(self._safe, False)

    @cached_property
    def _safe(self) -> Sample:
        return replace(self.sample, scores=np.nan_to_num(self.sample.scores))

    @cached_property
    def _said(self) -> NDArray[np.int64]:
        return np.where(self.usable, self.sample.prediction, 0).astype(np.int64)

    def happened(self, metric: str, rows: NDArray[np.bool_]) -> float:
        truth = np.eye(len(self.fitted.calibrators))[self.sample.outcome[rows].astype(np.int64)]
        return self._value(metric, rows, truth)

    def expected(self, metric: str, rows: NDArray[np.bool_], corrected: bool = True) -> float:
        return self._value(metric, rows, (self._corrected if corrected else self._plain)[rows])

    def _value(self, metric: str, rows: NDArray[np.bool_], p: Floats) -> float:
        if not rows.any():
            return np.nan
        return METRICS[metric](
            _Rows(p, self._said[rows], self.sample.scores[rows], np.ones(int(rows.sum())))
        ).value

    def losses(self, metric: str) -> tuple[Floats, Floats]:
        wrong = np.where(
            self.known, (self.sample.outcome != self.sample.prediction).astype(np.float64), np.nan
        )
        return wrong, 1 - self._corrected[np.arange(len(self.sample)), self._said]
