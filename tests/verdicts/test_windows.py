"""How windows are called."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.verdicts.build import DAY, days
from watchkeeper.model import Model
from watchkeeper.verdicts import Windows


def micro(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("start", "end", "phrase"),
    [
        ((2013, 7, 10), (2013, 7, 11), "on 10 July 2013"),
        ((2013, 7, 8), (2013, 7, 15), "in the week of 8 July 2013"),
        ((2013, 7, 1), (2013, 8, 1), "in July 2013"),
        ((2013, 2, 1), (2013, 3, 1), "in February 2013"),
        ((2013, 7, 10, 14), (2013, 7, 10, 15), "from 14:00 to 15:00 on 10 July 2013"),
        ((2013, 7, 1), (2013, 7, 3), "from 1 July 2013 to 3 July 2013"),
        ((2013, 7, 10, 6), (2013, 7, 11, 6), "in the day from 06:00 on 10 July 2013"),
    ],
)
def test_a_window_is_called_by_its_length(start, end, phrase):
    edges = np.array([micro(*start)]), np.array([micro(*end)])
    assert Windows(1, *edges, "time").phrase(0) == phrase


def test_days_follow_the_models_clock_and_its_changes():
    # the clock goes forward in New York on 10 March 2013: a day of 23 hours
    edges = np.array([micro(2013, 3, 10, 5)]), np.array([micro(2013, 3, 11, 4)])
    windows = Windows.of(edges, Model(timestamp="ts", timezone="America/New_York"))
    assert windows.phrase(0) == "on 10 March 2013"
    assert windows.since(0) == "10 March 2013"


def test_rows_numbers_and_nothing():
    rows = Windows.of((np.array([0, 5000]), np.array([5000, 6000])), Model(window="1000 rows"))
    assert (rows.phrase(1), rows.since(1), rows.start(1)) == ("in rows 5,000 to 5,999", "row 5,000", None)
    weeks = Windows(2, np.array([8, 9]), np.array([8, 9]), "numbered", noun="week")
    assert (weeks.phrase(1), weeks.since(0)) == ("in week 9", "week 8")
    assert Windows.of(None).phrase(0) == ""
    assert Windows.of(3).phrase(2) == "in window 3"
    assert Windows.of((np.array([0]), np.array([1])), Model(window=None)).phrase(0) == ""


def test_months_begin_as_months():
    edges = np.array([micro(2013, 7, 1)]), np.array([micro(2013, 8, 1)])
    assert Windows(1, *edges, "time").since(0) == "July 2013"
    assert days(3).start(1) == datetime(2013, 7, 2, tzinfo=UTC)
    assert days(2).ends[0] - days(2).starts[0] == DAY
