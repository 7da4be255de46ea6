"""Portions: where a cause sits, by features and by the model's segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation import Sample, Sides
from watchkeeper.explaining.broken import Defect
from watchkeeper.explaining.ranges import Ranges
from watchkeeper.explaining.why import Portion
from watchkeeper.profiles import Plan, Profile, Slice

__all__ = ["Side", "by_defect", "by_feature_moved", "by_range", "by_segment"]

Floats = NDArray[np.float64]

MOST = 3  # portions that are told
CERTAIN = 4.0  # standard errors by which a range loses more than the rest
CONCENTRATED = 1.3  # times its share of the rows, a portion's share of the loss
LEAST_MOVED = 0.05  # Jensen–Shannon distance of a feature's ranges, from which it moved
LEAST_ROWS = 30


@dataclass(frozen=True)
class Side:
    """Sound sampled rows of one side, with what they lost."""

    sample: Sample
    sides: Sides


def by_defect(metric: str, every: Sides, found: Sequence[Defect], effect: float) -> list[Portion]:
    """Of broken rows: each defect's share of the rows, and of the effect of all of them."""
    known = every.known
    whole = every.happened(metric, known)
    portions = []
    for d in found:
        alone = whole - every.happened(metric, known & ~d.current)
        loss = min(max(alone / effect, 0.0), 1.0) if effect else np.nan
        portions.append(Portion(d.column, d.kind, float(d.current.mean()), float(loss)))
    return sorted(portions, key=lambda p: -np.nan_to_num(p.loss))[:MOST]


def by_feature_moved(metric: str, plan: Plan, current: Side, reference: Side) -> list[Portion]:
    """Of shifted inputs: the features that moved, those first that moved far and that the model leans on.

    What a feature's own move explains is the reference's expected loss by its ranges, weighted by how many rows
    each has now; features that move together explain the same again.
    """
    now, before = current.sides.losses(metric)[1], reference.sides.losses(metric)[1]
    usable_now, usable_before = current.sides.usable, reference.sides.usable
    lost = float(now[usable_now].mean() - before[usable_before].mean())
    total = sum(c.importance for c in plan.columns if c.role == "feature") or 1.0
    found = []
    for name, ranges, here, there in _ranges(plan, current.sample, reference.sample):
        p, q = (
            np.bincount(r[rows], minlength=len(ranges)) / max(int(rows.sum()), 1)
            for r, rows in ((here, usable_now), (there, usable_before))
        )
        moved = _jensen_shannon(p, q)
        if moved < LEAST_MOVED:
            continue
        sums = np.bincount(there[usable_before], before[usable_before], len(ranges))
        counts = np.bincount(there[usable_before], minlength=len(ranges))
        usual = np.where(counts > 0, sums / np.maximum(counts, 1), before[usable_before].mean())
        alone = float((p - q) @ usual)
        importance = _importance(plan, name) / total
        loss = min(max(alone / lost, 0.0), 1.0) if lost else np.nan
        found.append((moved * importance, Portion(name, "", np.nan, float(loss), importance)))
    return [portion for _, portion in sorted(found, key=lambda f: -f[0])[:MOST]]


def by_range(metric: str, plan: Plan, current: Side, reference: Side) -> list[Portion]:
    """Of a changed concept: where the truth departs from what was expected, of each feature at most one range."""
    away_now, away_before = (_away(side, metric) for side in (current, reference))
    known_now, known_before = current.sides.known, reference.sides.known
    spread = float(np.nanvar(away_now))
    if known_now.sum() < LEAST_ROWS or spread == 0:
        return []
    total = sum(c.importance for c in plan.columns if c.role == "feature") or 1.0
    found = []
    for name, ranges, here, there in _ranges(plan, current.sample, reference.sample):
        size = len(ranges)
        n, usual_n = (
            np.bincount(r[k], minlength=size).astype(np.float64)
            for r, k in ((here, known_now), (there, known_before))
        )
        usual = np.bincount(there[known_before], away_before[known_before], size) / np.maximum(usual_n, 1)
        excess = np.bincount(here[known_now], away_now[known_now], size) - n * usual
        if not excess.sum() > 0:  # the metric fell, and errors did not become more
            continue
        mean = excess.sum() / n.sum()
        error = np.sqrt(np.maximum(n * spread * (1 + n / np.maximum(usual_n, 1)), 1e-300))
        score = np.where((n >= LEAST_ROWS) & (usual_n >= LEAST_ROWS), (excess - n * mean) / error, 0.0)
        worst = int(np.argmax(score))
        loss, rows = float(excess[worst] / excess.sum()), float(n[worst] / n.sum())
        if score[worst] >= CERTAIN and loss >= CONCENTRATED * rows:
            portion = Portion(
                name, ranges.names[worst], rows, min(loss, 1.0), _importance(plan, name) / total
            )
            found.append((float(score[worst]), portion))
    return [portion for _, portion in sorted(found, key=lambda f: -f[0])[:MOST]]


def by_segment(metric: str, current: Profile, reference: Profile) -> tuple[Portion, ...]:
    """Of the whole loss: the segments that lose more than their share of the rows; exact, from profiles of one window.

    Loss is what adds up over rows: errors of a classification; of a regression squares, or absolute errors.
    """
    found = []
    for by, now in current.slices.items():
        if by is None:
            continue
        lost, rows = _lost(now, metric)
        usual_lost, usual_rows = _lost(reference.slices[by], metric)
        whole_lost, whole_rows = _lost(reference.everything, metric)
        rate = whole_lost[0] / max(whole_rows[0], 1.0)
        usual = np.where(usual_rows >= LEAST_ROWS, usual_lost / np.maximum(usual_rows, 1.0), rate)
        excess = lost - rows * usual
        if not excess.sum() > 0:
            continue
        for value, e, n in zip(now.values, excess, rows, strict=True):
            portion = Portion(by, str(value), float(n / rows.sum()), float(e / excess.sum()))
            if (
                n >= LEAST_ROWS
                and portion.loss >= CONCENTRATED * portion.rows
                and _certain(e, n, rate, metric)
            ):
                found.append(portion)
    return tuple(sorted(found, key=lambda p: -p.loss)[:MOST])


def _certain(excess: float, rows: float, rate: float, metric: str) -> bool:
    """Of errors, which are counted, by their standard error."""
    spread = rate * (1 - rate) if rate < 1 else rate
    return bool(excess > CERTAIN * np.sqrt(max(rows * spread, 1e-300)))


def _lost(part: Slice, metric: str) -> tuple[Floats, Floats]:
    """(V,) what rows lost, and how many there are."""
    if part.residuals is not None:
        squares = metric in ("root_mean_squared_error", "mean_squared_error", "r2")
        lost = part.residuals.squares if squares else part.residuals.absolute
        return lost[0], part.residuals.valid[0].astype(np.float64)
    if part.confusion is None:
        return np.zeros(len(part.values)), np.zeros(len(part.values))
    rows = part.confusion.true[0].sum(axis=-1).astype(np.float64)
    return rows - part.confusion.correct[0].sum(axis=-1), rows


def _away(side: Side, metric: str) -> Floats:
    happened, expected = side.sides.losses(metric)
    return happened - expected


def _ranges(
    plan: Plan, current: Sample, reference: Sample
) -> Iterator[tuple[str, Ranges, NDArray[np.intp], NDArray[np.intp]]]:
    """Of each feature its ranges, and in which each row of either side lies."""
    for position, name in enumerate(current.features):
        column = plan.numbers.get(name) or plan.categories[name]
        if column.role == "feature":
            ranges = Ranges.of(column, reference.bins[:, position])
            yield name, ranges, ranges(current.bins[:, position]), ranges(reference.bins[:, position])


def _importance(plan: Plan, name: str) -> float:
    return float(next(c.importance for c in plan.columns if c.name == name))


def _jensen_shannon(p: Floats, q: Floats) -> float:
    """Distance of two distributions, base 2."""
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.nansum(np.where(x > 0, x * np.log2(x / middle), 0.0)) for x in (p, q)]
    return float(np.sqrt(max(sum(parts) / 2, 0.0)))
