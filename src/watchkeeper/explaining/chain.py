"""Chain: a metric over fewer and fewer of what made it, so that each step has one cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation import Sides

__all__ = ["CAUSES", "FOLDS", "Link", "Sampled", "all_broken", "links"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CAUSES = ("broken rows", "concept change", "label coverage", "input shift")
FOLDS = 20  # without each of which everything is found again, for the standard error
DOUBT = 0.5  # of what the features move the expectation by, as its standard error where it is held against the truth


@dataclass(frozen=True)
class Sampled:
    """Sampled rows of some windows.

    Attributes
    ----------
    every : of all rows; only what happened is asked of it
    clean : of the rows that are not broken
    sound : (n,) which rows those are
    fold : (n,) 0 to 19 by their hashes
    """

    every: Sides
    clean: Sides
    sound: Flags
    fold: NDArray[np.int64]

    def happened(self, metric: str, without: int | None = None) -> float:
        """Over all rows with an outcome, but those of one fold."""
        kept = self.every.known if without is None else self.every.known & (self.fold != without)
        return self.every.happened(metric, kept)

    def steps(self, metric: str, without: int | None = None) -> Floats:
        """(4,) as it happened; of sound rows; expected of these; expected of those without an outcome as well."""
        kept = np.ones(len(self.fold), np.bool_) if without is None else self.fold != without
        here = kept[self.sound]
        known = here & self.clean.known
        return np.array([
            self.happened(metric, without), self.clean.happened(metric, known),
            self.clean.expected(metric, known), self.clean.expected(metric, here & self.clean.usable),
        ])  # fmt: skip

    def correction(self, metric: str) -> float:
        """By how much the features move the expectation of all sound rows."""
        rows = self.clean.usable
        return self.clean.expected(metric, rows) - self.clean.expected(metric, rows, corrected=False)


@dataclass(frozen=True)
class Link:
    """One cause's part of a difference.

    Attributes
    ----------
    effect : in the metric's own unit
    error : its standard error
    """

    cause: str
    effect: float
    error: float


def links(metric: str, current: Sampled, reference: Sampled, windows: int, between: float) -> list[Link]:
    """The four causes' parts, which add up to the whole difference; without any where the metric is not known.

    Parameters
    ----------
    windows : of the current rows
    between : variance by which windows differ from what is expected of them, beyond chance
    """
    whole = _parts(current.steps(metric), reference.steps(metric))
    if not np.isfinite(whole).all():
        return []
    variance = _jackknife(
        [_parts(current.steps(metric, f), reference.steps(metric, f)) for f in range(FOLDS)]
    )
    doubt = DOUBT * (current.correction(metric) - reference.correction(metric))
    variance[CAUSES.index("concept change")] += between / max(windows, 1) + doubt**2
    return [
        Link(cause, float(effect), float(np.sqrt(v)))
        for cause, effect, v in zip(CAUSES, whole, variance, strict=True)
    ]


def all_broken(metric: str, current: Sampled, reference: Sampled) -> list[Link]:
    """The same where hardly a row is sound: nothing but that can be told."""
    effect = current.happened(metric) - reference.happened(metric)
    less = [np.array([current.happened(metric, f) - reference.happened(metric, f)]) for f in range(FOLDS)]
    broken = Link(CAUSES[0], effect, float(np.sqrt(_jackknife(less)[0])))
    return [broken, *(Link(cause, 0.0, 0.0) for cause in CAUSES[1:])]


def _jackknife(less: Sequence[Floats]) -> Floats:
    """Variances of what was found without one fold each (Tukey, 1958)."""
    found = np.array(less)
    return np.asarray((FOLDS - 1) / FOLDS * ((found - found.mean(axis=0)) ** 2).sum(axis=0))


def _parts(current: Floats, reference: Floats) -> Floats:
    """(4,) what each step takes off, more than in the reference; the last is what is left."""
    now, before = (np.append(-np.diff(steps), steps[-1]) for steps in (current, reference))
    return np.asarray(now - before)
