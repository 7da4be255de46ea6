"""Summaries: what a profile holds of its rows. Every array leads with (W, V): windows × segment values.

All are sums (or minima, maxima, merges) over rows, so a profile of many rows is the ``+`` of its parts.
``counts`` are int64 rows; with a weight column, float64 sums of weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Calibration", "Categories", "Confusion", "Delays", "Histogram", "Kpi", "Moments", "Numbers", "Positions",
    "Residuals", "Summary", "place",
]  # fmt: skip

Counts = NDArray[Any]  # int64, or float64 where rows have weights
Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

LEAST = {"reduce": np.minimum, "empty": np.inf}
GREATEST = {"reduce": np.maximum, "empty": -np.inf}


@dataclass(frozen=True)
class Summary:
    """A bundle of arrays (W, V, ...) that merge by addition, or by the ufunc in the field's metadata."""

    @classmethod
    def join(cls, parts: Sequence[Self], positions: Sequence[Positions], windows: int) -> Self:
        """All parts in one: window i of a part is window ``positions[part][i]`` of ``windows``."""
        return replace(parts[0], **{f.name: _joined(f, parts, positions, windows) for f in fields(cls)})

    def __add__(self, other: Self) -> Self:
        every = np.arange(len(getattr(self, fields(self)[0].name)))
        return self.join([self, other], [every, every], len(every))

    def total(self) -> Self:
        """All windows added into one: arrays (1, V, ...)."""
        return replace(self, **{f.name: _total(getattr(self, f.name), f) for f in fields(self)})

    def take(self, positions: NDArray[np.intp]) -> Self:
        """Only these windows."""
        return replace(self, **{f.name: _take(getattr(self, f.name), positions) for f in fields(self)})


def place(positions: Positions) -> Positions | slice:
    """Positions as a slice where they follow each other: no copy is needed to add there."""
    if len(positions) and positions[-1] - positions[0] == len(positions) - 1:
        return slice(int(positions[0]), int(positions[-1]) + 1)
    return positions


def _narrowest(*counts: Counts) -> np.dtype[Any]:
    """The signed type that holds the sum of the greatest."""
    return np.min_scalar_type(-1 - sum(int(part.max(initial=0)) for part in counts))


def _joined(f: Any, parts: Sequence[Any], positions: Sequence[Positions], windows: int) -> Any:
    arrays = [getattr(part, f.name) for part in parts]
    if not isinstance(arrays[0], np.ndarray):
        return None if arrays[0] is None else type(arrays[0]).join(arrays, positions, windows)
    out = np.full((windows, *arrays[0].shape[1:]), f.metadata.get("empty", 0), dtype=arrays[0].dtype)
    reduce = f.metadata.get("reduce", np.add)
    for array, where in zip(arrays, positions, strict=True):
        at = place(where)
        out[at] = reduce(out[at], array)
    return out


def _total(a: Any, f: Any) -> Any:
    if not isinstance(a, np.ndarray):
        return None if a is None else a.total()
    with np.errstate(over="ignore", invalid="ignore"):  # sums of values near 1e308 are infinite
        return f.metadata.get("reduce", np.add).reduce(a, axis=0, keepdims=True)


def _take(a: Any, positions: NDArray[np.intp]) -> Any:
    if not isinstance(a, np.ndarray):
        return None if a is None else a.take(positions)
    return a[positions]


@dataclass(frozen=True)
class Histogram:
    """Counts on consecutive bins ``first, first + 1, ...`` of a longer grid; bins outside hold nothing."""

    first: int
    counts: Counts  # (W, V, n), integers as narrow as they can be: of many windows most bins hold a few rows

    def __post_init__(self) -> None:
        if self.counts.dtype == np.int64:
            object.__setattr__(self, "counts", self.counts.astype(_narrowest(self.counts)))

    def on(self, first: int, size: int) -> Counts:
        """The counts on exactly the bins first..first + size - 1, which must contain the occupied ones."""
        left = self.first - first
        right = size - left - self.counts.shape[2]
        return np.pad(self.counts, ((0, 0), (0, 0), (left, right))) if left or right else self.counts

    def reach(self, *others: Histogram) -> tuple[int, int]:
        """(first, size) of the bins that this and the others occupy."""
        every = (self, *others)
        first = min(h.first for h in every)
        return first, max(h.first + h.counts.shape[2] for h in every) - first

    @classmethod
    def join(cls, parts: Sequence[Histogram], positions: Sequence[Positions], windows: int) -> Histogram:
        first, size = parts[0].reach(*parts[1:])
        dtype = np.result_type(*(part.counts for part in parts))
        if np.issubdtype(dtype, np.integer):
            dtype = _narrowest(*(part.counts for part in parts))
        out = np.zeros((windows, parts[0].counts.shape[1], size), dtype=dtype)
        for part, where in zip(parts, positions, strict=True):
            left = part.first - first
            out[place(where), :, left : left + part.counts.shape[2]] += part.counts
        return cls(first, out)

    def __add__(self, other: Histogram) -> Histogram:
        every = np.arange(len(self.counts))
        return self.join([self, other], [every, every], len(every))

    def total(self) -> Histogram:
        return Histogram(self.first, self.counts.sum(axis=0, keepdims=True))

    def take(self, positions: NDArray[np.intp]) -> Histogram:
        return Histogram(self.first, self.counts[positions])


@dataclass(frozen=True)
class Numbers(Summary):
    """One numeric column. Slices by segment hold only the first four and ``histogram`` on 12 coarse bins."""

    valid: Counts  # (W, V) finite values
    missing: Counts  # (W, V) null
    nan: Counts  # (W, V)
    infinite: Counts  # (W, V)
    retyped: Counts  # (W, V) values that are no numbers (text in a column of numbers)
    histogram: Histogram  # bins of the column's grid (all rows) or its 12 coarse bins (a segment)
    sum: Floats | None = None  # (W, V) Σ w·x
    deviation: Floats | None = None  # (W, V) Σ w·(x − centre)
    squares: Floats | None = None  # (W, V) Σ w·(x − centre)²
    minimum: Floats | None = field(default=None, metadata=LEAST)
    maximum: Floats | None = field(default=None, metadata=GREATEST)


@dataclass(frozen=True)
class Categories(Summary):
    """One column of categories: counts of the reference's values, then all others together."""

    counts: Counts  # (W, V, K + 1): the K known values, then other
    missing: Counts  # (W, V)
    retyped: Counts  # (W, V) text in a column of labels that are numbers


@dataclass(frozen=True)
class Confusion(Summary):
    """Outcomes against predictions on C classes; a last class C stands for labels outside of them."""

    true: Counts  # (W, V, C + 1) rows with both known, by outcome
    predicted: Counts  # (W, V, C + 1) the same rows, by prediction
    correct: Counts  # (W, V, C + 1) the same rows where both are equal, by outcome
    every: Counts  # (W, V, C + 1) all rows with a prediction, by prediction
    outcomes: Counts  # (W, V, C + 1) all rows with an outcome, by outcome
    matrix: Counts | None = None  # (W, V, C + 1, C + 1) outcome × prediction; None with more than 20 classes


@dataclass(frozen=True)
class Calibration(Summary):
    """Probabilities against what happened, exactly, on 20 equal bins of [0, 1]: [i/20, (i+1)/20)."""

    counts: Counts  # (W, V, 20) rows with a valid score and a known outcome
    positives: Counts  # (W, V, 20)
    scores: Floats  # (W, V, 20) Σ w·score
    log_loss: Floats  # (W, V) Σ −w·log(score of what happened), scores clipped as scikit-learn does
    squares: Floats  # (W, V) Σ w·(score − happened)²
    unlabelled_scores: Floats  # (W, V) Σ w·score over rows without an outcome
    unlabelled: Counts  # (W, V)
    invalid: Counts  # (W, V) scores outside [0, 1] or missing


@dataclass(frozen=True)
class Residuals(Summary):
    """Regression: e = prediction − outcome, over rows with both known and finite."""

    valid: Counts  # (W, V)
    errors: Floats  # (W, V) Σ w·e
    absolute: Floats  # (W, V) Σ w·|e|
    squares: Floats  # (W, V) Σ w·e²
    fourth: Floats  # (W, V) Σ w·(e / scale)⁴ with the plan's error scale
    relative: Floats  # (W, V) Σ w·|e| / max(|y|, eps), as scikit-learn has it
    relative_squares: Floats  # (W, V) the squares of those
    outcome: Floats  # (W, V) Σ w·(y − centre), centre from the plan
    outcome_squares: Floats  # (W, V) Σ w·(y − centre)²
    outcomes: Counts  # (W, V) rows with an outcome
    histogram: Histogram  # of e on the plan's error grid
    greatest: Floats = field(metadata=GREATEST)  # (W, V) max |e|


@dataclass(frozen=True)
class Delays(Summary):
    """How long after its prediction an outcome became known, over rows of which that is told."""

    histogram: Histogram  # of seconds on the grid ``DELAY``


@dataclass(frozen=True)
class Kpi(Summary):
    """One of the user's expressions, summed."""

    valid: Counts  # (W, V) rows where it has a value
    sum: Floats  # (W, V) Σ w·x
    squares: Floats  # (W, V) Σ w·(x − centre)², centre from the plan


@dataclass(frozen=True)
class Moments(Summary):
    """Pairwise sums of the plan's at most 64 moment columns, z = (x − centre) / scale drawn in to ±10, missing at 0."""

    weight: Floats  # (W, 1)
    sums: Floats  # (W, 1, p) Σ w·z
    products: Floats  # (W, 1, p, p) Σ w·z·zᵀ
