"""Checklist: what a model in production needs, whether this check watches it, and the line that would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from watchkeeper.charts.lines import Line
from watchkeeper.reports.scene import Scene
from watchkeeper.verdicts.wording import name_of

__all__ = ["Need", "checklist"]

READY_MADE = "It needs rows; these numbers came ready-made."
NO_ROWS = (
    "It needs rows of predictions; so far only the service was logged: jobs, processes or numbers of its own."
)
CHECK = "check(current, reference, model)"
PREDICT = "log.prediction(id=..., features={...}, score=...)"
State = Literal["watched", "not watched", "cannot"]


@dataclass(frozen=True)
class Need:
    """One thing to watch. ``line`` is what to add to the model's YAML, or to the call."""

    title: str
    state: State
    why: str
    line: str = ""


def checklist(scene: Scene) -> list[Need]:
    """Service health, data quality, drift, performance, calibration, segments, fairness, outliers, value."""
    needs = (_performance, _drift, _quality, _segments, _fairness, _outliers, _value, _service)
    return [need(scene) for need in needs]


def _performance(scene: Scene) -> Need:
    model, title = scene.result.model, "Performance"
    lines = [x for x in scene.whole("performance") if np.isfinite(x.value).any()]
    if any(x.judged for x in lines):
        return Need(title, "watched", _judged(lines))
    if scene.before_truth:
        name = next(x.metric for x in lines if x.is_estimate)
        return Need(title, "not watched", "It is estimated until outcomes are known; nothing says what is too low.",
                    f'bands:\n  {name}: ">= 0.9"')  # fmt: skip
    if lines:
        name = lines[0].metric
        return Need(title, "not watched", "Its numbers are shown, but nothing says what is too low.",
                    f'bands:\n  {name}: ">= 0.9"   # or check(..., reference=...)')  # fmt: skip
    if model.outcome is None:
        return Need(title, "cannot", "It needs what really happened, next to each prediction.",
                    "task: binary            # or multiclass, regression\noutcome: <column>")  # fmt: skip
    if model.prediction is None and model.score is None:
        return Need(
            title, "cannot", "It needs what the model said.", "prediction: <column>     # or score: <column>"
        )
    return Need(
        title, "cannot", "No row has both a prediction and an outcome; join outcomes when they are known."
    )


def _without_rows(title: str, scene: Scene) -> Need:
    """Of a table of ready-made numbers, or of a workspace that has nothing but its service."""
    if scene.of_service:
        return Need(title, "cannot", NO_ROWS, PREDICT)
    return Need(title, "cannot", READY_MADE, CHECK)


def _judged(lines: list[Line]) -> str:
    names = dict.fromkeys(name_of(x.metric) for x in lines if x.judged)
    return f"Judged in every window: {', '.join(names)}."


def _drift(scene: Scene) -> Need:
    title = "Data drift"
    judged = {x.column for x in scene.whole("drift") if x.judged}
    if judged:
        return Need(title, "watched", f"{len(judged)} columns are compared with the reference.")
    if scene.result.current is None:
        return _without_rows(title, scene)
    return Need(title, "not watched", "It needs to know what normal looks like.",
                'reference: "first 4w"    # or a path, or check(current, reference, model)')  # fmt: skip


def _quality(scene: Scene) -> Need:
    title = "Data quality"
    lines = scene.whole("quality")
    if any(x.judged for x in lines):
        return Need(title, "watched", _judged(lines))
    if lines:
        return Need(title, "not watched", "Its numbers are shown; a reference or a band would judge them.",
                    'bands:\n  missing_rate(<column>): "<= 0.02"')  # fmt: skip
    return _without_rows(title, scene)


def _segments(scene: Scene) -> Need:
    ways = list(dict.fromkeys(x.segment_by for x in scene.lines.lines if x.segment_by))
    if ways:
        return Need(
            "Segments", "watched", f"Each value of {', '.join(ways)}, by itself and against the rest."
        )
    candidates = _candidates(scene)
    if scene.result.current is None:
        if scene.of_service:
            return _without_rows("Segments", scene)
        return Need("Segments", "cannot", "It needs rows, or ready-made numbers with segment_by and segment.")
    name = candidates[0] if candidates else "<column>"
    return Need("Segments", "not watched", "An average can hide a group for which the model fails.",
                f"segments: [{_yaml(name)}]")  # fmt: skip


def _candidates(scene: Scene) -> list[str]:
    """Categories with few values make good segments."""
    current = scene.result.current
    if current is None:
        return []
    known = [c for c in current.plan.categories.values() if 2 <= len(c.values) <= 30]
    return [c.name for c in sorted(known, key=lambda c: len(c.values))]


def _fairness(scene: Scene) -> Need:
    title = "Fairness"
    if scene.result.model.outcome is None or scene.result.current is None:
        return Need(title, "cannot", "It needs outcomes, and a column that says which group a row belongs to.",
                    "outcome: <column>\nsegments: [<group>]")  # fmt: skip
    if scene.result.model.segments:
        return Need(title, "not watched", "Each segment is compared with the rest. Whether that is fairness depends on "
                    "what a segment stands for: name the groups that you owe equal treatment, and band them.",
                    'segments: [<group>]\nbands:\n  recall[<group>=<value>]: ">= 0.8"')  # fmt: skip
    return Need(title, "not watched", "Name the groups that you owe equal treatment.", "segments: [<group>]")


def _outliers(scene: Scene) -> Need:
    title = "Outliers"
    if any(x.judged and x.metric in ("out_of_range_rate", "new_category_rate") for x in scene.lines.lines):
        return Need(title, "watched", "The share of values outside of what the reference held is judged, column by "
                    "column. Single rows are not scored.")  # fmt: skip
    if scene.result.current is None:
        return _without_rows(title, scene)
    return Need(title, "not watched", "Without a reference nothing says what is unusual.",
                "check(current, reference, model)")  # fmt: skip


def _value(scene: Scene) -> Need:
    title = "Value"
    if scene.whole("value"):
        return Need(title, "watched", "Your costs and KPIs are counted in every window.")
    model = scene.result.model
    if model.task == "binary" and model.outcome is not None:
        return Need(
            title, "not watched", "What an error costs you.", "costs: {false_negative: 12, false_positive: 1}"
        )
    return Need(title, "not watched", "What the model is for, in your own numbers.",
                'kpis:\n  revenue: "sum(price)"')  # fmt: skip


def _service(scene: Scene) -> Need:
    title = "Service health"
    lines = [
        x for x in scene.lines.lines if scene.family(x.metric) == "service" and np.isfinite(x.value).any()
    ]
    if any(x.judged for x in lines):
        return Need(title, "watched", _judged(lines))
    if lines:
        jobs = any(x.metric == "job_duration" for x in lines)
        return Need(title, "not watched", "Its numbers are shown, but nothing says what is too much.",
                    'bands:\n  job_failed_rate: "<= 0"\n  job_count: ">= 1"' if jobs
                    else 'bands:\n  error_rate: "<= 1 %"\n  latency_p95: "<= 0.5"')  # fmt: skip
    return Need(title, "cannot", "Requests, errors, latency and memory are known to the serving process "
                "alone; a file of predictions does not hold them.",
                "log = watchkeeper.Logger(folder, model)\nlog.prediction(..., seconds=0.031)\nlog.error(exception)"
                )  # fmt: skip


def _yaml(name: str) -> str:
    """A column's name as YAML may need it."""
    plain = name.replace("_", "a").isalnum() and not name[0].isdigit()
    return name if plain else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
