"""Segments: for whom the model is wrong. Worst first, the best named too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.charts.definition import Row
from watchkeeper.charts.dots import dots
from watchkeeper.charts.lines import Line
from watchkeeper.metrics import Unit
from watchkeeper.reports.performance import ORDER
from watchkeeper.reports.scene import Scene, State, state_of
from watchkeeper.verdicts.wording import name_of, title_of, write

__all__ = ["Split", "SplitChart", "splits"]

WORST, BEST = 16, 4  # segments shown of a segmentation that has more
METRICS = 3  # charts of each segmentation


@dataclass(frozen=True)
class SplitChart:
    """One metric by segment over the whole period."""

    metric: str
    title: str
    chart: int
    sentence: str
    note: str
    label: str


@dataclass(frozen=True)
class Split:
    """One segmentation."""

    by: str
    count: int
    state: State
    alarms: int
    charts: list[SplitChart]


def splits(scene: Scene) -> list[Split]:
    """Segmentations, those with alarms first."""
    lines = [
        x for x in scene.lines.lines if scene.family(x.metric) != "service"
    ]  # its versions are shown with it
    ways = list(dict.fromkeys(x.segment_by for x in lines if x.segment_by is not None))
    found = [_split(scene, by) for by in ways]
    return sorted(found, key=lambda s: -s.alarms)


def _split(scene: Scene, by: str) -> Split:
    every = [x for x in scene.lines.lines if x.segment_by == by and scene.family(x.metric) != "service"]
    lines = [x for x in every if not scene.echo(x)]
    loud = {x.segment for x in lines if x.alarms.any()}
    charts = [c for c in (_chart(scene, by, m) for m in _metrics(scene, lines)) if c is not None]
    return Split(by, len({x.segment for x in every}), state_of(lines), len(loud), charts)


def _metrics(scene: Scene, lines: list[Line]) -> list[str]:
    """What is judged and tells most; the share of the rows where nothing tells of performance."""
    known: dict[str, tuple[bool, int]] = {}
    for x in lines:
        if x.column is None and np.isfinite(x.value).any():
            judged, alarms = known.get(x.metric, (False, 0))
            known[x.metric] = judged or x.judged, alarms + int(x.alarms.sum())
    watched = [m for m in known if scene.family(m) in ("performance", "value") and not m.endswith("_vs_rest")]

    def order(metric: str) -> tuple[int, bool, bool, int]:
        banded = any(key.split("[")[0] == metric for key in scene.result.model.bands)
        judged, alarms = known[metric]
        return -alarms, not banded, not judged, ORDER.index(metric) if metric in ORDER else len(ORDER)

    chosen = sorted(watched, key=order)[:METRICS]
    shares: list[str] = [m for m in ("segment_share", "row_count") if m in known]
    return chosen or shares[:1]


def _chart(scene: Scene, by: str, metric: str) -> SplitChart | None:
    lines = scene.lines.of(metric, by)
    rows = [row for row in (_row(scene, x) for x in lines if x.column is None) if row["v"] is not None]
    if not rows:
        return None
    worst_last = scene.better(metric) == "low"
    rows.sort(key=lambda r: -r["v"] if worst_last else r["v"])
    shown, note = _cut(rows)
    unit = lines[0].unit
    shown = [row | {"order": i} for i, row in enumerate(shown)]
    chart = scene.pictures.rows(("dots", unit), lambda: dots(unit), shown)
    title = title_of(metric)
    return SplitChart(
        metric, title, chart, _sentence(scene, metric, unit, rows), note, f"{title} by {by}, worst first"
    )


def _row(scene: Scene, line: Line) -> Row:
    total = scene.period.get(line.key)
    whole = scene.period.get((line.metric, None, None, None))
    numbers = (total.value, total.low, total.high) if total else (np.nan,) * 3
    v, low, high = (float(x) if np.isfinite(x) else None for x in numbers)
    every = (
        whole.value
        if whole is not None and np.isfinite(whole.value) and line.metric != "segment_share"
        else None
    )
    row: Row = {
        "name": line.segment,
        "order": 0,
        "v": v,
        "lo": low,
        "hi": high,
        "bl": None,
        "bh": None,
        "all": every,
    }
    return row | {"n": total.count if total else 0, "a": int(line.alarms.any())}


def _cut(rows: list[Row]) -> tuple[list[Row], str]:
    if len(rows) <= WORST + BEST:
        return rows, ""
    left = len(rows) - WORST - BEST
    return rows[:WORST] + rows[
        -BEST:
    ], f"The {WORST} worst and the {BEST} best of {len(rows)}; {left} are between."


def _sentence(scene: Scene, metric: str, unit: Unit, rows: list[Row]) -> str:
    first, last = rows[0], rows[-1]
    told = [(r["name"], write(r["v"], unit)) for r in (first, last)]
    words = ("Worst", "best") if scene.better(metric) != "none" else ("Least", "greatest")
    if len(rows) == 1:
        return f"{told[0][0]}: {name_of(metric)} {told[0][1]}."
    return f"{words[0]} {told[0][0]} at {told[0][1]}, {words[1]} {told[1][0]} at {told[1][1]}."
