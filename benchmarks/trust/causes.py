"""Causes: whether the reasons that a check gives are those that were simulated.

    PYTHONPATH=src:. python -m benchmarks.trust.causes

Rows have five features; what happens follows from them by a logistic curve with an interaction that the model, a
logistic regression, does not know. The reference is 40 days of 1,000 rows, what is watched 14 days of 1,500.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import watchkeeper as wk
from watchkeeper.estimation.link import sigmoid

Floats = NDArray[np.float64]
Rng = np.random.Generator
GROUPS = np.array(["a", "b", "c", "d", "e"])
EFFECT = np.array([0.8, 0.4, 0.0, -0.4, -0.8])
DAYS, DAY = 14, 1_500
USUAL_DAYS, USUAL_DAY = 40, 1_000


@dataclass(frozen=True)
class Rows:
    """Features as they are, and as they are logged; what follows from them."""

    x: Floats
    group: NDArray[np.int64]
    slopes: Floats
    logged: Floats | None = None
    known: NDArray[np.bool_] | None = None

    @property
    def seen(self) -> Floats:
        return self.x if self.logged is None else self.logged

    def outcome(self, rng: Rng) -> NDArray[np.int64]:
        return (rng.random(len(self.x)) < sigmoid(odds(self))).astype(np.int64)


def odds(rows: Rows) -> Floats:
    """The log-odds of what happens."""
    x = rows.x
    linear = (x * rows.slopes).sum(axis=1) + EFFECT[rows.group]
    return np.asarray(linear + 0.5 * x[:, 0] * x[:, 1])


def usual(rng: Rng, rows: int) -> Rows:
    x = rng.normal(size=(rows, 4))
    return Rows(x, rng.integers(0, 5, rows), np.tile([1.5, 1.0, -0.8, 0.0], (rows, 1)))


def design(seen: Floats, group: NDArray[np.int64]) -> Floats:
    """What the model looks at: a missing number as 0."""
    return np.column_stack([np.nan_to_num(seen), np.eye(5)[group]])


@cache
def model_weights() -> Floats:
    """Of a logistic regression fitted once on rows of its own."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    rows = usual(rng, 20_000)
    fitted = LogisticRegression(fit_intercept=False).fit(design(rows.x, rows.group), rows.outcome(rng))
    return np.asarray(fitted.coef_[0])


def scores(rows: Rows) -> Floats:
    return sigmoid(design(rows.seen, rows.group) @ model_weights())


def missing(rng: Rng, rows: Rows) -> Rows:
    logged = rows.x.copy()
    logged[rng.random(len(rows.x)) < rng.uniform(0.3, 0.5), 0] = np.nan
    return replace(rows, logged=logged)


def wrong_unit(rng: Rng, rows: Rows) -> Rows:
    logged = rows.x.copy()
    broken = rng.random(len(rows.x)) < rng.uniform(0.15, 0.3)
    logged[broken, 1] = 1_000 + 100 * logged[broken, 1]
    return replace(rows, logged=logged)


def harder(rng: Rng, rows: Rows) -> Rows:
    """Rows nearer to the line between the classes."""
    return replace(rows, x=rows.x * np.array([rng.uniform(0.4, 0.6), 0.6, 0.6, 1.0]))


def elsewhere(rng: Rng, rows: Rows) -> Rows:
    """Rows where the interaction is against the model."""
    return replace(rows, x=rows.x + np.array([rng.uniform(0.7, 1.0), -rng.uniform(1.0, 1.3), 0.0, 0.5]))


def weaker(rng: Rng, rows: Rows) -> Rows:
    """One feature tells less than it did."""
    slopes = rows.slopes.copy()
    slopes[:, 0] *= rng.uniform(0.0, 0.3)
    return replace(rows, slopes=slopes)


def one_group(rng: Rng, rows: Rows) -> Rows:
    """In one group everything is the other way round."""
    slopes = rows.slopes.copy()
    slopes[rows.group == 1] *= -rng.uniform(0.2, 0.6)
    return replace(rows, slopes=slopes)


def at_random(rng: Rng, rows: Rows) -> Rows:
    return replace(rows, known=rng.random(len(rows.x)) < rng.uniform(0.3, 0.7))


def by_score(rng: Rng, rows: Rows) -> Rows:
    """Only of doubtful cases the outcome is found out."""
    return replace(rows, known=np.abs(scores(rows) - 0.5) < rng.uniform(0.2, 0.3))


Change = Callable[[Rng, Rows], Rows]
CASES: dict[str, tuple[tuple[tuple[Change, ...], ...], frozenset[str]]] = {
    "nothing": (((),), frozenset()),
    "labels missing at random": (((at_random,),), frozenset()),
    "broken rows": (((missing,), (wrong_unit,)), frozenset({"broken rows"})),
    "input shift": (((harder,), (elsewhere,)), frozenset({"input shift"})),
    "concept change": (((weaker,), (one_group,)), frozenset({"concept change"})),
    "concept change, labels missing at random": (
        ((weaker, at_random), (one_group, at_random)), frozenset({"concept change"}),
    ),
    "input shift and concept change": (
        ((harder, weaker), (harder, one_group)), frozenset({"input shift", "concept change"}),
    ),
    "labels missing by score": (((by_score,),), frozenset({"label coverage"})),
}  # fmt: skip
MODEL = wk.Model(
    name="m", task="binary", timestamp="time", window="1d", outcome="y", prediction="said", score="score",
    windows="independent", features=["x0", "x1", "x2", "x3", "group"],
)  # fmt: skip


def table_of(rows: Rows, rng: Rng, days: int, first: str) -> pa.Table:
    n, score = len(rows.x), scores(rows)
    times = np.datetime64(first) + (np.arange(n) * days * 86_400 // n).astype("timedelta64[s]")
    columns = {f"x{i}": pa.array(rows.seen[:, i], from_pandas=True) for i in range(4)}
    outcome = pa.array(rows.outcome(rng), mask=None if rows.known is None else ~rows.known)
    return pa.table({
        "time": times.astype("datetime64[us]"), "score": score, "said": (score >= 0.5).astype(np.int64), "y": outcome,
        **columns, "group": GROUPS[rows.group],
    })  # fmt: skip


def told(case: str, seed: int) -> tuple[str, ...]:
    """The reasons that a check gives for the accuracy of one simulated model."""
    variants, _ = CASES[case]
    rng = np.random.default_rng([seed, list(CASES).index(case)])
    rows = usual(rng, DAYS * DAY)
    for change in variants[seed % len(variants)]:
        rows = change(rng, rows)
    reference = table_of(usual(rng, USUAL_DAYS * USUAL_DAY), rng, USUAL_DAYS, "2026-01-01")
    result = wk.check(table_of(rows, rng, DAYS, "2026-03-01"), reference, MODEL)
    of_accuracy = [why for why in result.why if why.metric == "accuracy"]
    return tuple(sorted(cause.name for why in of_accuracy for cause in why.named))


def table(runs: int, processes: int = 2) -> None:
    """Print how often exactly the simulated causes are named."""
    print(f"| simulated | right of {runs:,} | otherwise named |\n|---|---:|---|", flush=True)
    with ProcessPoolExecutor(processes) as pool:
        for case, (_, truth) in CASES.items():
            found = Counter(pool.map(told, [case] * runs, range(runs), chunksize=4))
            right = found.pop(tuple(sorted(truth)), 0)
            others = "; ".join(
                f"{' and '.join(names) or 'nothing'} {n:,}" for names, n in found.most_common(3)
            )
            print(f"| {case} | {right:,} ({100 * right / runs:.0f} %) | {others} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    table(given.runs, given.processes)
