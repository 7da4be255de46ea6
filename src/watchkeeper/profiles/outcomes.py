"""Outcomes: what the kernel counts of predictions against what happened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.profiles.cells import Cells
from watchkeeper.profiles.plan import Plan, Role
from watchkeeper.profiles.scores import Scores
from watchkeeper.profiles.seconds import DELAY
from watchkeeper.profiles.summaries import Calibration, Confusion, Delays, Histogram, Residuals
from watchkeeper.rows import OUTCOME_DELAY

__all__ = ["Truth", "class_codes"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MATRIX_CLASSES = 20  # with more, the confusion matrix is kept by its margins and diagonal alone
RELIABILITY_BINS = 20
EPSILON = float(np.finfo(np.float64).eps)  # scikit-learn clips probabilities and relative errors by it


def class_codes(array: pa.Array, plan: Plan) -> Ints:
    """(n,) class of each label, C for labels outside the plan's classes, −1 where missing."""
    classes = plan.classes
    other = len(classes)
    if pa.types.is_floating(array.type) or pa.types.is_integer(array.type) or pa.types.is_boolean(array.type):
        values = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
        codes = np.full(len(values), other, dtype=np.int64)
        for code, label in enumerate(classes):
            if isinstance(label, float):
                codes += (values == label) * (code - other)  # without a branch for each row
        codes -= np.isnan(values) * (other + 1)
        return codes
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    words = [label if isinstance(label, str) else None for label in classes]
    place = {word: code for code, word in enumerate(words) if word is not None}
    lookup = np.array([-1 if w is None else place.get(w, other) for w in array.dictionary.to_pylist()] + [-1])
    found: Ints = lookup[pc.fill_null(array.indices, len(lookup) - 1).to_numpy(zero_copy_only=False)]
    return found


def _picked(flags: Flags) -> Flags | slice:
    """What picks these rows: all of them without a copy."""
    return slice(None) if flags.all() else flags


@dataclass
class Truth:
    """The roles prediction, score and outcome of one batch, under a plan."""

    plan: Plan
    batch: pa.RecordBatch
    names: set[str]

    @classmethod
    def of(cls, plan: Plan, batch: pa.RecordBatch, names: set[str]) -> Truth:
        return cls(plan, batch, names)

    @property
    def _classification(self) -> bool:
        return self.plan.model.task in ("binary", "multiclass")

    def _floats(self, name: str | None) -> Floats:
        if name is None or name not in self.names:
            return np.full(self.batch.num_rows, np.nan)
        values: Floats = self.batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return values

    def codes(self, role: Role) -> Ints | None:
        """Class codes of a role, for the drift of labels; None where the role's values are not classes."""
        if not self._classification or role == "score":
            return None
        return self.outcome if role == "outcome" else self.prediction

    @cached_property
    def outcome(self) -> Ints:
        name = self.plan.model.outcome
        if name is None or name not in self.names:
            return np.full(self.batch.num_rows, -1)
        return class_codes(self.batch.column(name), self.plan)

    @cached_property
    def prediction(self) -> Ints:
        """Labels as logged; else by threshold, or the most probable class."""
        model = self.plan.model
        if model.prediction is not None:
            if model.prediction not in self.names:
                return np.full(self.batch.num_rows, -1)
            return class_codes(self.batch.column(model.prediction), self.plan)
        if isinstance(model.score, str):
            score = self._floats(model.score)
            return np.where(np.isnan(score), -1, score >= self.plan.threshold).astype(np.int64)
        if model.score_columns:
            scores = np.stack(
                [self.class_scores[name] for name in self.plan.class_names if name in self.class_scores]
            )
            codes = np.array([i for i, name in enumerate(self.plan.class_names) if name in self.class_scores])
            known = np.isfinite(scores).all(axis=0)
            return np.where(known, codes[np.argmax(np.where(known, scores, 0.0), axis=0)], -1)
        return np.full(self.batch.num_rows, -1)

    @cached_property
    def class_scores(self) -> dict[str, Floats]:
        """Probability of each class; for binary of the positive class alone."""
        model = self.plan.model
        if isinstance(model.score, str):
            return {self.plan.class_names[-1]: self._floats(model.score)} if self.plan.classes else {}
        return {
            self.plan.name_of(label): self._floats(column) for label, column in model.score_columns.items()
        }

    def _equal(self, both: Flags) -> Flags:
        """Where the prediction is the outcome, labels outside the known classes compared as written."""
        equal: Flags = self.outcome == self.prediction
        unseen = both & equal & (self.outcome == len(self.plan.classes))
        model = self.plan.model
        if unseen.any() and model.prediction in self.names and model.outcome in self.names:
            rows = pa.array(np.flatnonzero(unseen))
            pair = [
                self.batch.column(name).take(rows).cast(pa.string())
                for name in (model.prediction, model.outcome)
            ]
            equal[unseen] = pc.equal(*pair).to_numpy(zero_copy_only=False)
        return equal

    def confusion(self, cells: Cells) -> Confusion | None:
        if not self._classification:
            return None
        few = len(self.plan.classes) <= MATRIX_CLASSES
        return self._matrix(cells) if few else self._margins(cells)

    def _matrix(self, cells: Cells) -> Confusion:
        """All from one count of outcome × prediction, each with a first class for none."""
        size = len(self.plan.classes) + 1
        pairs = (self.outcome + 1) * (size + 1) + (self.prediction + 1)
        every = cells.count(pairs, (size + 1) ** 2).reshape(*cells.shape, size + 1, size + 1)
        matrix = np.ascontiguousarray(every[..., 1:, 1:])
        correct = np.diagonal(matrix, axis1=-2, axis2=-1).copy()
        if correct[..., -1].any():  # labels outside of the classes: another one is no hit
            unseen = self.outcome == size - 1
            correct[..., -1] = cells.only(unseen & self._equal(unseen & (self.prediction >= 0))).count()
        return Confusion(
            true=matrix.sum(axis=-1), predicted=matrix.sum(axis=-2), correct=correct,
            every=every[..., 1:].sum(axis=-2), outcomes=every[..., 1:, :].sum(axis=-1), matrix=matrix,
        )  # fmt: skip

    def _margins(self, cells: Cells) -> Confusion:
        size = len(self.plan.classes) + 1
        y, p = self.outcome, self.prediction
        has_y, has_p = y >= 0, p >= 0
        both = has_y & has_p
        part, right = cells.only(both), both & self._equal(both)
        return Confusion(
            true=part.count(y[both], size),
            predicted=part.count(p[both], size),
            correct=cells.only(right).count(y[right], size),
            every=cells.only(has_p).count(p[has_p], size),
            outcomes=cells.only(has_y).count(y[has_y], size),
        )

    def scores(self, cells: Cells) -> dict[str, Scores]:
        if not self._classification:
            return {}
        out = {}
        for name, score in self.class_scores.items():
            code = self.plan.class_names.index(name)
            truth = np.where(self.outcome < 0, 2, self.outcome == code).astype(np.int64)
            valid = _picked((score >= 0) & (score <= 1))
            weight = None if cells.weight is None else cells.weight[valid]
            out[name] = Scores.count(cells.shape, cells.key[valid], score[valid], truth[valid], weight)
        return out

    def calibration(self, cells: Cells) -> Calibration | None:
        """Binary: the score against the positive class. Multiclass: the probability of the predicted class."""
        if not self._classification or not self.class_scores:
            return None
        binary = self.plan.model.task == "binary"
        happened, score, loss, squares = self._binary_scores() if binary else self._multiclass_scores()
        valid = (score >= 0) & (score <= 1)
        known = valid & (self.outcome >= 0)
        open_ = valid & ~known
        part, picked = cells.only(known), _picked(known)
        s = score[picked]
        index = np.minimum((s * RELIABILITY_BINS).astype(np.int64), RELIABILITY_BINS - 1)
        both = part.count(index * 2 + happened[picked], 2 * RELIABILITY_BINS)
        return Calibration(
            counts=both[..., ::2] + both[..., 1::2],
            positives=both[..., 1::2].copy(),
            scores=part.sum(s, index, RELIABILITY_BINS),
            log_loss=part.sum(loss[picked]),
            squares=part.sum(squares[picked]),
            unlabelled_scores=cells.only(open_).sum(score[open_]),
            unlabelled=cells.only(open_).count(),
            invalid=cells.only(~valid).count(),
        )

    def _binary_scores(self) -> tuple[Flags, Floats, Floats, Floats]:
        score = next(iter(self.class_scores.values()))
        happened = self.outcome == len(self.plan.classes) - 1
        clipped = np.clip(score, EPSILON, 1 - EPSILON)
        loss = -np.log(np.where(happened, clipped, 1 - clipped))
        return happened, score, loss, (score - happened) ** 2

    def _multiclass_scores(self) -> tuple[Flags, Floats, Floats, Floats]:
        """Top-label calibration; log loss (of scores scaled to sum to one) and Brier score over all classes.

        A class without a score of its own has the probability 0.
        """
        names = [name for name in self.plan.class_names if name in self.class_scores]
        codes = np.array([self.plan.class_names.index(name) for name in names])
        scores = np.stack([self.class_scores[name] for name in names], axis=1)
        outside = np.count_nonzero(~((scores >= 0) & (scores <= 1)), axis=1)
        inside = np.asarray(outside) == 0
        safe = np.where(inside[:, None], scores, 1.0)
        top = safe.argmax(axis=1)
        score = np.where(inside, safe[np.arange(len(safe)), top], np.nan)
        truth: Flags = np.equal(self.outcome[:, None], codes[None, :])
        total = safe.sum(axis=1, keepdims=True)
        clipped = np.clip(safe / np.where(total > 0, total, 1.0), EPSILON, 1 - EPSILON)
        of_truth = np.where(truth, clipped, 0.0).sum(axis=1)
        loss = -np.log(np.where(of_truth > 0, of_truth, EPSILON))
        squares = ((safe - truth) ** 2).sum(axis=1) + ~truth.any(axis=1)
        return codes[top] == self.outcome, score, loss, squares

    def residuals(self, cells: Cells) -> Residuals | None:
        model, grid = self.plan.model, self.plan.error
        if model.task != "regression" or grid is None:
            return None
        y, p = self._floats(model.outcome), self._floats(model.prediction)
        happened = np.isfinite(y)
        valid = happened & np.isfinite(p)
        part = cells.only(valid)
        y, p = y[valid], p[valid]
        with np.errstate(over="ignore", invalid="ignore"):
            e = p - y
            size, scaled, away = np.abs(e), e / grid.scale, y - self.plan.outcome_centre
            relative = size / np.maximum(np.abs(y), EPSILON)
            sums: dict[str, Any] = {
                "errors": part.sum(e), "absolute": part.sum(size), "squares": part.sum(e * e),
                "fourth": part.sum(scaled**4), "relative": part.sum(relative),
                "relative_squares": part.sum(relative * relative), "outcome": part.sum(away),
                "outcome_squares": part.sum(away * away), "greatest": part.greatest(size),
            }  # fmt: skip
        index = grid.index(np.where(np.isfinite(e), e, np.sign(e) * np.finfo(np.float64).max))
        first = int(index.min()) if index.size else 0
        counts = part.count(index - first, int(index.max()) - first + 1 if index.size else 1)
        return Residuals(
            valid=part.count(),
            outcomes=cells.only(happened).count(),
            histogram=Histogram(first, counts),
            **sums,
        )

    def delays(self, cells: Cells) -> Delays | None:
        """Of a model with outcomes; empty where nobody says when they became known."""
        if self.plan.model.outcome is None:
            return None
        seconds = self._floats(OUTCOME_DELAY)
        told = seconds > 0
        bins = DELAY.index(seconds[told])
        first, size = (int(bins.min()), int(np.ptp(bins)) + 1) if bins.size else (0, 1)
        return Delays(Histogram(first, cells.only(told).count(bins - first, size)))
