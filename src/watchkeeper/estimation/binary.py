"""Binary: what the scores of a window promise, made right for the rows that it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.calibrate import Calibrator, Isotonic, calibrator_for, shifted
from watchkeeper.estimation.coding import Coding
from watchkeeper.estimation.expected import CELLS, CURVES, Expected, Window
from watchkeeper.estimation.interval import DOUBT, Between, Found, estimates
from watchkeeper.estimation.link import logit, sigmoid
from watchkeeper.estimation.sample import Sample
from watchkeeper.estimation.trees import OUTCOMES, Trees, boost
from watchkeeper.metrics import Estimate
from watchkeeper.profiles import Profile, Scores, Slice

__all__ = ["Binary"]

Floats = NDArray[np.float64]
GAIN = 0.04  # of the log loss that features must save beyond the score before they correct it
BANDS = 20  # of the score, by equal numbers of reference rows, each with a correction of its own
PRIOR = 20.0  # rows of the reference that each band of a window starts with
STEP = 0.999  # of the reference's rows that a threshold must explain to be one
EDGE = 0.002  # beyond which trees start no nearer to certainty


@dataclass(frozen=True)
class _Shift:
    """How the features move the calibration.

    Attributes
    ----------
    edges : of the score's bands
    usual : (bands,) what the trees say of the reference itself: mean probability
    strong : whether they say enough to move an estimate; else they only widen its interval
    """

    coding: Coding
    trees: Trees
    edges: Floats
    usual: Floats
    strong: bool

    @classmethod
    def fit(cls, sample: Sample, coding: Coding, calibrator: Calibrator) -> _Shift | None:
        """None where the features say nothing that the score does not."""
        score, happened = sample.scores[:, 0], sample.outcome
        edges = np.unique(np.quantile(score, np.arange(1, BANDS) / BANDS))
        codes = _coded(sample, coding, edges)
        start = logit(calibrator(score), EDGE)
        found = boost(
            codes, [*coding.ordered, False], happened[:, None], start[:, None], OUTCOMES, sample.key % 4 == 0
        )
        if not found.trees.trees:
            return None
        band, p = codes[-1], sigmoid(start + found.trees(codes)[:, 0])
        size = len(edges) + 1
        usual = np.bincount(band, p, size) / np.maximum(np.bincount(band, minlength=size), 1)
        return cls(coding, found.trees, edges, usual, found.gain >= GAIN)

    def __call__(self, score: Floats, p: Floats, sample: Sample, calibrator: Calibrator) -> Floats:
        """The probabilities p (m,) of the scores, right for a window with such a sample."""
        codes = _coded(sample, self.coding, self.edges)
        here = sigmoid(
            logit(calibrator(sample.scores[:, 0]), EDGE) + self.coding.trust(sample) * self.trees(codes)[:, 0]
        )
        rows, sums = (np.bincount(codes[-1], w, len(self.usual)) for w in (None, here))
        mean = (sums + PRIOR * self.usual) / (rows + PRIOR)
        by = logit(mean, 1e-3) - logit(self.usual, 1e-3)
        return shifted(p, by[np.searchsorted(self.edges, score, side="right")])


def _coded(sample: Sample, coding: Coding, edges: Floats) -> NDArray[np.uint8]:
    band = np.searchsorted(edges, sample.scores[:, 0], side="right").astype(np.uint8)
    return np.concatenate([coding(sample), band[None]])


@dataclass(frozen=True)
class Binary:
    """Fitted on the reference: calibration, correction by features, and how far windows differ."""

    calibrator: Calibrator
    shift: _Shift | None
    said: Isotonic | None  # share of a score that is called positive; None: a threshold
    between: dict[str, Between]
    known: float

    @classmethod
    def fit(cls, reference: Profile, sample: Sample, coding: Coding) -> Binary | None:
        """None without scores and outcomes of both classes."""
        whole = _scores(reference.total().everything)
        usable = sample.take(_usable(sample) & np.isfinite(sample.outcome) & (sample.outcome < 2))
        if whole is None or not (whole.positive.sum() > 0 and whole.negative.sum() > 0):
            return None
        known = float(whole.positive.sum() + whole.negative.sum())
        fine = _scores(reference.everything)  # by windows: a smaller one has finer bins
        assert fine is not None
        calibrator = calibrator_for(fine.score, _floats(fine.negative), _floats(fine.positive))
        shift = _Shift.fit(usable, coding, calibrator) if len(usable) else None
        fitted = cls(calibrator, shift, _called(usable), {}, known)
        return cls(calibrator, shift, fitted.said, fitted._between(reference, sample), known)

    def _between(self, reference: Profile, sample: Sample) -> dict[str, Between]:
        """By metric, from the reference's windows with known outcomes."""
        part = reference.everything
        views = [
            self._windows(part, w, sample.of(int(start)), known=True)
            for w, start in enumerate(reference.windows)
        ]
        kept = [(w, view) for w, view in enumerate(views) if view is not None]
        found = {}
        for name in (*CELLS, *CURVES):
            expected = [_expected(name, view[0]) for _, view in kept]
            found[name] = Between.of(expected, [_realised(name, part, w) for w, _ in kept])
        return found

    def _windows(
        self, part: Slice, w: int, sample: Sample, known: bool = False
    ) -> tuple[Window, Window] | None:
        """A window with the calibration that is believed, and with the other one: corrected for it, or not."""
        scores, confusion = _scores(part), part.confusion
        assert scores is not None
        assert confusion is not None
        here = slice(*np.searchsorted(scores.cell, [w, w + 1]))
        rows = _floats(scores.negative + scores.positive + (0 if known else scores.unknown))[here]
        used = rows > 0
        if not used.any():
            return None
        score, rows = scores.score[here][used], rows[used]
        labels = _floats((confusion.predicted if known else confusion.every)[w, 0])
        called = self._called(
            score, rows, float(labels[1] / max(labels.sum(), 1e-12)) if labels.sum() else None
        )
        p = self.calibrator(score)
        plain = Window(score, rows, p, called)
        usable = sample.take(_usable(sample))
        if self.shift is None or not len(usable):
            return plain, plain
        corrected = Window(score, rows, self.shift(score, p, usable, self.calibrator), called)
        return (corrected, plain) if self.shift.strong else (plain, corrected)

    def _called(self, score: Floats, rows: Floats, share: float | None) -> Floats:
        """(m,) share of the rows with each score that was called positive, ``share`` of all."""
        if self.said is not None:
            said = self.said(score)
            if share is None or not said.any():
                return said
            by = np.linspace(-8, 8, 33)
            sums = [rows @ shifted(said, np.array(b)) for b in by]
            return shifted(said, np.array(np.interp(share * rows.sum(), sums, by)))
        if share is None:
            return (score >= 0.5).astype(np.float64)
        above = rows.sum() - np.cumsum(rows)  # rows with a greater score
        return np.asarray(np.clip((share * rows.sum() - above) / rows, 0.0, 1.0))

    def estimate(
        self, current: Profile, samples: Sample, outside: Floats, confidence: float
    ) -> dict[str, Estimate]:
        """By metric, arrays (W,)."""
        part = current.everything
        if _scores(part) is None or part.confusion is None:
            return {}
        views = [self._windows(part, w, samples.of(int(start))) for w, start in enumerate(current.windows)]
        result = {}
        for name in (*CELLS, *CURVES):
            found = [
                None if v is None else self._found(name, *v, o) for v, o in zip(views, outside, strict=True)
            ]
            result[name] = estimates(name, found, self.between.get(name, Between()), self.known, confidence)
        return result

    def _found(self, name: str, believed: Window, other: Window, outside: float) -> Found:
        expected = _expected(name, believed)
        trust = DOUBT if self.shift is not None and self.shift.strong else 1.0
        doubt = 0.0 if other is believed else trust * (_expected(name, other).value - expected.value)
        return Found(expected, doubt, believed.total, outside)


def _expected(name: str, window: Window) -> Expected:
    return window.of_cells(CELLS[name]) if name in CELLS else CURVES[name](window)


def _realised(name: str, part: Slice, w: int) -> float:
    """The metric by what happened, in a window of the reference."""
    scores, confusion = _scores(part), part.confusion
    assert scores is not None
    assert confusion is not None
    if name in CELLS:
        true, said, hit = (_floats(c[w, 0]) for c in (confusion.true, confusion.predicted, confusion.correct))
        total, hits = true.sum(), hit[1]
        cells = np.array([hits, said[1] - hits, true[1] - hits, total - said[1] - true[1] + hits])
        return float(CELLS[name](cells)) if total else np.nan
    here = slice(*np.searchsorted(scores.cell, [w, w + 1]))
    rows = _floats(scores.negative + scores.positive)[here]
    used = rows > 0
    if not used.any():
        return np.nan
    happened = _floats(scores.positive)[here][used] / rows[used]
    return CURVES[name](
        Window(scores.score[here][used], rows[used], happened, np.zeros(int(used.sum())))
    ).value


def _called(sample: Sample) -> Isotonic | None:
    """Share called positive by score; None where all above a score are, and none below."""
    known = np.isfinite(sample.prediction)
    score, said = sample.scores[known, 0], (sample.prediction[known] == 1).astype(np.float64)
    if not len(score):
        return None
    order = np.argsort(score, kind="stable")
    wrong = np.cumsum(said[order]) + (len(said) - said.sum()) - np.cumsum(1 - said[order])
    least = min(float(wrong.min()), float(len(said) - said.sum()))
    if least <= (1 - STEP) * len(said):
        return None
    return Isotonic.fit(score, said, np.ones(len(said)))


def _scores(part: Slice) -> Scores | None:
    return next(iter(part.scores.values()), None)


def _usable(sample: Sample) -> NDArray[np.bool_]:
    if not sample.scores.shape[1]:
        return np.zeros(len(sample), np.bool_)
    return np.asarray((sample.scores[:, 0] >= 0) & (sample.scores[:, 0] <= 1))


def _floats(counts: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
    return np.asarray(counts, dtype=np.float64)
