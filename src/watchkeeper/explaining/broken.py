"""Broken: rows with a value that the reference lets nobody expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation import Coding, Sample
from watchkeeper.profiles import Plan

__all__ = ["Defect", "defects"]

Flags = NDArray[np.bool_]

LEAST = 0.005  # of the rows, more than in the reference
ERRORS = 4.0  # standard errors, more than in the reference
MISSING, UNSEEN, OUTSIDE = "missing", "a new value", "out of range"


@dataclass(frozen=True)
class Defect:
    """One way in which a feature's values break.

    Attributes
    ----------
    kind : "missing", "a new value" (of a category) or "out of range"
    current, reference : (n,) rows that it concerns
    """

    column: str
    kind: str
    current: Flags
    reference: Flags


def defects(plan: Plan, coding: Coding, current: Sample, reference: Sample) -> list[Defect]:
    """What concerns more rows than in the reference, by more than chance."""
    return [d for d in _possible(plan, coding, current, reference) if _more(d.current, d.reference)]


def _possible(plan: Plan, coding: Coding, current: Sample, reference: Sample) -> list[Defect]:
    found = []
    for position, name in enumerate(current.features):
        column = plan.numbers.get(name) or plan.categories[name]
        if column.role != "feature":
            continue
        now, before = current.bins[:, position], reference.bins[:, position]
        kind, seen = OUTSIDE if name in plan.numbers else UNSEEN, coding.seen[position]
        found.append(Defect(name, MISSING, now < 0, before < 0))
        found.append(Defect(name, kind, (now >= 0) & ~seen[now], (before >= 0) & ~seen[before]))
    return found


def _more(current: Flags, reference: Flags) -> bool:
    if not (len(current) and len(reference)):
        return False
    now, before = float(current.mean()), float(reference.mean())
    together = (current.sum() + reference.sum()) / (len(current) + len(reference))
    error = float(np.sqrt(together * (1 - together) * (1 / len(current) + 1 / len(reference))))
    return now - before > max(LEAST, ERRORS * error)
