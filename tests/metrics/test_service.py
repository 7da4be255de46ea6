"""Numbers of a service against the field's own: NumPy's percentiles, counts, Wilson's interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest, lognorm

from watchkeeper.metrics import METRICS, Estimate, Series, Watched, age_of, measure_service, told_name
from watchkeeper.profiles import EVENT_COLUMNS, PREDICTION_COLUMNS, Service, of_events, of_predictions

DAY = 86_400_000_000
STARTS, ENDS = np.array([0, DAY]), np.array([DAY, 2 * DAY])
TEXT = {"kind", "version", "name", "status"}


def requests(seconds: Any, at: Any = 0, version: Any = "1", weight: Any = None) -> Service:
    n = len(seconds)
    columns = {
        "at": np.broadcast_to(at, n),
        "version": [version] * n,
        "seconds": seconds,
        "weight": [weight] * n,
    }
    rows = pa.RecordBatch.from_pydict({name: pa.array(columns[name]) for name in PREDICTION_COLUMNS})
    return of_predictions(rows, STARTS, ENDS)


def events(*rows: dict[str, Any]) -> Service:
    kinds = {
        n: pa.int64() if n == "at" else pa.string() if n in TEXT else pa.float64() for n in EVENT_COLUMNS
    }
    columns = {
        n: pa.array([row.get(n, 0 if n == "at" else None) for row in rows], k) for n, k in kinds.items()
    }
    return of_events(pa.RecordBatch.from_pydict(columns), STARTS, ENDS)


def watched(service: Service, **more: Any) -> Watched:
    return Watched(service, np.full(2, 86_400.0), more.pop("age", np.full(2, np.nan)), **more)


def series(service: Service, name: str, column: str | None = None, version: str | None = None) -> Series:
    found = [
        s
        for s in measure_service(watched(service))
        if (s.metric.name, s.column, s.segment) == (name, column, version)
    ]
    assert len(found) == 1, name
    return found[0]


def estimate(*args: Any) -> Estimate:
    return series(*args).estimate


SHAPES = {
    "lognormal": lambda r: r.lognormal(-3, 1, 20_000),
    "exponential": lambda r: r.exponential(0.05, 20_000),
    "two modes": lambda r: np.concatenate([r.normal(0.01, 0.001, 15_000), r.normal(2, 0.1, 5_000)]).clip(0),
    "constant": lambda r: np.full(1_000, 0.125),
    "microseconds": lambda r: r.lognormal(-12, 0.3, 20_000),
    "heavy": lambda r: r.pareto(1.5, 20_000) * 0.1 + 0.01,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "q"), [("latency_p50", 50), ("latency_p95", 95), ("latency_p99", 99)])
def test_percentiles_are_within_one_percent(shape: str, name: str, q: int) -> None:
    seconds = SHAPES[shape](np.random.default_rng(0))
    found = estimate(requests(seconds), name)
    exact = np.percentile(seconds, q, method="inverted_cdf")
    assert found.value[0] == pytest.approx(exact, rel=0.01)
    assert found.low[0] <= found.value[0] <= found.high[0]
    assert found.count.tolist() == [len(seconds), 0]
    assert np.isnan(found.value[1])


@pytest.mark.parametrize(("name", "q"), [("latency_p50", 0.5), ("latency_p95", 0.95), ("latency_p99", 0.99)])
def test_intervals_cover(name: str, q: float) -> None:
    random = np.random.default_rng(2)
    exact = lognorm(1.0, scale=np.exp(-3.0)).ppf(q)
    hits = 0
    for _ in range(300):
        e = estimate(requests(random.lognormal(-3, 1, 1_000)), name)
        hits += bool(e.low[0] <= exact <= e.high[0])
    assert hits / 300 >= 0.92


def test_few_requests_do_not_bound_a_far_percentile() -> None:
    found = estimate(requests(np.linspace(0.1, 0.2, 50)), "latency_p99")
    assert np.isinf(found.high[0])


def test_counts_are_exact() -> None:
    service = requests([0.1] * 60) + events(*[{"kind": "error", "version": "1"}] * 7)
    found = estimate(service, "error_rate")
    ci = binomtest(7, 67).proportion_ci(method="wilson")
    assert (found.value[0], found.count[0]) == (7 / 67, 67)
    assert (found.low[0], found.high[0]) == pytest.approx((ci.low, ci.high))
    assert estimate(service, "request_rate").value[0] == 67 / 86_400


def test_a_sample_stands_for_what_was_not_kept() -> None:
    service = requests([0.1] * 60, weight=10.0) + events(*[{"kind": "error"}] * 50)
    found = estimate(service, "error_rate")
    assert found.value[0] == 50 / 650
    assert estimate(service, "request_rate").value[0] == 650 / 86_400
    ci = binomtest(5, 70).proportion_ci(
        method="wilson"
    )  # 650² / (60 · 100 + 50) = 70 requests of equal weight
    assert found.high[0] - found.low[0] == pytest.approx(ci.high - ci.low, rel=0.1)


def test_memory_and_cores() -> None:
    service = events(
        {"kind": "process", "memory": 5e8, "cpu": 0.5}, {"kind": "process", "memory": 7e8, "cpu": 1.0},
        {"kind": "job", "name": "nightly", "seconds": 4.0, "memory": 9e9, "cpu": 3.0, "status": "ok"},
    )  # fmt: skip
    assert estimate(service, "memory").value[0] == 7e8
    assert estimate(service, "job_memory", "nightly").value[0] == 9e9
    assert estimate(service, "cpu").value[0] == 0.75


def test_jobs() -> None:
    job = {"kind": "job", "name": "nightly"}
    service = events(
        {**job, "seconds": 4.0, "rows": 10, "status": "ok"}, {**job, "seconds": 9.0, "status": "failed"}
    )
    assert estimate(service, "job_duration", "nightly").value[0] == 9.0
    assert estimate(service, "job_failed_rate", "nightly").value[0] == 0.5
    assert estimate(service, "job_rows", "nightly").value[0] == 10.0
    assert estimate(service, "job_count", "nightly").value.tolist() == [2.0, 0.0]


def test_dropped() -> None:
    service = requests([0.1] * 90) + events({"kind": "dropped", "count": 10})
    assert estimate(service, "dropped_rate").value[0] == 0.1


def test_told_numbers_weigh_by_their_rows() -> None:
    told = {"kind": "metric", "name": "psnr"}
    service = events(
        {**told, "value": 30.0, "low": 29.0, "high": 31.0, "count": 30},
        {**told, "value": 40.0, "low": 38.0, "high": 42.0, "count": 10},
    )
    found = estimate(service, "psnr")
    half = np.hypot(30 * 1.0, 10 * 2.0) / 40
    assert (found.value[0], found.count[0]) == (32.5, 40)
    assert (found.low[0], found.high[0]) == pytest.approx((32.5 - half, 32.5 + half))


def test_one_told_number_is_told_as_it_was() -> None:
    found = estimate(
        events({"kind": "metric", "name": "psnr", "value": 3.0, "low": 1.0, "high": 4.0}), "psnr"
    )
    assert (found.value[0], found.low[0], found.high[0], found.count[0]) == (3.0, 1.0, 4.0, -1)
    assert np.isnan(found.value[1])


def test_a_name_of_ours_is_told_apart() -> None:
    found = series(events({"kind": "metric", "name": "accuracy", "value": 0.9}), "logged_accuracy")
    assert (found.metric.unit, found.metric.better, found.metric.family) == ("rate", "high", "service")
    assert told_name("accuracy", METRICS) == "logged_accuracy"


def test_several_versions_are_told_apart() -> None:
    service = requests([0.1] * 50, version="1") + requests([0.4] * 50, version="2")
    assert estimate(service, "latency_p50", None, "1").value[0] == pytest.approx(0.1, rel=0.01)
    assert estimate(service, "latency_p50", None, "2").value[0] == pytest.approx(0.4, rel=0.01)
    assert not [s for s in measure_service(watched(requests([0.1]))) if s.segment_by]


def test_the_age_is_of_the_version_that_answered_most() -> None:
    service = requests([0.1] * 3, version="old") + requests([0.1], version="new")
    age = age_of(service, ENDS, {"old": -DAY, "new": 0}, [(5, "new")])
    assert age.tolist() == [
        2 * 86_400.0,
        2 * 86_400.0,
    ]  # in the second window nobody asked: what was released last


def test_the_reference_has_its_own_windows() -> None:
    before = requests([0.1] * 50) + requests([0.2] * 10, at=DAY)
    now = watched(requests([0.3] * 40))
    found = next(s for s in measure_service(now, watched(before)) if s.metric.name == "latency_p95")
    assert found.reference is not None
    assert found.reference.value[0] == pytest.approx(0.2, rel=0.01)
    assert found.reference_windows is not None
    assert found.reference_windows[0] == pytest.approx(0.1, rel=0.01)
    assert np.isnan(found.reference_windows[1])  # 10 requests
