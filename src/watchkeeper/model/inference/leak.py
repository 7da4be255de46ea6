"""Leaks: features that give the outcome away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model.inference.fact import Fact

__all__ = ["labels_of", "leak_of"]

LEAK = 0.995  # area under the ROC curve, or share of rows told right, that no honest feature has
FEWEST = 50  # rows of each class before a leak can be told from luck


def labels_of(fact: Fact) -> NDArray[np.str_]:
    """(rows,) labels as text, "" where missing."""
    if fact.numbers is not None:
        return np.array(["" if v != v else f"{v:g}" for v in fact.numbers.tolist()], dtype=np.str_)
    return np.array([v or "" for v in fact.array.to_pylist()], dtype=np.str_)


def leak_of(fact: Fact, outcome: Fact) -> str | None:
    """A warning where a feature gives the outcome away."""
    if outcome.numbers is not None and len(outcome.classes) not in (2,):
        return _copy(fact, outcome)
    truth = labels_of(outcome)
    known = truth != ""
    classes, counts = np.unique(truth[known], return_counts=True)
    if classes.size < 2 or counts.min() < FEWEST:
        return None
    if classes.size == 2 and (missing := _missing_leak(fact, truth, known, classes)):
        return missing
    if (
        classes.size == 2
        and fact.numbers is not None
        and _auc(fact.numbers, truth == classes[1], known) > LEAK
    ):
        return f"{fact.name!r} gives {outcome.name!r} away almost always: is it known when the prediction is made?"
    if fact.kind == "text" and fact.distinct <= 50 and _told(labels_of(fact)[known], truth[known]) > LEAK:
        return f"{fact.name!r} gives {outcome.name!r} away almost always: is it known when the prediction is made?"
    return None


def _copy(fact: Fact, outcome: Fact) -> str | None:
    """Regression: a feature that is the outcome, on another scale perhaps."""
    if fact.numbers is None or outcome.numbers is None or fact.distinct < 3:
        return None
    both = np.isfinite(fact.numbers) & np.isfinite(outcome.numbers)
    x, y = fact.numbers[both], outcome.numbers[both]
    if x.size < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    with np.errstate(all="ignore"):
        r = float(np.corrcoef(x, y)[0, 1])
    if abs(r) <= LEAK:
        return None
    return (
        f"{fact.name!r} and {outcome.name!r} correlate by {r:.4f}: is it known when the prediction is made?"
    )


def _missing_leak(
    fact: Fact, truth: NDArray[np.str_], known: NDArray[np.bool_], classes: NDArray[np.str_]
) -> str | None:
    if not fact.missing or (fact.numbers is None and fact.kind != "text"):
        return None
    missing = (np.isnan(fact.numbers) if fact.numbers is not None else labels_of(fact) == "")[known]
    for name in classes:
        rows = truth[known] == name
        if missing.sum() >= FEWEST and missing[rows].mean() > 0.9 and missing[~rows].mean() < 0.01:
            return f"{fact.name!r} is missing where the outcome is {name}: is it known when the prediction is made?"
    return None


def _auc(values: NDArray[np.float64], positive: NDArray[np.bool_], known: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties by half, or one minus it where that is more."""
    use = known & np.isfinite(values)
    x, p = values[use], positive[use]
    if p.all() or not p.any() or p.sum() < FEWEST or (~p).sum() < FEWEST:
        return 0.5
    _, bins = np.unique(x, return_inverse=True)
    up = np.bincount(bins[p], minlength=bins.max() + 1)
    down = np.bincount(bins[~p], minlength=bins.max() + 1)
    area = float((up * (np.cumsum(down) - down / 2)).sum() / (up.sum() * down.sum()))
    return max(area, 1 - area)


def _told(values: NDArray[np.str_], truth: NDArray[np.str_]) -> float:
    """Share of the rows that the commonest outcome of their value gets right, of those that need telling."""
    _, v = np.unique(values, return_inverse=True)
    _, t = np.unique(truth, return_inverse=True)
    table = np.bincount(v * (t.max() + 1) + t, minlength=(v.max() + 1) * (t.max() + 1)).reshape(
        -1, t.max() + 1
    )
    base = table.sum(0).max()
    return float((table.max(1).sum() - base) / max(table.sum() - base, 1))
