"""Profile: everything that is ever known of some rows. Small, mergeable, serialisable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.plan import Plan, Segmentation
from watchkeeper.profiles.runs import Runs
from watchkeeper.profiles.scores import Scores
from watchkeeper.profiles.sketch import Sketch
from watchkeeper.profiles.summaries import (
    Calibration,
    Categories,
    Confusion,
    Delays,
    Kpi,
    Moments,
    Numbers,
    Positions,
    Residuals,
    place,
)
from watchkeeper.profiles.unlisted import Unlisted
from watchkeeper.rows import Aside

__all__ = ["Profile", "Slice"]


@dataclass(frozen=True)
class Slice:
    """The summaries of all rows (``segmentation`` None, V = 1) or of each value of one segmentation.

    Attributes
    ----------
    rows : (W, V) int64, number of rows
    weight, weight_squares : (W, V) float64, Σw and Σw² (both equal ``rows`` without a weight column)
    """

    segmentation: Segmentation | None
    rows: NDArray[np.int64]
    weight: NDArray[np.float64]
    weight_squares: NDArray[np.float64]
    numbers: dict[str, Numbers] = field(default_factory=dict)
    categories: dict[str, Categories] = field(default_factory=dict)
    confusion: Confusion | None = None
    calibration: Calibration | None = None
    scores: dict[str, Scores] = field(default_factory=dict)  # by class name; binary: the positive class only
    residuals: Residuals | None = None
    runs: dict[str, Runs] = field(default_factory=dict)  # number columns on a LogLinearGrid
    kpis: dict[str, Kpi] = field(default_factory=dict)
    moments: Moments | None = None  # all rows only
    delays: Delays | None = None  # all rows only
    ids: Sketch | None = None  # all rows only
    unlisted: Unlisted | None = None  # segments only

    def _map(self, change: Callable[[Any], Any]) -> Slice:
        """The slice with every array and summary changed."""
        return replace(self, **{name: _changed(getattr(self, name), change) for name in PARTS})

    def take(self, positions: NDArray[np.intp]) -> Slice:
        """Only these windows, in this order."""
        return self._map(
            lambda part: part[positions] if isinstance(part, np.ndarray) else part.take(positions)
        )

    def total(self) -> Slice:
        """All windows added into one: every array (1, V, ...)."""
        return self._map(lambda p: p.sum(axis=0, keepdims=True) if isinstance(p, np.ndarray) else p.total())

    @classmethod
    def join(cls, parts: Sequence[Slice], positions: Sequence[Positions], windows: int) -> Slice:
        """All parts in one: window i of a part is window ``positions[part][i]`` of ``windows``."""
        changes = {n: _joined([getattr(p, n) for p in parts], positions, windows) for n in PARTS}
        return replace(parts[0], **changes)

    @property
    def values(self) -> tuple[str | None, ...]:
        """(V,) the segment's values; (None,) for all rows."""
        return self.segmentation.values if self.segmentation else (None,)

    @property
    def effective(self) -> NDArray[np.float64]:
        """(W, V) Σw / Σw²: a sum of weights times this is the number of equally weighted rows that it is worth."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.weight_squares > 0, self.weight / self.weight_squares, 0.0)


PARTS = tuple(f.name for f in fields(Slice) if f.name != "segmentation")


def _changed(part: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(part, dict):
        return {key: change(value) for key, value in part.items()}
    return None if part is None else change(part)


def _joined(parts: Sequence[Any], positions: Sequence[Positions], windows: int) -> Any:
    first = parts[0]
    if isinstance(first, dict):
        return {key: _joined([part[key] for part in parts], positions, windows) for key in first}
    if not isinstance(first, np.ndarray):
        return None if first is None else type(first).join(parts, positions, windows)
    out = np.zeros((windows, *first.shape[1:]), dtype=first.dtype)
    for part, where in zip(parts, positions, strict=True):
        out[place(where)] += part
    return out


@dataclass(frozen=True)
class Profile:
    """Windows × segments of summaries under one plan.

    Attributes
    ----------
    windows : (W,) int64, starts of the windows in µs since 1970 UTC, ascending (row positions for "N rows"
        windows; a single 0 where there are no windows)
    slices : all rows first (key None), then one per segmentation (key its ``by``)
    aside : rows that no window could take, and values that fit no column
    """

    plan: Plan
    windows: NDArray[np.int64]
    slices: dict[str | None, Slice]
    aside: Aside = field(default_factory=Aside)

    @property
    def everything(self) -> Slice:
        return self.slices[None]

    @classmethod
    def join(cls, parts: Sequence[Profile]) -> Profile:
        """All parts in one. They must come in the order of their rows where runs matter; nothing else minds.

        Raises
        ------
        ValueError
            for parts under different plans
        """
        first = parts[0]
        if len(parts) == 1:
            return first
        if any(part.plan is not first.plan and part.plan != first.plan for part in parts[1:]):
            raise ValueError("profiles under different plans cannot be added: their grids differ")
        windows = np.unique(np.concatenate([part.windows for part in parts]))
        positions = [np.searchsorted(windows, part.windows) for part in parts]
        slices = {
            by: Slice.join([p.slices[by] for p in parts], positions, len(windows)) for by in first.slices
        }
        return cls(first.plan, windows, slices, reduce(add, (part.aside for part in parts)))

    def __add__(self, other: Profile) -> Profile:
        return self.join([self, other])

    @property
    def size(self) -> int:
        """Bytes of histograms, runs and moments, which are nearly all of it."""
        large = [n.histogram.counts for s in self.slices.values() for n in s.numbers.values()]
        large += [runs.closed for s in self.slices.values() for runs in s.runs.values()]
        moments = self.everything.moments
        return sum(array.nbytes for array in large) + (0 if moments is None else moments.products.nbytes)

    def take(self, positions: NDArray[np.intp]) -> Profile:
        """Only these windows."""
        slices = {by: part.take(positions) for by, part in self.slices.items()}
        return Profile(self.plan, self.windows[positions], slices, self.aside)

    def on(self, windows: NDArray[np.int64]) -> Profile:
        """The same on more windows, ascending; those that it did not have are empty."""
        if np.array_equal(windows, self.windows):
            return self
        positions = np.searchsorted(windows, self.windows)
        slices = {by: Slice.join([part], [positions], len(windows)) for by, part in self.slices.items()}
        return Profile(self.plan, windows, slices, self.aside)

    def total(self) -> Profile:
        """All windows added into one that starts with the first; computed once: a reference is asked again."""
        return self._total

    @cached_property
    def _total(self) -> Profile:
        return Profile(
            self.plan, self.windows[:1], {by: s.total() for by, s in self.slices.items()}, self.aside
        )
