"""Timestamps: every spelling of one moment is that moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.sources.timestamps import Clock
from watchkeeper.sources.written_times import day_first
from watchkeeper.sources.zones import instants

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
UTC_CLOCK = Clock()
UNIX = int(NOON.timestamp())

SPELLINGS = [
    "2026-01-31T12:00:00Z", "2026-01-31 12:00:00", "2026-01-31T12:00", "2026-01-31 12:00:00.000000",
    "2026-01-31T14:00:00+02:00", "2026-01-31 14:00:00+02", "2026-01-31T06:30:00-0530", "2026-01-31 12:00:00 UTC",
    "2026-01-31 12:00:00,000", "2026/01/31 12:00:00", "01/31/2026 12:00", "01/31/2026 12:00:00 PM", "31.01.2026 12:00",
    "31 Jan 2026 12:00:00", "Jan 31, 2026 12:00 PM", "Sat, 31 Jan 2026 12:00:00 GMT", "Sat, 31 Jan 2026 07:00:00 -0500",
    "20260131T120000Z", "20260131120000", str(UNIX), f"{UNIX}.0", f"{UNIX}000", f"{UNIX}000000", f"{UNIX}000000000",
    "31/Jan/2026:12:00:00 +0000",
]  # fmt: skip


def read(values: object, type_: pa.DataType | None = None, clock: Clock = UTC_CLOCK) -> list[datetime | None]:
    stamps, _ = clock.read(pa.array(values, type_))
    assert stamps.type == pa.timestamp("us", "UTC")
    found: list[datetime | None] = stamps.to_pylist()
    return found


@pytest.mark.parametrize("text", SPELLINGS)
def test_spelling(text: str) -> None:
    assert read([text]) == [NOON]


def test_spellings_may_mix() -> None:
    assert read([*SPELLINGS, None]) == [NOON] * len(SPELLINGS) + [None]


@pytest.mark.parametrize("type_", ["s", "ms", "us", "ns"])
def test_units(type_: str) -> None:
    local = NOON.replace(tzinfo=None)
    assert read([local, None], pa.timestamp(type_)) == [NOON, None]
    assert read([NOON, None], pa.timestamp(type_, "Asia/Tokyo")) == [NOON, None]


@pytest.mark.parametrize("scale", [1, 10**3, 10**6, 10**9])
def test_unix_time_by_size(scale: int) -> None:
    assert read([UNIX * scale, None]) == [NOON, None]
    assert read([float(UNIX * scale), None, float("nan")]) == [NOON, None, None]
    assert read([Decimal(UNIX * scale)]) == [NOON]


def test_unix_times_of_different_units_in_one_column() -> None:
    assert read([UNIX, UNIX * 1000]) == [NOON, NOON]
    assert read(np.array([UNIX], dtype=np.uint64)) == [NOON]


def test_dates_are_midnight() -> None:
    midnight = datetime(2026, 1, 31, tzinfo=UTC)
    assert read([date(2026, 1, 31)]) == [midnight]
    assert read([date(2026, 1, 31)], pa.date64()) == [midnight]
    assert read([20260131]) == read(["20260131"]) == read(["2026-01-31"]) == [midnight]


def test_a_zone_is_where_midnight_is_meant() -> None:
    clock = Clock("America/New_York")
    for data in (["2026-01-31"], [date(2026, 1, 31)], [datetime(2026, 1, 31)], [20260131], ["Jan 31, 2026"]):
        assert read(data, clock=clock) == [datetime(2026, 1, 31, 5, tzinfo=UTC)]


def test_an_offset_beats_the_zone() -> None:
    clock = Clock("America/New_York")
    assert read(["2026-01-31T14:00:00+02:00", "2026-01-31 07:00:00"], clock=clock) == [NOON, NOON]


def test_daylight_saving() -> None:
    clock = Clock("America/New_York")
    skipped, twice = "2026-03-08 02:30:00", "2026-11-01 01:30:00"
    assert read([skipped, twice], clock=clock) == [
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    ]


@given(
    st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(
        ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
    ),
)
def test_zones_agree_with_python(times: list[datetime], zone: str) -> None:
    microsecond = timedelta(microseconds=1)
    local = np.array([(t - datetime(1970, 1, 1)) // microsecond for t in times])
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    expected = [(t.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) - epoch) // microsecond for t in times]
    assert instants(local, zone).tolist() == expected


def test_what_is_no_time_is_counted() -> None:
    stamps, aside = Clock().read(
        pa.array(["2026-01-31", "soon", "", None, "2026-02-30", "infinity", "12:00", "2026-01-31 10:00 EST"])
    )
    assert stamps.null_count == 7
    assert aside.counts == {"timestamp missing": 2, "timestamp not understood": 5}
    assert aside.examples == {"timestamp not understood": "soon"}


@pytest.mark.parametrize("values", [[float("inf"), 1e300], [True, False], [[1], [2]], [b"a", b"b"]])
def test_no_type_of_values_breaks_it(values: list[object]) -> None:
    stamps, aside = Clock().read(pa.array(values))
    assert stamps.null_count == 2
    assert aside.counts == {"timestamp not understood": 2}


def test_sentinels_far_away_do_not_wrap() -> None:
    far = pa.array([253_402_300_799, 2**62], pa.int64()).view(pa.timestamp("s"))
    assert [s is None or s.year for s in Clock().read(far)[0].to_pylist()] == [9999, True]
    early = read(["0001-01-01", "1900-01-01"])
    assert [e and e.year for e in early] == [None, 1900]  # no window holds the year 1


def test_dictionaries_and_views() -> None:
    assert read(pa.array(["2026-01-31T12:00Z", None]).dictionary_encode()) == [NOON, None]
    assert read(pa.array(["2026-01-31T12:00Z"], pa.large_string())) == [NOON]
    assert read(pa.array(["2026-01-31T12:00Z"], pa.string_view())) == [NOON]


def test_whether_the_day_is_first_shows_in_the_data() -> None:
    assert day_first(pa.array(["03/04/2026", "31/01/2026", None, "x"])) is True
    assert day_first(pa.array(["03/04/2026", "01/31/2026"])) is False
    assert day_first(pa.array(["2026-01-31"])) is None
    assert read(["03/04/2026"], clock=Clock(day_first=True)) == [datetime(2026, 4, 3, tzinfo=UTC)]
    assert read(["03/04/2026"]) == [datetime(2026, 3, 4, tzinfo=UTC)]
