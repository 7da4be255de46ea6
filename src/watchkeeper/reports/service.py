"""Service: how fast it answers, how often it fails, what it uses, and whether its jobs come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from markupsafe import Markup

from watchkeeper.charts.lines import Line
from watchkeeper.charts.trend import Trend, trend, trend_rows
from watchkeeper.reports.dates import window_name
from watchkeeper.reports.performance import HEIGHT, Card, card
from watchkeeper.reports.scene import Scene, State, state_of
from watchkeeper.reports.sparkline import sparkline
from watchkeeper.verdicts.wording import write

__all__ = ["Job", "Service", "Version", "service"]

LATENCY = {"latency_p50": "p50", "latency_p95": "p95", "latency_p99": "p99"}
ORDER = ("error_rate", "request_rate", "memory", "cpu", "dropped_rate", "model_age")
NO_DATA = 4  # of a line's verdicts
MOST = 20  # jobs and versions; all of them are in ``result.metrics``


@dataclass(frozen=True)
class Job:
    """A batch job over the period."""

    name: str
    state: State
    word: str
    runs: str
    failed: str
    latest: str
    longest: str
    rows: str
    missed: str
    spark: Markup


@dataclass(frozen=True)
class Version:
    """Requests to one version of the model over the period."""

    name: str
    state: State
    requests: str
    errors: str
    median: str
    late: str
    spark: Markup


@dataclass(frozen=True)
class Service:
    cards: list[Card]
    jobs: list[Job]
    versions: list[Version]
    hidden: int  # jobs that the table leaves out


def service(scene: Scene) -> Service | None:
    """The section, or None where nobody logs a service."""
    lines = [x for x in scene.whole("service") if np.isfinite(x.value).any()]
    if not lines:
        return None
    own = [x for x in lines if x.column is None and x.metric not in LATENCY]
    ranked = sorted(own, key=lambda x: ORDER.index(x.metric) if x.metric in ORDER else len(ORDER))
    quiet = [x for x in ranked if x.metric == "dropped_rate" and not (np.nan_to_num(x.value) > 0).any()]
    cards = [*_latency(scene, lines), *(card(scene, x) for x in ranked if x not in quiet)]
    names = list(dict.fromkeys(x.column for x in lines if x.column is not None))
    jobs = sorted((_job(scene, name) for name in names), key=lambda j: (j.state != "alarm", not j.missed))
    return Service(cards, jobs[:MOST], _versions(scene)[:MOST], max(len(jobs) - MOST, 0))


def _latency(scene: Scene, lines: Sequence[Line]) -> list[Card]:
    """The three percentiles in one picture; the card's number is the 95th."""
    shown = [x for x in lines if x.metric in LATENCY]
    if not shown:
        return []
    main = next((x for x in shown if x.metric == "latency_p95"), shown[-1])
    one = card(scene, main)
    names = [LATENCY[x.metric] for x in shown]
    title = "Latency: " + ", ".join(names)
    chart = one.chart
    if scene.windows.count > 1:
        kind = Trend.over(scene.windows, series=tuple(names), unit="seconds")
        rows = trend_rows(scene.windows, shown, names)
        chart = scene.pictures.rows(kind, lambda: trend(kind), rows, height=HEIGHT)
    alarms = int(np.any([x.alarms for x in shown], axis=0).sum())
    return [
        replace(
            one, title=title, state=state_of(shown), alarms=alarms, chart=chart,
            span=f"{LATENCY[main.metric]}{', ' if one.span else ''}{one.span}",
            label=f"Latency over {scene.windows.count:,} windows, {alarms:,} of them alarm",
        )
    ]  # fmt: skip


def _job(scene: Scene, name: str) -> Job:
    def line(metric: str) -> Line | None:
        return scene.by_key.get((metric, name, None, None))

    took, runs = line("job_duration"), line("job_count")
    lines = [
        x
        for x in (took, runs, *map(line, ("job_failed_rate", "job_rows", "job_memory", "job_cpu")))
        if x is not None
    ]
    state = state_of(lines)
    missed = 0 if took is None else int((took.verdict == NO_DATA).sum())
    return Job(
        name=name,
        state=state,
        word=_word(state, missed),
        runs=f"{int(np.nansum(runs.value)):,}" if runs is not None else "",
        failed=_failed(line("job_failed_rate")),
        latest=_latest(took),
        longest="" if took is None else write(float(np.nanmax(took.value)), "seconds"),
        rows=_latest(line("job_rows")),
        missed=_missed(scene, took, missed),
        spark=sparkline(took, 120, 26) if took is not None and scene.windows.count > 1 else Markup(""),
    )


def _word(state: State, missed: int) -> str:
    return "did not come" if missed and state != "alarm" else ""


def _failed(rate: Line | None) -> str:
    return "" if rate is None else f"{round(float(np.nansum(rate.value * rate.count))):,}"


def _latest(line: Line | None) -> str:
    known = np.flatnonzero(np.isfinite(line.value)) if line is not None else np.empty(0, np.intp)
    if line is None or not len(known):
        return ""
    return write(float(line.value[known[-1]]), line.unit)


def _missed(scene: Scene, took: Line | None, missed: int) -> str:
    """When it was due last and did not come."""
    if took is None or not missed:
        return ""
    last = window_name(scene.windows, int(np.flatnonzero(took.verdict == NO_DATA)[-1]))
    return last if missed == 1 else f"{last} and {missed - 1:,} before"


def _versions(scene: Scene) -> list[Version]:
    every = [x for x in scene.lines.lines if scene.family(x.metric) == "service" and x.segment_by is not None]
    return [_version(scene, str(name), every) for name in dict.fromkeys(x.segment for x in every)]


def _version(scene: Scene, name: str, every: Sequence[Line]) -> Version:
    mine = {x.metric: x for x in every if x.segment == name}
    asked, failed, late = (mine.get(m) for m in ("request_rate", "error_rate", "latency_p95"))
    count = int(asked.count.sum()) if asked is not None else 0
    errors = float(np.nansum(failed.value * failed.count)) if failed is not None else 0.0
    return Version(
        name, state_of(list(mine.values())), f"{count:,}", write(errors / count, "rate") if count else "",
        _latest(mine.get("latency_p50")), _latest(late),
        sparkline(late, 120, 26) if late is not None and scene.windows.count > 1 else Markup(""),
    )  # fmt: skip
