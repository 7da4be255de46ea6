"""Regression: how large the errors of a window's rows should be, learned from the errors of the reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.coding import Coding
from watchkeeper.estimation.expected import Expected
from watchkeeper.estimation.interval import DOUBT_OF_ERRORS, Between, Found, estimates
from watchkeeper.estimation.sample import Sample
from watchkeeper.estimation.sides import Sides
from watchkeeper.estimation.trees import ERRORS, Trees, boost
from watchkeeper.metrics import Estimate
from watchkeeper.profiles import Profile, Residuals

__all__ = ["Regression"]

Floats = NDArray[np.float64]
METRICS = (
    "mean_absolute_error", "root_mean_squared_error", "mean_squared_error", "mean_error",
    "mean_absolute_percentage_error", "r2",
)  # fmt: skip
TOGETHER = (slice(0, 1), slice(1, 2), slice(2, 4))  # functions of the error that share their trees
MOST = 1e75  # of a number, whose fourth power is one still
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class _Conditional:
    """The means of |e|, |e|/|y|, e² and e, given the features: trees in units of the standard deviations.

    Attributes
    ----------
    trees : for |e|, for |e|/|y|, and for e² together with e
    mean : (4,) over the whole reference
    usual : (4,) mean of the trees over the reference's sample, so that their own bias cancels
    scale : (4,)
    """

    trees: tuple[Trees, ...]
    mean: Floats
    usual: Floats
    scale: Floats

    @classmethod
    def fit(
        cls, codes: NDArray[np.uint8], ordered: tuple[bool, ...], rows: Sample, mean: Floats
    ) -> _Conditional:
        target = _functions(rows.prediction - rows.outcome, rows.outcome)
        scale = target.std(axis=0)
        scale = np.where((scale > 0) & np.isfinite(scale), scale, np.inf)
        away = (target - target.mean(axis=0)) / scale
        start = np.zeros_like(away)
        trees = tuple(boost(codes, ordered, away[:, own], start[:, own], ERRORS).trees for own in TOGETHER)
        usual = np.concatenate([part(codes).mean(axis=0) for part in trees])
        return cls(trees, mean, usual, np.where(np.isfinite(scale), scale, 0.0))

    def __call__(self, codes: NDArray[np.uint8]) -> Floats:
        """(n, 4) by row."""
        said = np.concatenate([part(codes) for part in self.trees], axis=1)
        return np.asarray(self.mean + self.scale * (said - self.usual))


@dataclass(frozen=True)
class Regression:
    """Fitted on the reference: a model of each function of the error, and how far windows differ."""

    coding: Coding
    conditional: _Conditional
    tails: tuple[float, float]  # kurtosis of the error; relative error: mean square over squared mean
    between: dict[str, Between]
    known: float

    @classmethod
    def fit(cls, reference: Profile, sample: Sample, coding: Coding) -> Regression | None:
        """None without predictions and outcomes."""
        whole = reference.total().everything.residuals
        rows = sample.take(_usable(sample.prediction) & _usable(sample.outcome))
        grid = reference.plan.error
        if whole is None or grid is None or whole.valid.sum() <= 0 or not len(rows):
            return None
        known = float(whole.valid[0, 0])
        sums = (whole.absolute, whole.relative, whole.squares, whole.errors)
        mean = np.array([float(part[0, 0]) / known for part in sums])
        if not _usable(mean).all():
            return None
        conditional = _Conditional.fit(coding(rows), coding.ordered, rows, mean)
        _, relative, square, _ = mean
        fourth = float(whole.fourth[0, 0]) / known * grid.scale**4
        tails = (
            fourth / square**2 if square > 0 else 3.0,
            float(whole.relative_squares[0, 0]) / known / relative**2 if relative > 0 else 1.0,
        )
        fitted = cls(coding, conditional, tails, {}, known)
        between = fitted._between(reference, sample)
        return cls(coding, conditional, tails, between, known)

    def _between(self, reference: Profile, sample: Sample) -> dict[str, Between]:
        residuals = reference.everything.residuals
        assert residuals is not None
        expected: dict[str, list[Expected]] = {name: [] for name in METRICS}
        realised: dict[str, list[float]] = {name: [] for name in METRICS}
        for w, start in enumerate(reference.windows):
            rows = float(residuals.valid[w, 0])
            found = self._window(sample.of(int(start)), rows) if rows else None
            if found is None:
                continue
            happened = _realised(residuals, w)
            for name in METRICS:
                expected[name].append(found[name].expected)
                realised[name].append(happened[name])
        return {name: Between.of(expected[name], realised[name]) for name in METRICS}

    def _window(self, sample: Sample, rows: float, outside: float = 0.0) -> dict[str, Found] | None:
        """By metric; None without a row that has a prediction."""
        here = sample.take(_usable(sample.prediction))
        if not len(here):
            return None
        absolute, relative, square, signed = self.conditional(self.coding(here)).T
        mae, mse = max(float(absolute.mean()), 0.0), max(float(square.mean()), 0.0)
        left = 1 / rows + (
            1 / len(here) - 1 / rows if rows > len(here) else 0.0
        )  # of chance, and of the sample
        kurtosis, wild = self.tails
        of_square = max(kurtosis - 1, 0.0) * mse**2 * left
        root = np.sqrt(mse)
        outcome = here.prediction - signed  # what should happen
        spread = float(outcome.var()) + max(mse - float(np.mean(signed**2)), 0.0)
        percent = max(float(relative.mean()), 0.0)
        usual = self.conditional.mean
        r2 = 1 - mse / spread if spread > 0 else np.nan
        values = {
            "mean_absolute_error": (mae, max(mse - mae**2, 0.0) * left, usual[0]),
            "root_mean_squared_error": (root, of_square / (4 * mse) if mse > 0 else 0.0, np.sqrt(usual[2])),
            "mean_squared_error": (mse, of_square, usual[2]),
            "mean_error": (float(signed.mean()), mse * left, usual[3]),
            "mean_absolute_percentage_error": (percent, max(wild - 1, 0.0) * percent**2 * left, usual[1]),
            "r2": (r2, (1 - r2) ** 2 * (max(kurtosis - 1, 0.0) + 2) * left, r2),
        }  # fmt: skip
        return {
            name: Found(Expected(float(v), float(s)), DOUBT_OF_ERRORS * float(v - p), rows, outside)
            for name, (v, s, p) in values.items()
        }

    @property
    def metrics(self) -> frozenset[str]:
        return frozenset(METRICS)

    def sides(self, sample: Sample) -> Sides:
        """What happened to rows, and what was expected of them."""
        return _Sides(self, sample)

    def estimate(
        self, current: Profile, samples: Sample, outside: Floats, confidence: float
    ) -> dict[str, Estimate]:
        """By metric, arrays (W,)."""
        counts = current.everything.rows[:, 0]
        every = [
            self._window(samples.of(int(start)), float(n), o)
            for start, n, o in zip(current.windows, counts, outside, strict=True)
        ]
        return {
            name: estimates(
                name,
                [None if f is None else f[name] for f in every],
                self.between[name],
                self.known,
                confidence,
            )
            for name in METRICS
        }


@dataclass(frozen=True)
class _Sides:
    fitted: Regression
    sample: Sample

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        return _usable(self.sample.prediction)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        return np.asarray(self.usable & _usable(self.sample.outcome))

    @cached_property
    def _happened(self) -> Floats:
        """(n, 4) |e|, |e|/|y|, e² and e."""
        e = np.where(self.known, self.sample.prediction - self.sample.outcome, np.nan)
        return _functions(e, self.sample.outcome)

    @cached_property
    def _expected(self) -> Floats:
        return self.fitted.conditional(self.fitted.coding(self.sample))

    def happened(self, metric: str, rows: NDArray[np.bool_]) -> float:
        return (
            _of_means(metric, self._happened[rows].mean(axis=0), self.sample.outcome[rows])
            if rows.any()
            else np.nan
        )

    def expected(self, metric: str, rows: NDArray[np.bool_], corrected: bool = True) -> float:
        if not rows.any():
            return np.nan
        said = self._expected[rows] if corrected else self.fitted.conditional.mean[None]
        return _of_means(metric, said.mean(axis=0), self.sample.prediction[rows] - said[:, 3])

    def losses(self, metric: str) -> tuple[Floats, Floats]:
        column = {"mean_error": 3, "mean_absolute_percentage_error": 1, "mean_absolute_error": 0}.get(
            metric, 2
        )
        return self._happened[:, column], self._expected[:, column]


def _functions(e: Floats, outcome: Floats) -> Floats:
    """(n, 4) |e|, |e|/|y|, e² and e of errors."""
    size = np.abs(e)
    return np.stack([size, size / np.maximum(np.abs(outcome), EPSILON), e * e, e], axis=1)


def _of_means(metric: str, means: Floats, outcome: Floats) -> float:
    """A metric of the means (4,) of |e|, |e|/|y|, e² and e."""
    absolute, relative, square, signed = means.tolist()
    match metric:
        case "mean_absolute_error":
            return float(absolute)
        case "mean_absolute_percentage_error":
            return float(relative)
        case "mean_error":
            return float(signed)
        case "root_mean_squared_error":
            return float(np.sqrt(max(square, 0.0)))
        case "r2":
            spread = float(outcome.var())
            return 1 - square / spread if spread > 0 else np.nan
        case _:
            return float(square)


def _usable(values: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.abs(values) < MOST)  # NaN is not


def _realised(residuals: Residuals, w: int) -> dict[str, float]:
    n = float(residuals.valid[w, 0])
    mae, mse, me, percent, away, squares = (
        float(part[w, 0]) / n
        for part in (
            residuals.absolute, residuals.squares, residuals.errors, residuals.relative, residuals.outcome,
            residuals.outcome_squares,
        )
    )  # fmt: skip
    spread = squares - away**2
    return {
        "mean_absolute_error": mae, "root_mean_squared_error": float(np.sqrt(mse)), "mean_squared_error": mse,
        "mean_error": me, "mean_absolute_percentage_error": percent, "r2": 1 - mse / spread if spread > 0 else np.nan,
    }  # fmt: skip
