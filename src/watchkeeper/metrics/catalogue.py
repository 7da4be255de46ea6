"""The reference of all metrics as a Markdown page, from the registry."""

from __future__ import annotations

from watchkeeper.metrics.estimate import Metric
from watchkeeper.metrics.estimated import is_estimated
from watchkeeper.metrics.registry import METRICS

__all__ = ["reference"]

HEADINGS = {
    "traffic": "Traffic",
    "quality": "Data quality",
    "drift": "Drift",
    "performance": "Performance",
    "calibration": "Calibration",
    "value": "Value",
    "service": "Service",
}
NEW_LINE = "\n"
INTRODUCTION = """# Metrics

Every number comes with `low` and `high`, the ends of its 95 % interval, and `count`, the rows that it rests on.
Both ends are empty where a number describes the rows and estimates nothing beyond them. Distances of finite
samples are above zero even where nothing changed; what is expected of them then is taken out before they are
judged.

*Effect* is the smallest departure from the reference that is worth telling, for a metric that is judged against
it. *Better* says which direction is good. In segments, numbers are counted on twelve coarse bins: metrics that
need a full grid, sums or ids are of all rows only.
"""
BEFORE_THE_TRUTH = """## Performance before the truth

Of all rows, where the reference has outcomes and the model scores (or predicts a number); not with weights. Shown
beside what is realised, and judged by a band of yours alone, each window by itself.
"""
TABLE = ("| metric | what it is | better | effect | tasks | equals |", "|---|---|---|---|---|---|")


def reference() -> str:
    """``docs/metrics.md``.

    >>> "| `missing_rate` |" in reference()
    True
    """
    parts = [INTRODUCTION]
    for family, heading in HEADINGS.items():
        rows = [_row(m) for m in METRICS.values() if m.family == family and not _has_section(m.name)]
        if rows:
            parts += [f"## {heading}", NEW_LINE.join([*TABLE, *rows])]
    parts += [
        BEFORE_THE_TRUTH,
        NEW_LINE.join([*TABLE, *(_row(m) for m in METRICS.values() if is_estimated(m.name))]),
    ]
    return (NEW_LINE * 2).join([*(part.strip() for part in parts), _versus_rest()]) + NEW_LINE


def _has_section(name: str) -> bool:
    return name.endswith("_vs_rest") or is_estimated(name)


def _row(metric: Metric) -> str:
    cells = (
        f"`{metric.name}`", metric.summary, "" if metric.better == "none" else metric.better, _effect(metric),
        ", ".join(metric.tasks), metric.source,
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _effect(metric: Metric) -> str:
    if metric.effect is None:
        return ""
    if metric.relative:
        return f"{metric.effect:.0%} of it"
    if metric.unit != "rate":
        return f"{metric.effect:g}"
    points = f"{100 * metric.effect:g}"
    return f"{points} point" if points == "1" else f"{points} points"


def _versus_rest() -> str:
    names = [m.name for m in METRICS.values() if m.name.endswith("_vs_rest")]
    text = "A segment's number minus that of all other rows, with the interval of the difference:\n"
    return NEW_LINE.join(
        ["## Segments against the rest", "", text + ", ".join(f"`{n}`" for n in names) + "."]
    )
