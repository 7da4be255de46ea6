"""Leaks: features that give the outcome away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model.inference.fact import Fact
from watchkeeper.model.label import label_name, label_of

__all__ = ["leaks"]

Ints = NDArray[np.int64]

LEAK = 0.995  # area under the ROC curve, share of rows told right, or correlation that no honest feature has
FEWEST = 50  # rows of each class before a leak can be told from luck
MOST_VALUES = 50  # of a category: more of them tell small classes by chance
LOOKED = 20_000  # rows, where there are more
ASK = "is it known when the prediction is made?"


def leaks(features: Iterable[Fact], outcome: Fact) -> Iterator[str]:
    """A sentence for each feature that tells the outcome nearly always."""
    if outcome.known == 0:
        return
    if outcome.numbers is not None and len(outcome.classes) != 2:
        yield from (w for f in features if (w := _copy(f, outcome)))
        return
    truth, names = _codes(outcome)
    counts = np.bincount(truth[truth >= 0], minlength=len(names))
    if len(names) < 2 or counts.min() < FEWEST:
        return
    for fact in features:
        missing = _missing(fact, truth) if len(names) == 2 else None
        if missing is not None:
            yield f"{fact.name!r} is missing where {outcome.name!r} is {names[missing]}: {ASK}"
        elif _tells(fact, truth, len(names)):
            yield f"{fact.name!r} gives {outcome.name!r} away almost always: {ASK}"


def _codes(fact: Fact) -> tuple[Ints, list[str]]:
    """((rows,) position of each value among the names, -1 where missing; the names)."""
    encoded = fact.array.slice(0, LOOKED).dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, [label_name(label_of(v)) for v in encoded.dictionary.to_pylist()]


def _tells(fact: Fact, truth: Ints, classes: int) -> bool:
    if fact.numbers is not None:
        return classes == 2 and _auc(fact.numbers[:LOOKED], truth) > LEAK
    if fact.kind != "text" or fact.distinct > MOST_VALUES:
        return False
    values, _ = _codes(fact)
    return _told(values[truth >= 0] + 1, truth[truth >= 0]) > LEAK


def _missing(fact: Fact, truth: Ints) -> int | None:
    """The class whose rows have no value in this column, while the others have."""
    if not fact.missing or fact.kind not in ("number", "text"):
        return None
    missing = fact.array.slice(0, LOOKED).is_null().to_numpy(zero_copy_only=False)
    for code in (0, 1):
        here, there = missing[truth == code], missing[truth == 1 - code]
        if here.sum() >= FEWEST and here.mean() > 0.9 and there.mean() < 0.01:
            return code
    return None


def _copy(fact: Fact, outcome: Fact) -> str | None:
    """Regression: a feature that is the outcome, on another scale perhaps."""
    if fact.numbers is None or outcome.numbers is None or fact.distinct < 3:
        return None
    x, y = fact.numbers[:LOOKED], outcome.numbers[:LOOKED]
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if x.size < FEWEST or x.min() == x.max() or y.min() == y.max():
        return None
    with np.errstate(all="ignore"):
        r = float(np.corrcoef(x, y)[0, 1])
    return f"{fact.name!r} and {outcome.name!r} correlate by {r:.4f}: {ASK}" if abs(r) > LEAK else None


def _auc(values: NDArray[np.float64], truth: Ints) -> float:
    """Area under the ROC curve, ties by half, or one minus it where that is more."""
    use = (truth >= 0) & np.isfinite(values)
    x, positive = values[use], truth[use] == 1
    if min(positive.sum(), (~positive).sum()) < FEWEST:
        return 0.5
    _, bins = np.unique(x, return_inverse=True)
    up = np.bincount(bins[positive], minlength=int(bins.max()) + 1)
    down = np.bincount(bins[~positive], minlength=int(bins.max()) + 1)
    area = float((up * (np.cumsum(down) - down / 2)).sum() / (up.sum() * down.sum()))
    return max(area, 1 - area)


def _told(values: Ints, truth: Ints) -> float:
    """Share of the rows outside the largest class that the commonest class of their value gets right."""
    classes = int(truth.max()) + 1
    cells = np.bincount(values * classes + truth, minlength=(int(values.max()) + 1) * classes)
    table = cells.reshape(-1, classes)
    largest = table.sum(0).max()
    return float((table.max(1).sum() - largest) / max(table.sum() - largest, 1))
