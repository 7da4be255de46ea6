"""Binary: what the scores of a window promise, made right for the rows that it has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.calibrate import Calibrator, Isotonic, calibrator_for, shifted
from watchkeeper.estimation.coding import Coding
from watchkeeper.estimation.expected import CELLS, CURVES, Expected, Window
from watchkeeper.estimation.interval import DOUBT_OF_OUTCOMES, Between, Found, estimates
from watchkeeper.estimation.link import logit, sigmoid
from watchkeeper.estimation.sample import Sample
from watchkeeper.estimation.sides import Sides
from watchkeeper.estimation.trees import OUTCOMES, Trees, boost
from watchkeeper.metrics import Estimate
from watchkeeper.profiles import Confusion, Profile, Scores, Slice

__all__ = ["Binary"]

Floats = NDArray[np.float64]
GAIN = 0.05  # of the log loss that features must save beyond the score before they correct it
BANDS = 20  # of the score, by equal numbers of reference rows, each with a correction of its own
PRIOR = 20.0  # rows of the reference that each band of a window starts with
STEP = 0.999  # of the reference's rows that a threshold must explain to be one
LEVELS = 2_048  # of the score, on which parts of a sample are counted
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

    def told(self, samples: Sample, calibrator: Calibrator) -> _Told:
        """What the trees say of each row of the samples of some windows."""
        codes = _coded(samples, self.coding, self.edges)
        start = logit(calibrator(samples.scores[:, 0]), EDGE)
        p = sigmoid(start + self.coding.trust(samples) * self.trees(codes)[:, 0])
        return _Told(samples.window, codes[-1], p)

    def __call__(self, score: Floats, p: Floats, told: _Told) -> Floats:
        """The probabilities p (m,) of the scores, right for a window of which that is told."""
        rows, sums = (np.bincount(told.band, w, len(self.usual)) for w in (None, told.p))
        mean = (sums + PRIOR * self.usual) / (rows + PRIOR)
        by = logit(mean, 1e-3) - logit(self.usual, 1e-3)
        return shifted(p, by[np.searchsorted(self.edges, score, side="right")])


@dataclass(frozen=True)
class _Told:
    """Of each row its window, the band of its score, and the probability by its features."""

    window: NDArray[np.int64]
    band: NDArray[np.uint8]
    p: Floats

    def of(self, start: int) -> _Told:
        here = slice(*np.searchsorted(self.window, [start, start + 1]))
        return _Told(self.window[here], self.band[here], self.p[here])


def _coded(sample: Sample, coding: Coding, edges: Floats) -> NDArray[np.uint8]:
    band = np.searchsorted(edges, sample.scores[:, 0], side="right").astype(np.uint8)
    return np.concatenate([coding(sample), band[None]])


@dataclass(frozen=True)
class _Seen:
    """What profiles hold of scores and labels, by window."""

    scores: Scores
    confusion: Confusion

    @classmethod
    def of(cls, part: Slice) -> _Seen | None:
        scores = next(iter(part.scores.values()), None)
        return None if scores is None or part.confusion is None else cls(scores, part.confusion)

    @cached_property
    def score(self) -> Floats:
        """(m,) of every entry of all windows."""
        return self.scores.score

    def rows(self, w: int, known: bool) -> tuple[Floats, Floats, Floats]:
        """(k,) ascending scores of a window, its rows with each, and how many of them were positive."""
        here = slice(*np.searchsorted(self.scores.cell, [w, w + 1]))
        happened, labelled = _floats(self.scores.positive[here]), _floats(self.scores.negative[here])
        rows = happened + labelled + (0.0 if known else _floats(self.scores.unknown[here]))
        used = rows > 0
        return self.score[here][used], rows[used], happened[used]

    def share(self, w: int, known: bool) -> float | None:
        """Of a window's rows that were called positive; None without labels."""
        labels = _floats((self.confusion.predicted if known else self.confusion.every)[w, 0])
        return float(labels[1] / labels.sum()) if labels.sum() > 0 else None


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
        seen = _Seen.of(reference.everything)  # by windows: a smaller one has finer bins
        usable = sample.take(_usable(sample) & np.isfinite(sample.outcome) & (sample.outcome < 2))
        if seen is None or not (seen.scores.positive.sum() > 0 and seen.scores.negative.sum() > 0):
            return None
        negative, positive = _floats(seen.scores.negative), _floats(seen.scores.positive)
        known = float(negative.sum() + positive.sum())
        calibrator = calibrator_for(seen.score, negative, positive)
        shift = _Shift.fit(usable, coding, calibrator) if len(usable) else None
        fitted = cls(calibrator, shift, _called(usable), {}, known)
        return cls(calibrator, shift, fitted.said, fitted._between(reference, sample), known)

    def _between(self, reference: Profile, sample: Sample) -> dict[str, Between]:
        """By metric, from the reference's windows with known outcomes."""
        seen = _Seen.of(reference.everything)
        assert seen is not None
        views = self._views(seen, reference.windows, sample, known=True)
        kept = [(w, view) for w, view in enumerate(views) if view is not None]
        found = {}
        for name in (*CELLS, *CURVES):
            expected = [_expected(name, view[0]) for _, view in kept]
            found[name] = Between.of(expected, [_realised(name, seen, w) for w, _ in kept])
        return found

    def _views(
        self, seen: _Seen, windows: NDArray[np.int64], samples: Sample, known: bool = False
    ) -> list[tuple[Window, Window] | None]:
        usable = samples.take(_usable(samples))
        told = self.shift.told(usable, self.calibrator) if self.shift is not None and len(usable) else None
        return [
            self._view(seen, w, None if told is None else told.of(int(start)), known)
            for w, start in enumerate(windows)
        ]

    def _view(
        self, seen: _Seen, w: int, told: _Told | None, known: bool = False
    ) -> tuple[Window, Window] | None:
        """A window with the calibration that is believed, and with the other one: corrected for it, or not."""
        score, rows, _ = seen.rows(w, known)
        if not len(rows):
            return None
        called, p = self._called(score, rows, seen.share(w, known)), self.calibrator(score)
        plain = Window(score, rows, p, called)
        if self.shift is None or told is None or not len(told.p):
            return plain, plain
        corrected = Window(score, rows, self.shift(score, p, told), called)
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
        seen = _Seen.of(current.everything)
        if seen is None:
            return {}
        views = self._views(seen, current.windows, samples)
        result = {}
        for name in (*CELLS, *CURVES):
            found = [
                None if v is None else self._found(name, *v, o) for v, o in zip(views, outside, strict=True)
            ]
            result[name] = estimates(name, found, self.between.get(name, Between()), self.known, confidence)
        return result

    @property
    def metrics(self) -> frozenset[str]:
        return frozenset((*CELLS, *CURVES))

    def sides(self, sample: Sample) -> Sides:
        """What happened to rows, and what was expected of them."""
        return _Sides(self, sample)

    def _found(self, name: str, believed: Window, other: Window, outside: float) -> Found:
        expected = _expected(name, believed)
        doubt = (
            0.0 if other is believed else DOUBT_OF_OUTCOMES * (_expected(name, other).value - expected.value)
        )
        return Found(expected, doubt, believed.total, outside)


@dataclass(frozen=True)
class _Sides:
    fitted: Binary
    sample: Sample

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        return np.asarray(_usable(self.sample) & (self.sample.prediction < 2))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        return np.asarray(self.usable & (self.sample.outcome < 2))

    @cached_property
    def _places(self) -> tuple[Floats, NDArray[np.intp]]:
        """Ascending scores, at most 2,048 of them, and of each row which of them it has, or is nearest to."""
        score, place = np.unique(self.sample.scores[:, 0], return_inverse=True)
        if len(score) <= LEVELS:
            return score, place
        rows = np.bincount(place)
        level = (np.cumsum(rows) - rows) * LEVELS // len(place)
        _, level = np.unique(level, return_inverse=True)
        return np.bincount(level, rows * score) / np.bincount(level, rows), level[place]

    @cached_property
    def _told(self) -> _Told | None:
        """By the usable rows' features; their own windows do not matter any more."""
        shift = self.fitted.shift
        if shift is None or not self.usable.any():
            return None
        told = shift.told(self.sample.take(self.usable), self.fitted.calibrator)
        band, p = np.zeros(len(self.sample), np.uint8), np.full(len(self.sample), np.nan)
        band[self.usable], p[self.usable] = told.band, told.p
        return _Told(self.sample.window, band, p)

    def happened(self, metric: str, rows: NDArray[np.bool_]) -> float:
        if not rows.any():
            return np.nan
        if metric in CELLS:
            said, outcome = (
                part[rows].astype(np.intp) for part in (self.sample.prediction, self.sample.outcome)
            )
            tn, fn, fp, tp = np.bincount(2 * said + outcome, minlength=4).astype(np.float64)
            return float(CELLS[metric](np.array([tp, fp, fn, tn])))
        return CURVES[metric](self._window(rows, self.sample.outcome)).value

    def expected(self, metric: str, rows: NDArray[np.bool_], corrected: bool = True) -> float:
        return _expected(metric, self._window(rows, None, corrected)).value if rows.any() else np.nan

    def _window(self, rows: NDArray[np.bool_], outcome: Floats | None, corrected: bool = True) -> Window:
        scores, place = self._places
        at = place[rows]
        counts = _floats(np.bincount(at, minlength=len(scores)))
        used = counts > 0
        score, counts = scores[used], counts[used]

        def share(flags: Floats) -> Floats:
            return np.asarray(np.bincount(at, flags[rows], len(scores))[used] / counts)

        p = self._p(score, rows, corrected) if outcome is None else share(outcome)
        return Window(score, counts, p, share(self.sample.prediction))

    def _p(self, score: Floats, rows: NDArray[np.bool_], corrected: bool) -> Floats:
        p, shift, told = self.fitted.calibrator(score), self.fitted.shift, self._told
        if shift is None or told is None or not corrected:
            return p
        return shift(score, p, _Told(told.window[rows], told.band[rows], told.p[rows]))

    def losses(self, metric: str) -> tuple[Floats, Floats]:
        score, said = np.nan_to_num(self.sample.scores[:, 0]), self.sample.prediction
        p = self._told.p if self._told is not None else self.fitted.calibrator(score)
        happened = np.where(self.known, (self.sample.outcome != said).astype(np.float64), np.nan)
        return happened, np.where(said == 1, 1 - p, p)


def _expected(name: str, window: Window) -> Expected:
    return window.of_cells(CELLS[name]) if name in CELLS else CURVES[name](window)


def _realised(name: str, seen: _Seen, w: int) -> float:
    """The metric by what happened, in a window of the reference."""
    if name in CELLS:
        parts = (seen.confusion.true, seen.confusion.predicted, seen.confusion.correct)
        true, said, hit = (_floats(part[w, 0]) for part in parts)
        cells = np.array(
            [hit[1], said[1] - hit[1], true[1] - hit[1], true.sum() - said[1] - true[1] + hit[1]]
        )
        return float(CELLS[name](cells)) if true.sum() else np.nan
    score, rows, happened = seen.rows(w, known=True)
    return (
        CURVES[name](Window(score, rows, happened / rows, np.zeros(len(rows)))).value if len(rows) else np.nan
    )


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


def _usable(sample: Sample) -> NDArray[np.bool_]:
    if not sample.scores.shape[1]:
        return np.zeros(len(sample), np.bool_)
    return np.asarray((sample.scores[:, 0] >= 0) & (sample.scores[:, 0] <= 1))


def _floats(counts: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
    return np.asarray(counts, dtype=np.float64)
