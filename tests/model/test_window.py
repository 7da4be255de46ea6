from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.errors import ModelError
from watchkeeper.model import Window

HOUR = 3_600_000_000
NEW_YORK = "America/New_York"


def us(*when: int, zone: str = "UTC") -> int:
    local = datetime(*when, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]
    return (local - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def hours(boundaries: np.ndarray) -> list[float]:
    return (np.diff(boundaries) / HOUR).tolist()


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("1h", ("time", 1, "hour")),
        ("30min", ("time", 30, "minute")),
        ("1 week", ("time", 1, "week")),
        ("1MO", ("time", 1, "month")),
        (" 1000 rows ", ("rows", 1000, "row")),
        ("1000rows", ("rows", 1000, "row")),
        (None, ("none", 0, "day")),
    ],
)
def test_parse(text: str | None, parsed: tuple[str, int, str]) -> None:
    window = Window.parse(text)
    assert (window.kind, window.count, window.unit) == parsed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1m", "'1m' is not a window .*'min'.*'mo'"),
        ("daily", "'daily' is not a window; valid are '30min'"),
        ("0d", "not a window"),
        ("-1d", "not a window"),
        ("5h", "does not divide a day"),
        ("36h", "does not divide a day"),
        ("7min", "does not divide a day"),
        ("11000d", "longer than ten years"),
        ("", "not a window"),
        (7, "7 is not a window"),
    ],
)
def test_wrong_text(text: object, message: str) -> None:
    with pytest.raises(ModelError, match=f"window: .*{message}"):
        Window.parse(text)  # type: ignore[arg-type]


def test_written_as_it_is_read() -> None:
    for text in ("30min", "6h", "1d", "2w", "3mo", "500 rows"):
        assert str(Window.parse(text)) == text


def test_days_begin_at_local_midnight() -> None:
    boundaries = Window.parse("1d").starts(us(2013, 3, 9, 12), us(2013, 3, 11, 12), NEW_YORK)
    assert boundaries.tolist() == [us(2013, 3, d, zone=NEW_YORK) for d in (9, 10, 11, 12)]
    assert hours(boundaries) == [24, 23, 24]


def test_a_day_has_25_hours_in_autumn() -> None:
    first, last = us(2013, 11, 3, zone=NEW_YORK), us(2013, 11, 3, 23, 59, zone=NEW_YORK)
    assert hours(Window.parse("1d").starts(first, last, NEW_YORK)) == [25]
    assert hours(Window.parse("1h").starts(first, last, NEW_YORK)) == [1] * 25
    assert hours(Window.parse("30min").starts(first, last, NEW_YORK)) == [0.5] * 50


def test_six_hours_go_by_the_clock_on_the_wall() -> None:
    spring = Window.parse("6h").starts(
        us(2013, 3, 10, zone=NEW_YORK), us(2013, 3, 10, 23, zone=NEW_YORK), NEW_YORK
    )
    autumn = Window.parse("6h").starts(
        us(2013, 11, 3, zone=NEW_YORK), us(2013, 11, 3, 23, zone=NEW_YORK), NEW_YORK
    )
    assert hours(spring) == [5, 6, 6, 6]
    assert hours(autumn) == [7, 6, 6, 6]


def test_a_skipped_hour_makes_no_empty_window() -> None:
    boundaries = Window.parse("1h").starts(us(2013, 3, 10, 5), us(2013, 3, 10, 9), NEW_YORK)
    assert hours(boundaries) == [1] * 5
    two = Window.parse("2h").starts(
        us(2013, 3, 10, zone=NEW_YORK), us(2013, 3, 10, 5, zone=NEW_YORK), NEW_YORK
    )
    assert hours(two) == [2, 1, 2]


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("America/Sao_Paulo", (2018, 11, 4), 23),  # midnight itself is skipped
        ("Atlantic/Azores", (2013, 10, 27), 25),  # midnight comes twice
        ("Australia/Lord_Howe", (2013, 10, 6), 23.5),
        ("Pacific/Apia", (2011, 12, 29), 24),  # the next day does not exist
    ],
)
def test_odd_zones(zone: str, day: tuple[int, int, int], length: float) -> None:
    noon = us(*day, 12, zone=zone)
    assert hours(Window.parse("1d").starts(noon, noon, zone)) == [length]
    assert sum(hours(Window.parse("1h").starts(noon - 6 * HOUR, noon + 6 * HOUR, zone))) >= 12


def test_weeks_begin_on_monday() -> None:
    boundaries = Window.parse("1w").starts(us(2024, 1, 3), us(2024, 1, 8))
    assert boundaries.tolist() == [us(2024, 1, 1), us(2024, 1, 8), us(2024, 1, 15)]


def test_several_days_and_weeks_count_from_monday_1970_01_05() -> None:
    assert Window.parse("7d").starts(0, us(1970, 1, 5)).tolist()[1] == us(1970, 1, 5)
    assert np.array_equal(
        Window.parse("7d").starts(us(2024, 1, 3), us(2025, 1, 3)),
        Window.parse("1w").starts(us(2024, 1, 3), us(2025, 1, 3)),
    )
    start = Window.parse("2w").starts(us(2024, 5, 1), us(2024, 5, 1))[0]
    assert (start - us(1970, 1, 5)) % (14 * 24 * HOUR) == 0


def test_months_begin_on_the_first_and_quarters_in_january() -> None:
    assert Window.parse("1mo").starts(us(2024, 1, 31), us(2024, 3, 1)).tolist() == [
        us(2024, m, 1) for m in (1, 2, 3, 4)
    ]
    assert Window.parse("3mo").starts(us(2024, 5, 20), us(2024, 5, 20)).tolist() == [
        us(2024, 4, 1),
        us(2024, 7, 1),
    ]
    assert Window.parse("1mo").starts(-1, -1).tolist() == [us(1969, 12, 1), 0]


def test_rows_and_none() -> None:
    assert Window.parse("1000 rows").starts(0, 2_500).tolist() == [0, 1000, 2000, 3000]
    assert Window.parse("1000 rows").starts(1_000, 1_000).tolist() == [1000, 2000]
    assert Window.parse(None).starts(5, 7).tolist() == [0, np.iinfo(np.int64).max]


def test_end_is_the_next_start() -> None:
    window = Window.parse("1d")
    boundaries = window.starts(us(2013, 3, 1), us(2013, 12, 1), NEW_YORK).tolist()
    assert [window.end(b, NEW_YORK) for b in boundaries[:-1]] == boundaries[1:]


def test_outside_the_calendar() -> None:
    with pytest.raises(ModelError, match="outside the years"):
        Window.parse("1d").starts(0, np.iinfo(np.int64).max)
    with pytest.raises(ModelError, match="lies after the last"):
        Window.parse("1d").starts(1, 0)
    with pytest.raises(ModelError, match="windows, more than 5,000,000"):
        Window.parse("1min").starts(0, us(2024, 1, 1))


def test_ten_years_of_hours_take_no_time() -> None:
    begin = time.perf_counter()
    boundaries = Window.parse("1h").starts(us(2013, 1, 1), us(2022, 12, 31, 23), NEW_YORK)
    assert len(boundaries) > 87_600
    assert time.perf_counter() - begin < 1.0  # 0.02 s where it was measured


WINDOWS = st.sampled_from(["15min", "1h", "2h", "6h", "12h", "1d", "2d", "7d", "1w", "2w", "1mo", "3mo"])
ZONES = st.sampled_from(
    [
        "UTC",
        NEW_YORK,
        "Europe/Berlin",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Pacific/Apia",
    ]
)
INSTANTS = st.integers(us(1950, 1, 1), us(2060, 1, 1))


@settings(max_examples=150, deadline=None)
@given(WINDOWS, ZONES, INSTANTS, st.integers(0, 40 * 24 * HOUR))
def test_windows_cover_and_do_not_depend_on_where_one_looks(
    text: str, zone: str, first: int, length: int
) -> None:
    window, last = Window.parse(text), first + length
    boundaries = window.starts(first, last, zone)
    assert boundaries[0] <= first < boundaries[1]
    assert boundaries[-2] <= last < boundaries[-1]
    assert (np.diff(boundaries) > 0).all()
    middle = first + length // 2
    some = window.starts(middle, last, zone)
    assert np.array_equal(some, boundaries[-len(some) :])
