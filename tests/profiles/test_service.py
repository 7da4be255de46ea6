"""A service's profile: parts add up to the whole, whatever they know; the store keeps all of it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.profiles import (
    EVENT_COLUMNS,
    PREDICTION_COLUMNS,
    Service,
    of_events,
    of_predictions,
    service_from_arrow,
    service_to_arrow,
)
from watchkeeper.profiles.seconds import LATENCY
from watchkeeper.profiles.summaries import Histogram

STARTS, ENDS = np.array([0, 100, 200, 400]), np.array([100, 200, 300, 500])
TEXT = {"kind", "version", "name", "status"}
times = st.integers(-50, 550)
numbers = st.none() | st.floats(0, 1e6) | st.sampled_from([float("nan"), -1.0])
prediction = st.tuples(
    times, st.sampled_from([None, "1", "2"]), numbers, st.none() | st.sampled_from([1.0, 10.0])
)
event = st.tuples(
    times, st.sampled_from(["error", "process", "job", "metric", "release", "dropped"]),
    st.sampled_from([None, "1", "3"]), st.sampled_from([None, "nightly", "weekly"]),
    numbers, numbers, numbers, numbers, st.sampled_from([None, "ok", "failed"]),
    st.floats(-1e3, 1e3), numbers, numbers, st.none() | st.integers(0, 50).map(float),
)  # fmt: skip


def batch(rows: list[Any], columns: tuple[str, ...]) -> pa.RecordBatch:
    made = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    kinds = [pa.int64() if c == "at" else pa.string() if c in TEXT else pa.float64() for c in columns]
    return pa.RecordBatch.from_arrays(
        [pa.array(m, k) for m, k in zip(made, kinds, strict=True)], list(columns)
    )


def predictions(rows: list[Any]) -> Service:
    return of_predictions(batch(rows, PREDICTION_COLUMNS), STARTS, ENDS)


def events(rows: list[Any]) -> Service:
    return of_events(batch(rows, EVENT_COLUMNS), STARTS, ENDS)


def assert_equal(a: Any, b: Any) -> None:
    if isinstance(a, Histogram):
        first, size = a.reach(b)
        assert_equal(a.on(first, size), b.on(first, size))
    elif is_dataclass(a):
        for f in fields(a):
            assert_equal(getattr(a, f.name), getattr(b, f.name))
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        if a.dtype == np.int64:
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-9)
    else:
        assert a == b


@settings(deadline=None)
@given(st.lists(prediction, max_size=30), st.lists(event, max_size=30), st.data())
def test_parts_add_up_to_the_whole(asked: list[Any], told: list[Any], data: st.DataObject) -> None:
    whole = predictions(asked) + events(told)
    i, j = data.draw(st.integers(0, len(asked))), data.draw(st.integers(0, len(told)))
    parts = [events(told[j:]), predictions(asked[:i]), events(told[:j]), predictions(asked[i:])]
    every = np.arange(len(STARTS))
    assert_equal(_named(Service.join(parts, [every] * 4, 4)), _named(whole))


def _named(service: Service) -> Service:
    """Without names of rows outside of the windows: a part that has none has no columns for them."""
    return service_from_arrow(service_to_arrow(service, STARTS))[1]


@settings(deadline=None)
@given(st.lists(prediction, max_size=30), st.lists(event, max_size=30))
def test_a_period_is_the_sum_of_its_windows(asked: list[Any], told: list[Any]) -> None:
    whole = predictions(asked) + events(told)
    one = np.array([0])
    total = Service.join([whole.take(np.array([i])) for i in range(4)], [one] * 4, 1)
    assert_equal(total, whole.total())


@settings(deadline=None)
@given(st.lists(prediction, max_size=30), st.lists(event, max_size=30))
def test_the_store_keeps_all_of_it(asked: list[Any], told: list[Any]) -> None:
    service = _named(predictions(asked) + events(told))
    starts, back = service_from_arrow(service_to_arrow(service, STARTS))
    assert starts.tolist() == STARTS.tolist()
    assert_equal(back, service)


def test_what_is_counted() -> None:
    asked = predictions([(5, "1", 0.25, None), (5, "1", None, None), (99, "2", -1.0, 10.0), (100, "2", 3.0, None),
                         (350, "2", 3.0, None)])  # fmt: skip
    assert asked.traffic.names == ("1", "2")
    assert asked.traffic.sums.requests.tolist() == [[2, 1], [0, 1], [0, 0], [0, 0]]
    assert asked.traffic.sums.timed.tolist() == [[1, 0], [0, 1], [0, 0], [0, 0]]
    assert asked.traffic.sums.weight.tolist()[0] == [2.0, 10.0]
    assert asked.recorded.ravel().tolist() == [3, 1, 0, 0]
    assert asked.first.ravel().tolist() == [5.0, 100.0, np.inf, np.inf]


def test_jobs_and_processes() -> None:
    def row(at: int, kind: str, **given: Any) -> tuple[Any, ...]:
        return (at, kind, *(given.get(c) for c in EVENT_COLUMNS[2:]))

    found = events([
        row(1, "job", name="nightly", seconds=5.0, rows=10.0, status="ok", memory=100.0),
        row(2, "job", name="nightly", seconds=7.0, status="failed"),
        row(3, "process", memory=50.0, cpu=0.5), row(4, "process", memory=70.0), row(5, "dropped", count=12.0),
    ])  # fmt: skip
    jobs = found.jobs.sums
    assert (jobs.runs[0, 0], jobs.failed[0, 0], jobs.longest[0, 0], jobs.counted[0, 0]) == (2, 1, 7.0, 1)
    assert (jobs.memory_most[0, 0], jobs.last[0, 0]) == (100.0, 2.0)
    assert (found.processes.samples[0, 0], found.processes.memory_most[0, 0]) == (1, 70.0)
    assert (found.recorded[0, 0], found.dropped[0, 0]) == (4, 12)


@given(st.lists(st.floats(2.0**-20, 2.0**20, exclude_max=True), min_size=1))
def test_no_bin_is_wider_than_one_percent(seconds: list[float]) -> None:
    values = np.array(seconds)
    lower, upper = LATENCY.ends(0, LATENCY.size)
    bins = LATENCY.index(values)
    assert (lower[bins] <= values).all()
    assert (values < upper[bins]).all()
    assert (upper[bins] / lower[bins] - 1 <= 0.01).all()


@pytest.mark.parametrize(("seconds", "bin"), [(0.0, 0), (1e-9, 0), (5e-324, 0), (1e300, LATENCY.size - 1)])
def test_what_is_beyond_the_grid_is_counted_at_its_ends(seconds: float, bin: int) -> None:
    assert LATENCY.index(np.array([seconds])).tolist() == [bin]
