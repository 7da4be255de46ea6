"""Quality: rows, missing values, and every other way in which data break."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from watchkeeper.charts.lines import Line
from watchkeeper.reports.dates import window_name
from watchkeeper.reports.features import heat, worst_first
from watchkeeper.reports.performance import picture
from watchkeeper.reports.scene import Scene, State, state_of
from watchkeeper.reports.sparkline import sparkline
from watchkeeper.verdicts.wording import title_of, write

__all__ = ["Check", "Quality", "quality"]

FIRST = 8  # lines of the table that are seen without a click, or all that alarm
MOST = 60  # lines of the table
COLUMNS = 40  # rows of the heatmap


@dataclass(frozen=True)
class Check:
    """One number of quality over the period."""

    column: str
    metric: str
    state: State
    alarms: int
    reference: str
    worst: str
    when: str
    now: str
    spark: Markup


@dataclass(frozen=True)
class Quality:
    rows: int | None  # chart of rows in each window
    heat: int | None  # missing values, column × time
    columns: int  # with any missing value
    shown: int
    first: list[Check]
    more: list[Check]
    quiet: int  # numbers that are judged and 0 in every window
    unshown: int
    asides: list[tuple[str, int, str]]


def quality(scene: Scene) -> Quality:
    lines = [x for x in scene.whole("quality", "traffic") if np.isfinite(x.value).any()]
    missing = worst_first([x for x in lines if x.metric == "missing_rate" and (x.value > 0).any()])
    watched = [x for x in lines if x.judged or x.unit == "rate"]
    noisy = worst_first([x for x in watched if x.alarms.any() or (np.nan_to_num(x.value) > 0).any()])
    noisy = [x for x in noisy if x.alarms.any()] + [x for x in noisy if not x.alarms.any() and x.judged]
    checks = [_check(scene, x) for x in noisy[:MOST]]
    first = max(FIRST, sum(check.alarms > 0 for check in checks))
    rows = next((x for x in lines if x.metric == "row_count"), None)
    return Quality(
        picture(scene, rows, 120) if rows is not None and scene.windows.count > 1 else None,
        heat(scene, missing[:COLUMNS]), len(missing), min(len(missing), COLUMNS),
        checks[:first], checks[first:], len([x for x in watched if x.judged]) - len(noisy),
        max(len(noisy) - MOST, 0), _asides(scene),
    )  # fmt: skip


def _check(scene: Scene, line: Line) -> Check:
    seen = np.flatnonzero(np.isfinite(line.value))
    worst = int(seen[np.argmax(line.value[seen])])
    unit = line.unit
    return Check(
        column=line.column or "",
        metric=title_of(line.metric),
        state=state_of([line]),
        alarms=int(line.alarms.sum()),
        reference="–" if line.reference is None else write(line.reference, unit),
        worst=write(float(line.value[worst]), unit),
        when=window_name(scene.windows, worst) if scene.windows.count > 1 else "",
        now=write(float(line.value[seen[-1]]), unit),
        spark=sparkline(line, 120, 26) if scene.windows.count > 1 else Markup(""),
    )


def _asides(scene: Scene) -> list[tuple[str, int, str]]:
    """What could not be used: reason, rows or values, an example."""
    current = scene.result.current
    if current is None:
        return []
    examples = current.aside.examples
    return [
        (reason, count, examples.get(reason, "")) for reason, count in current.aside.counts.items() if count
    ]
