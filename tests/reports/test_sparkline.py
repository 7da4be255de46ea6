"""Sparklines hold every alarm, lift the pen at gaps, and stay small."""

import re

import numpy as np

from watchkeeper.charts.lines import Line
from watchkeeper.reports.sparkline import MOST_POINTS, sparkline, strip


def line(value: list[float] | np.ndarray, alarms: tuple[int, ...] = (), band: float = np.nan) -> Line:
    v = np.asarray(value, dtype=float)
    nothing = np.full(len(v), np.nan)
    verdict = np.ones(len(v), np.int8)
    verdict[list(alarms)] = 3
    return Line(
        "accuracy", None, None, None, v, nothing, nothing, np.full(len(v), band), nothing,
        np.ones(len(v), np.int64), verdict,
    )  # fmt: skip


def test_a_gap_lifts_the_pen() -> None:
    drawn = re.search(r'spark-line" d="([^"]*)"', sparkline(line([1, 2, np.nan, 3, 4])))
    assert drawn
    assert drawn[1].count("M") == 2


def test_each_alarm_is_marked() -> None:
    assert sparkline(line([1, 2, 3, 4], alarms=(1, 3))).count("h0") == 2


def test_an_alarm_among_thousands_of_windows_is_not_lost() -> None:
    drawn = sparkline(line(np.sin(np.arange(5000)), alarms=(1234,)))
    assert drawn.count("h0") == 1
    assert len(re.findall("[ML]", drawn)) <= MOST_POINTS + 2


def test_nothing_to_draw() -> None:
    assert sparkline(line([np.nan, np.nan])) == ""


def test_constant_values_stand_in_the_middle() -> None:
    drawn = re.search(r'spark-line" d="M[\d.]+ ([\d.]+)', sparkline(line([5, 5, 5]), height=40))
    assert drawn
    assert float(drawn[1]) == 20


def test_a_band_far_away_does_not_squeeze_the_line() -> None:
    assert "spark-band" not in sparkline(line([0.9, 0.91, 0.92], band=0.1))
    assert "spark-band" in sparkline(line([0.9, 0.91, 0.92], band=0.89))


def test_strip_has_a_bar_for_each_window_that_was_judged() -> None:
    drawn = strip(np.array([0, 2, 0, 1]), np.array([True, True, False, True]))
    calm, loud = re.findall(r' d="([^"]*)"', drawn)
    assert (calm.count("M"), loud.count("M")) == (1, 2)
