"""Interval: from an expectation and its variances to an estimate that holds what will be realised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.expected import Expected
from watchkeeper.metrics import Estimate

__all__ = ["Between", "Found", "estimates"]

Floats = NDArray[np.float64]
LEAST_WINDOWS = 5  # of the reference, from which on they say how far windows differ
DOUBT_OF_OUTCOMES = 1.0  # of a correction for covariate shift counts as its standard error
DOUBT_OF_ERRORS = 0.5  # the same where trees tell the size of errors
STRANGE = 0.1  # standard error of what is said of the rows outside the reference
BOUNDS = {"matthews_corrcoef": (-1.0, 1.0), "r2": (-np.inf, 1.0), "mean_error": (-np.inf, np.inf)}
UNBOUNDED = frozenset({
    "log_loss", "mean_absolute_error", "root_mean_squared_error", "mean_squared_error",
    "mean_absolute_percentage_error",
})  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One window's expectation.

    Attributes
    ----------
    doubt : how far the correction for covariate shift moves it, in standard errors' terms
    rows : of the window
    outside : share of them that lie outside the reference
    """

    expected: Expected
    doubt: float
    rows: float
    outside: float = 0.0


@dataclass(frozen=True)
class Between:
    """How far the reference's own windows fell from what was expected of them, beyond chance.

    Attributes
    ----------
    variance : of what no sampling explains; 0 where it is not known
    windows : that it rests on
    """

    variance: float = 0.0
    windows: int = 0

    @classmethod
    def of(cls, expected: list[Expected], realised: list[float]) -> Between:
        pairs = [
            (r - e.value, e.variance)
            for e, r in zip(expected, realised, strict=True)
            if np.isfinite(r) and np.isfinite(e.value)
        ]
        if len(pairs) < LEAST_WINDOWS:
            return cls()
        away, variance = np.array(pairs).T
        return cls(max(float(np.mean(away**2 - variance)), 0.0), len(pairs))

    def reach(self, confidence: float) -> float:
        """Standard errors to either side."""
        from scipy.special import ndtri, stdtrit

        tail = (1 + confidence) / 2
        return float(stdtrit(self.windows, tail) if self.windows else ndtri(tail))


def estimates(
    name: str, found: list[Found | None], between: Between, known: float, confidence: float
) -> Estimate:
    """(W,) of one metric.

    Parameters
    ----------
    found : by window; None where there is nothing to go by
    known : rows of the reference that the calibration rests on; its error is as theirs
    """
    least, most = BOUNDS.get(name, (0.0, np.inf if name in UNBOUNDED else 1.0))
    nothing = Found(Expected(np.nan, np.nan), 0.0, 0.0)
    every = [nothing if f is None else f for f in found]
    value = np.array([f.expected.value for f in every])
    rows = np.array([f.rows for f in every])
    variance = np.array([f.expected.variance for f in every]) * (1 + rows / max(known, 1.0))
    doubt, outside = (
        np.nan_to_num(np.array([getattr(f, part) for f in every])) for part in ("doubt", "outside")
    )
    strange = STRANGE * outside * (2 * np.abs(value) if name in UNBOUNDED else 1.0)
    reach = between.reach(confidence) * np.sqrt(variance + between.variance + doubt**2 + strange**2)
    low, high = np.clip(value - reach, least, most), np.clip(value + reach, least, most)
    count = np.where(np.isfinite(value), np.rint(rows), 0).astype(np.int64)
    return Estimate(value, low, high, count)
