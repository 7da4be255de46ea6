"""From a service that logs to verdicts on it: latency, errors, memory, jobs, the model's age, numbers of one's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

import watchkeeper as wk
from tests.running.workspaces import DAY, START
from watchkeeper.journal import Journal
from watchkeeper.journal.service import ServiceStore
from watchkeeper.keeping import compact
from watchkeeper.logger import logger as logger_module
from watchkeeper.logger import worker as worker_module
from watchkeeper.reports.checklist import checklist
from watchkeeper.reports.report import report_html
from watchkeeper.reports.scene import Scene
from watchkeeper.result import Result
from watchkeeper.running import history, run
from watchkeeper.workspace import Workspace

SECOND = 1_000_000


class Clock:
    """The time that loggers see; it stands still until it is told to move on."""

    def __init__(self) -> None:
        self.now = START

    def ns(self) -> int:
        return self.now * 1000

    def to(self, day: float) -> None:
        self.now = START + int(day * DAY)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time_ns", made.ns)
    monkeypatch.setattr(logger_module, "time_ns", made.ns)
    return made


@contextmanager
def logging(folder: Path, **model: Any) -> Iterator[wk.Logger]:
    if not (folder / "models" / "m.yaml").exists():
        with Workspace.open(folder, create=True) as workspace:
            workspace.save_model(wk.Model(name="m", **model))
    with wk.Logger(folder, model="m") as log:
        yield log
        assert log.flush(10)
        assert not log.dropped


def judged(folder: Path, day: float) -> Result | None:
    with Workspace.open(folder) as workspace:
        return run(workspace, now=START + int(day * DAY)).steps[0].result


def numbers(
    result: Result | None, metric: str, column: str | None = None, version: str | None = None
) -> list[Any]:
    """(value, verdict) of each window."""
    assert result is not None
    table = result.metrics
    for name, wanted in (("metric", metric), ("column", column), ("segment", version)):
        table = table.filter(pc.is_null(table[name]) if wanted is None else pc.equal(table[name], wanted))
    return list(zip(table["value"].to_pylist(), table["verdict"].to_pylist(), strict=True))


def serve(log: wk.Logger, clock: Clock, day: int, seconds: Any, errors: int = 0) -> None:
    for i, took in enumerate(seconds):
        clock.to(day + i / len(seconds))
        log.prediction(features={"x": float(i % 7)}, prediction=1, seconds=float(took))
    for _ in range(errors):
        log.error(TimeoutError("model did not answer"), seconds=30.0)


BANDS = {"latency_p95": "<= 0.2", "error_rate": "<= 2 %", "queue_length": "<= 10", "row_count": ">= 100"}


def test_bands_alarm(tmp_path: Path, clock: Clock) -> None:
    random = np.random.default_rng(0)
    took = random.lognormal(-3, 0.5, (3, 2000)) * np.array([[1], [1], [5]])
    with logging(tmp_path, bands=BANDS) as log:
        for day in range(3):
            serve(log, clock, day, took[day], errors=[4, 100, 4][day])
            log.metric("queue_length", 12.0 if day == 1 else 3.0, low=11.0 if day == 1 else 2.0,
                       high=13.0 if day == 1 else 4.0, count=50)  # fmt: skip
    result = judged(tmp_path, 3)
    assert result is not None
    for metric, q in (("latency_p50", 50), ("latency_p95", 95), ("latency_p99", 99)):
        found = [value for value, _ in numbers(result, metric)]
        exact = np.percentile(took, q, axis=1, method="inverted_cdf")
        np.testing.assert_allclose(found, exact, rtol=0.01)
    assert [v for _, v in numbers(result, "latency_p95")] == ["ok", "ok", "alarm"]
    assert [v for _, v in numbers(result, "error_rate")] == ["ok", "alarm", "ok"]
    assert numbers(result, "error_rate")[1][0] == 100 / 2100
    assert numbers(result, "queue_length") == [(3.0, "ok"), (12.0, "alarm"), (3.0, "ok")]
    assert numbers(result, "request_rate")[1][0] == pytest.approx(2100 / 86_400)
    assert {f.metric for f in result.findings} == {"latency_p95", "error_rate", "queue_length"}
    assert "Error rate is 4.8 %" in result.report_text()
    page = report_html(result)
    assert "Latency: p50, p95, p99" in page
    assert "Queue length" in page


def test_an_outage_of_predictions_is_a_window(tmp_path: Path, clock: Clock) -> None:
    with logging(tmp_path, bands=BANDS) as log:
        serve(log, clock, 0, [0.1] * 200)
        clock.to(1.5)
        for _ in range(50):
            log.error("no model")
    result = judged(tmp_path, 2)
    assert numbers(result, "error_rate")[1] == (1.0, "alarm")
    assert numbers(result, "row_count") == [(200.0, "ok"), (0.0, "alarm")]


def test_new_events_touch_their_window_alone(tmp_path: Path, clock: Clock) -> None:
    with logging(tmp_path, bands=BANDS) as log:
        for day in range(3):
            serve(log, clock, day, [0.1] * 200)
    judged(tmp_path, 3)
    with logging(tmp_path) as log:
        clock.to(1.9)
        for _ in range(60):
            log.error("late news")
    with Workspace.open(tmp_path) as workspace:
        step = run(workspace, now=START + 3 * DAY).steps[0]
        again = run(workspace, now=START + 3 * DAY).steps[0]
    assert (step.computed, again.idle) == (1, True)
    assert numbers(step.result, "error_rate") == [(60 / 260, "alarm")]


def test_increments_equal_the_whole(tmp_path: Path, clock: Clock) -> None:
    def record(folder: Path, stops: tuple[int, ...]) -> Any:
        with logging(folder) as log:
            for i in range(400):
                clock.to(i / 100)
                log.prediction(
                    features={"x": 1.0}, prediction=1, seconds=0.01 * (i % 17), version=str(i // 150)
                )
                if i % 9 == 0:
                    log.error("no")
                if i in stops:
                    log.flush()
                    judged(folder, i / 100)
        judged(folder, 4)
        with Workspace.open(folder) as workspace:
            store = ServiceStore(Journal.of(workspace, "m"), "1d UTC")
            return store.get(store.windows())

    from tests.profiles.test_service import assert_equal

    assert_equal(record(tmp_path / "a", (30, 120, 333)), record(tmp_path / "b", ()))


def test_compacting_keeps_the_newest_of_each_window(tmp_path: Path, clock: Clock) -> None:
    for day in range(3):
        with logging(tmp_path, bands=BANDS) as log:
            serve(log, clock, day, [0.1] * 20, errors=1)
        judged(tmp_path, day + 0.99)
    before = numbers(history(tmp_path, now=START + 3 * DAY), "error_rate")
    with Workspace.open(tmp_path) as workspace:
        compact(workspace, hours=0)
        files = Journal.of(workspace, "m").tables["service"].files()
    assert len(files) == 1
    assert numbers(history(tmp_path, now=START + 3 * DAY), "error_rate") == before


def nightly(folder: Path, clock: Clock, days: range, missing: tuple[int, ...] = (), **model: Any) -> None:
    with logging(folder, **model) as log:
        for day in days:
            if day in missing:
                continue
            clock.to(day + 0.1)
            with log.job("nightly") as job:
                job.rows = 1000 + day


def test_a_workspace_with_jobs_alone(tmp_path: Path, clock: Clock) -> None:
    bands = {"job_duration(nightly)": "<= 60", "job_count(nightly)": ">= 1", "job_failed_rate": "<= 0"}
    nightly(tmp_path, clock, range(6), (4,), bands=bands)
    with logging(tmp_path) as log:
        clock.to(5.3)
        with pytest.raises(ValueError, match="broken"), log.job("nightly"):
            raise ValueError("broken")
    result = judged(tmp_path, 6)
    assert result is not None
    assert [v for _, v in numbers(result, "job_duration", "nightly")] == ["ok"] * 4 + ["no_data", "ok"]
    assert numbers(result, "job_count", "nightly")[3:] == [(1.0, "ok"), (0.0, "alarm"), (2.0, "ok")]
    assert numbers(result, "job_failed_rate", "nightly")[5] == (0.5, "alarm")
    assert numbers(result, "job_rows", "nightly")[3][0] == 1003.0
    said = "nightly did not run on 5 January 2026; it last began at 02:24 on 4 January 2026."
    assert said in result.notes
    duration = next(j for j in result.judgements if j.series.metric.name == "job_duration")
    assert duration.sentences[4] == said
    page = report_html(result)
    assert "Batch jobs" in page
    assert "5 Jan 2026" in page
    needs = {need.title: need for need in checklist(Scene.of(result))}
    assert needs["Service health"].state == "watched"
    for title in ("Data drift", "Data quality", "Segments", "Outliers"):
        assert needs[title].why.startswith("It needs rows of predictions; so far only the service was logged")
        assert needs[title].line.startswith("log.prediction(")
    assert "ready-made" not in page


def test_the_history_of_jobs_alone(tmp_path: Path, clock: Clock) -> None:
    nightly(tmp_path, clock, range(5), (3,), bands={"job_count(nightly)": ">= 1"})
    judged(tmp_path, 4)
    judged(tmp_path, 5)
    found = history(tmp_path, now=START + 5 * DAY)
    assert [v for _, v in numbers(found, "job_count", "nightly")] == ["ok", "ok", "ok", "alarm", "ok"]


def test_silence_is_told_when_the_window_closes(tmp_path: Path, clock: Clock) -> None:
    nightly(tmp_path, clock, range(3))
    assert judged(tmp_path, 3) is not None
    assert judged(tmp_path, 3.5) is None
    result = judged(tmp_path, 4)
    assert [v for _, v in numbers(result, "job_duration", "nightly")] == ["no_data"]
    assert judged(tmp_path, 4.2) is None


def test_processes(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "MINUTE", 0.05)
    with logging(tmp_path, bands={"memory": "<= 1e6", "cpu": "<= 64"}) as log:
        clock.to(0.5)
        log.prediction(features={"x": 1.0}, prediction=1, seconds=0.1)
        time.sleep(0.4)
    result = judged(tmp_path, 1)
    assert numbers(result, "memory")[0][1] == "alarm"
    assert numbers(result, "cpu")[0][1] == "ok"
    assert result is not None
    assert any("MB" in finding.sentence for finding in result.findings)


def test_versions_and_age(tmp_path: Path, clock: Clock) -> None:
    with logging(tmp_path, trained={"1": "2025-12-31"}, bands={"error_rate[version=2]": "<= 10 %"}) as log:
        log.version("1")
        serve(log, clock, 0, [0.1] * 100)
        clock.to(0.99)
        log.version("2", trained_at="2026-01-01T12:00:00Z")
        serve(log, clock, 1, [0.3] * 100, errors=50)
    result = judged(tmp_path, 2)
    assert [v for v, _ in numbers(result, "model_age")] == [2 * 86_400, 1.5 * 86_400]
    assert numbers(result, "latency_p50", version="1")[0][0] == pytest.approx(0.1, rel=0.01)
    assert numbers(result, "latency_p50", version="2")[1][0] == pytest.approx(0.3, rel=0.01)
    assert numbers(result, "error_rate", version="2")[1] == (50 / 150, "alarm")


def test_learned_from_the_first_weeks(tmp_path: Path, clock: Clock) -> None:
    random = np.random.default_rng(1)
    with logging(tmp_path, reference="first 1w") as log:
        for day in range(9):
            serve(log, clock, day, random.lognormal(-3, 0.5, 400) * (2 if day == 8 else 1))
    result = judged(tmp_path, 9)
    assert [v for _, v in numbers(result, "latency_p95")] == ["ok", "alarm"]
    assert "in the reference" in next(f.sentence for f in result.findings if f.metric == "latency_p95")  # type: ignore[union-attr]


def test_a_name_of_ours_is_told_apart(tmp_path: Path, clock: Clock) -> None:
    with logging(tmp_path, bands={"logged_accuracy": ">= 0.9"}) as log:
        clock.to(0.5)
        log.metric("accuracy", 0.8, count=10)
        log.metric("accuracy", 0.9, count=30)
    result = judged(tmp_path, 1)
    assert result is not None
    assert numbers(result, "logged_accuracy") == [(pytest.approx(0.875), "alarm")]
    assert any("'logged_accuracy' here" in note for note in result.notes)


def test_without_a_service_nothing_is_said_of_one(tmp_path: Path) -> None:
    with logging(tmp_path) as log:
        for i in range(10):
            log.prediction(features={"x": float(i)}, prediction=1, timestamp=(START + i) / 1e6)
    result = judged(tmp_path, 1)
    assert result is not None
    assert not any(j.series.metric.family == "service" for j in result.judgements)
