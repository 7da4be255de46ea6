"""Performance: how right the model is, over time; calibration and confusion of the whole period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.charts.calibration import confusion_rows, reliability_rows
from watchkeeper.charts.classification import confusion, reliability
from watchkeeper.charts.definition import Row
from watchkeeper.charts.dots import dots
from watchkeeper.charts.lines import Line
from watchkeeper.charts.trend import Trend, trend
from watchkeeper.metrics import realised
from watchkeeper.reports.scene import Scene, State, band_text, figure, state_of
from watchkeeper.verdicts.wording import title_of, write

__all__ = ["Card", "Performance", "card", "performance", "picture", "shown_lines"]

FIRST = 6  # charts that are seen without a click
HEIGHT = 170
BEFORE = (
    "No outcome is known yet: these are estimates of what each number will be once they are, if the relation of inputs"
    " and outcome is as in the reference."
)
ORDER = (
    "accuracy", "precision", "recall", "roc_auc", "average_precision", "f1", "mean_absolute_error",
    "root_mean_squared_error", "r2", "mean_error", "balanced_accuracy", "f1_macro",
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One number: what it is now, what it was, and its chart."""

    title: str
    about: str
    state: State
    value: str
    interval: str
    span: str  # what the value is of
    reference: str
    band: str
    alarms: int
    chart: int | None
    label: str
    estimate: str = ""  # what it is estimated to be, where the chart draws that beside


@dataclass(frozen=True)
class Performance:
    first: list[Card]
    more: list[Card]
    reliability: int | None
    confusion: int | None
    classes: list[tuple[str, int]]  # metric of each class, its chart
    why_empty: str
    truth: str  # how much of it is known, and how late it came


def performance(scene: Scene) -> Performance:
    cards = [card(scene, line) for line in shown_lines(scene)]
    return Performance(
        cards[:FIRST], cards[FIRST:], _reliability(scene), _confusion(scene), _classes(scene),
        "" if cards else _why_empty(scene), _truth(scene),
    )  # fmt: skip


def shown_lines(scene: Scene) -> list[Line]:
    """The numbers that get a card, what tells most first; those of single classes have a chart of their own.

    An estimate stands beside what is realised; where nothing is yet, it has a card of its own.
    """
    lines = [x for x in scene.whole("performance", "calibration", "value") if x.column is None and _known(x)]
    known = {x.metric for x in lines}
    lines = [x for x in lines if not x.is_estimate or realised(x.metric) not in known]
    kpis = [x for x in scene.whole("value") if x.column is not None and _known(x)]
    return sorted([*lines, *kpis], key=lambda x: _order(scene, x))


def _known(line: Line) -> bool:
    return bool(np.isfinite(line.value).any())


def _order(scene: Scene, line: Line) -> tuple[int, int, int]:
    """What the user set a band for, what is judged, and within those what tells most."""
    banded = any(key == line.metric or key.startswith(f"{line.metric}(") for key in scene.result.model.bands)
    name = realised(line.metric)
    place = ORDER.index(name) if name in ORDER else len(ORDER)
    asked = line.judged or scene.family(line.metric) == "value"
    return (0 if banded else 1 if asked else 2), place, -int(line.alarms.sum())


def _truth(scene: Scene) -> str:
    """How much of what happened is known, and how late that came, where anybody said so; or that it is yet to come."""
    if scene.before_truth:
        return BEFORE
    names = ("outcome_coverage", "outcome_delay_p50", "outcome_delay_p95")
    totals = [scene.period.get((name, None, None, None)) for name in names]
    known = [t.value for t in totals if t is not None and np.isfinite(t.value)]
    if len(known) < len(names):
        return ""
    coverage, half, most = known
    return (
        f"Of {write(coverage, 'rate')} of the rows the outcome is known; half of what came later than its prediction"
        f" came within {write(half, 'seconds')}, 95 % within {write(most, 'seconds')}."
    )


def _why_empty(scene: Scene) -> str:
    model = scene.result.model
    if model.outcome is None:
        return "No outcome is known, so nobody can say whether the predictions were right."
    if model.prediction is None and model.score is None:
        return "No prediction is named, so there is nothing to compare the outcomes with."
    return "No row has both a prediction and an outcome."


def card(scene: Scene, line: Line) -> Card:
    """A number's card with its trend; of a single window only the number."""
    value, interval = figure(scene.period.get(line.key), line.unit)
    reference = "" if line.reference is None else write(line.reference, line.unit)
    about = scene.metrics[line.metric].summary if line.metric in scene.metrics else ""
    title = title_of(line.metric) + (f" · {line.column}" if line.column else "")
    beside, alarms = scene.lines.estimate_of(line), int(line.alarms.sum())
    span = "" if scene.windows.count < 2 else "whole period" if line.key in scene.exact else "last window"
    return Card(
        title, about, state_of([line]), value, interval, span, reference, band_text(line), alarms,
        picture(scene, line) if scene.windows.count > 1 else None,
        f"{title} over {scene.windows.count:,} windows, {alarms:,} of them alarm",
        "" if beside is None else _estimate(scene, beside),
    )  # fmt: skip


def _estimate(scene: Scene, line: Line) -> str:
    """What the last window's estimate is."""
    value, interval = figure(scene.period.get(line.key), line.unit)
    when = "" if scene.windows.count < 2 else ", last window"
    return f"estimated before the truth {value} ({interval}){when}" if interval else ""


def picture(scene: Scene, line: Line, height: int = HEIGHT) -> int:
    """The trend of one line, beside what it was estimated to be; estimates are dashed."""
    beside = scene.lines.estimate_of(line)
    kind = Trend.over(
        scene.windows, unit=line.unit, dashed=("",) if line.is_estimate else (), beside=beside is not None
    )
    return scene.pictures.trend(kind, lambda: trend(kind), line, beside, height=height)


def _reliability(scene: Scene) -> int | None:
    current, reference = scene.result.current, scene.result.reference
    if current is None or scene.result.model.outcome is None:
        return None
    rows = reliability_rows(current.everything, None if reference is None else reference.everything)
    return scene.pictures.rows("reliability", reliability, rows, height=260) if rows else None


def _confusion(scene: Scene) -> int | None:
    current = scene.result.current
    if current is None or current.everything.confusion is None:
        return None
    rows = confusion_rows(current.everything.confusion, current.plan.class_names)
    return (
        scene.pictures.rows("confusion", confusion, rows, height=260) if any(r["n"] for r in rows) else None
    )


def _classes(scene: Scene) -> list[tuple[str, int]]:
    """Precision and recall of each class of a multiclass model over the whole period."""
    charts = []
    for metric in ("recall", "precision"):
        lines = [x for x in scene.whole("performance") if x.metric == metric and x.column is not None]
        rows = sorted((_class_row(scene, x) for x in lines), key=lambda r: (r["v"] is None, r["v"]))[:30]
        if rows:
            rows = [row | {"order": i} for i, row in enumerate(rows)]
            charts.append(
                (title_of(metric), scene.pictures.rows(("dots", "rate"), lambda: dots("rate"), rows))
            )
    return charts


def _class_row(scene: Scene, line: Line) -> Row:
    total = scene.period.get(line.key)
    numbers = (total.value, total.low, total.high) if total else (np.nan,) * 3
    v, low, high = (float(x) if np.isfinite(x) else None for x in numbers)
    row: Row = {
        "name": line.column,
        "order": 0,
        "v": v,
        "lo": low,
        "hi": high,
        "bl": None,
        "bh": None,
        "all": None,
    }
    return row | {"n": total.count if total else 0, "a": int(line.alarms.any())}
