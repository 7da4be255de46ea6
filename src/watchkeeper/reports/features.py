"""Drift: every feature over time, worst first, and each one's reference against current."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from watchkeeper.charts.distribution import categories, numbers
from watchkeeper.charts.heatmap import heatmap
from watchkeeper.charts.lines import Line
from watchkeeper.charts.shares import category_shares, number_shares
from watchkeeper.charts.trend import Trend
from watchkeeper.reports.dates import period_of
from watchkeeper.reports.performance import Card, card
from watchkeeper.reports.scene import Scene, State, state_of
from watchkeeper.reports.sparkline import sparkline
from watchkeeper.verdicts.wording import title_of, write

__all__ = ["Drift", "FeatureCard", "drift", "heat"]

MOST = 60  # features with a row and a picture; the numbers of all are in ``result.metrics``
FIRST = 12  # pictures that are seen without a click


@dataclass(frozen=True)
class FeatureCard:
    """One column: how it was distributed in the reference and is now."""

    name: str
    role: str
    state: State
    alarms: int
    broken: bool  # its quality alarms, its drift does not
    drift: str
    missing: str
    period: str
    note: str
    chart: int | None
    spark: Markup
    label: str


@dataclass(frozen=True)
class Drift:
    metric: str
    heat: int | None
    shown: int
    known: int
    first: list[FeatureCard]
    more: list[FeatureCard]
    others: list[Card]  # drift of the data as a whole
    why_empty: str


def drift(scene: Scene) -> Drift:
    lines = scene.whole("drift")
    metric = _default(lines)
    ranked = worst_first([x for x in lines if x.metric == metric and x.column is not None])
    names = [x.column for x in ranked] or _columns(scene)
    by_column = {x.column: x for x in ranked}
    cards = [_card(scene, name, by_column.get(name)) for name in names[:MOST] if name is not None]
    whole = [card(scene, x) for x in lines if x.column is None and np.isfinite(x.value).any()]
    return Drift(
        title_of(metric) if metric else "", heat(scene, ranked[:MOST]), min(len(names), MOST), len(names),
        cards[:FIRST], cards[FIRST:], whole, "" if ranked else _why_empty(scene),
    )  # fmt: skip


def _default(lines: list[Line]) -> str | None:
    """The metric of drift by which most columns are judged."""
    of_columns = [x for x in lines if x.column is not None]
    counted = Counter(x.metric for x in of_columns if x.judged) or Counter(x.metric for x in of_columns)
    return counted.most_common(1)[0][0] if counted else None


def worst_first(lines: list[Line]) -> list[Line]:
    """By alarming windows, then by how near the greatest value comes to its band, then by that value."""
    return sorted(
        lines, key=lambda x: (-int(x.alarms.sum()), -_nearness(x), -float(np.nanmax(x.value, initial=0.0)))
    )


def _nearness(line: Line) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = line.value / line.band_high
    return float(np.max(share[np.isfinite(share)], initial=0.0))


def _columns(scene: Scene) -> list[str | None]:
    current = scene.result.current
    return [] if current is None else [c.name for c in current.plan.columns]


def _why_empty(scene: Scene) -> str:
    if scene.result.current is None:
        if scene.of_service:
            return "So far only the service was logged; without predictions there are no distributions to compare."
        return "These numbers came ready-made; without rows there are no distributions to compare."
    if scene.result.reference is None:
        return "There is no reference, so nobody can say what has changed. The pictures show current alone."
    return "No column is there to compare."


def heat(scene: Scene, lines: list[Line]) -> int | None:
    """Columns over time, in this order; None of a single window."""
    if not lines or scene.windows.count < 2:
        return None
    trend = Trend.over(scene.windows)
    unit = lines[0].unit
    kind = ("heat", unit, trend.timed, trend.hourly)
    names = [str(x.column) for x in lines]
    return scene.pictures.matrix(kind, lambda: heatmap(unit, trend.timed, trend.hourly), lines, names)


def _card(scene: Scene, name: str, line: Line | None) -> FeatureCard:
    chosen = _stretch(line)
    chart, note = _distribution(scene, name, chosen)
    role = next((c.role for c in scene.result.current.plan.columns if c.name == name), "feature") \
        if scene.result.current else "feature"  # fmt: skip
    period = period_of(scene.windows, int(chosen[0]), int(chosen[-1])) if chosen.size else "whole period"
    state = state_of([line]) if line else "none"
    return FeatureCard(
        name=name,
        role="" if role == "feature" else role,
        state=state,
        broken=state != "alarm" and name in scene.broken,
        alarms=int(line.alarms.sum()) if line else 0,
        drift=_drifted(line),
        missing=_missing(scene, name),
        period=period,
        note=note,
        chart=chart,
        spark=sparkline(line, 150, 30) if line and scene.windows.count > 1 else Markup(""),
        label=f"Distribution of {name}: reference in grey, current in blue",
    )


def _stretch(line: Line | None) -> np.ndarray:
    """From the first to the last alarming window; empty: every window."""
    alarms = np.flatnonzero(line.alarms) if line else np.empty(0, np.int64)
    return np.arange(alarms[0], alarms[-1] + 1) if alarms.size else alarms


def _distribution(scene: Scene, name: str, chosen: np.ndarray) -> tuple[int | None, str]:
    current, reference = scene.result.current, scene.result.reference
    if current is None:
        return None, ""
    now, before = current.everything, None if reference is None else reference.everything
    if name in now.numbers:
        mine = now.numbers[name].take(chosen) if chosen.size else now.numbers[name]
        shares = number_shares(current.plan.numbers[name], before.numbers[name] if before else None, mine)
        discrete = shares.discrete
        kind, define, size = ("numbers", discrete), lambda: numbers(discrete), {"height": 120}
    elif name in now.categories:
        bars = now.categories[name].take(chosen) if chosen.size else now.categories[name]
        shares = category_shares(
            current.plan.categories[name], before.categories[name] if before else None, bars
        )
        kind, define, size = ("categories", False), categories, {}
    else:
        return None, ""
    return (scene.pictures.rows(kind, define, shares.rows, **size) if shares.rows else None), shares.note


def _drifted(line: Line | None) -> str:
    if line is None or not np.isfinite(line.value).any():
        return ""
    return f"peak {write(float(np.nanmax(line.value)), line.unit)}"


def _missing(scene: Scene, name: str) -> str:
    line = scene.by_key.get(("missing_rate", name, None, None))
    if line is None or not (line.value > 0).any():
        return ""
    total = float(np.nansum(line.value * line.count) / max(line.count.sum(), 1))
    before = "" if line.reference is None else f", was {write(line.reference, 'rate')}"
    return f"{write(total, 'rate')} missing{before}"
