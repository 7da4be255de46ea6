"""Bands over many windows: what is unclear again and again adds up, and a model on the edge stays quiet."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from watchkeeper.metrics import METRICS, Estimate, Series
from watchkeeper.metrics.intervals import wilson
from watchkeeper.model import Band, Model
from watchkeeper.verdicts import Timeline, Windows, judge

MODEL = Model(bands={"accuracy": ">= 0.88", "mean_absolute_error": "<= 2"})
ROWS = 500


def accuracy(hits: NDArray[np.float64]) -> Series:
    rows = np.full(len(hits), ROWS)
    low, high = wilson(hits, rows.astype(float))
    return Series(METRICS["accuracy"], None, None, None, Estimate(hits / ROWS, low, high, rows))


def all_of(windows: int) -> Timeline:
    return Timeline.of(Windows.of(windows), {})


def verdicts(series: Series) -> list[object]:
    windows = len(series.estimate.value)
    return list(judge([series], MODEL, windows, timeline=all_of(windows))[0].verdict)


def test_a_model_just_above_its_line_never_alarms_and_one_below_is_found():
    rng = np.random.default_rng(1)
    calm = sum(
        "alarm" in verdicts(accuracy(rng.binomial(ROWS, 0.885, 200).astype(float))) for _ in range(100)
    )
    assert calm == 0
    first = []
    for _ in range(40):
        told = verdicts(accuracy(rng.binomial(ROWS, 0.87, 200).astype(float)))
        first.append(told.index("alarm") + 1 if "alarm" in told else np.inf)
    assert 20 <= np.median(first) <= 45


def test_a_window_back_inside_the_band_does_not_alarm():
    hits = np.full(40, 480.0)
    hits[20:22] = 300
    assert verdicts(accuracy(hits)) == ["ok"] * 20 + ["alarm"] * 2 + ["ok"] * 18


def test_an_interval_outside_is_not_enough_among_many_windows_and_says_what_is():
    hits = np.full(40, 442.0)
    hits[5] = 422  # 84.4 %, 81.0 to 87.3 %
    judged = judge([accuracy(hits)], MODEL, 40, timeline=all_of(40))[0]
    assert judged.series.estimate.high[5] < 0.88
    assert judged.verdict[5] == "unclear"
    assert "an alarm takes 100 : 1" in judged.sentences[5]
    assert judged.evidence is not None
    assert np.isfinite(judged.evidence).all()


def test_of_few_windows_an_interval_outside_is_enough_and_the_unclear_add_up_too():
    assert verdicts(accuracy(np.array([442.0, 442, 422, 442])))[2] == "alarm"
    told = verdicts(accuracy(np.full(25, 433.0)))  # 86.6 %, 83.3 to 89.3 %
    assert told[0] == "unclear"
    assert told[-1] == "alarm"


def test_a_single_window_is_judged_by_its_interval():
    judged = judge([accuracy(np.array([422.0]))], MODEL, 1, timeline=all_of(1))[0]
    assert list(judged.verdict) == ["alarm"]
    assert judged.evidence is None


def test_windows_that_are_still_open_do_not_count():
    hits = np.array([440.0, 440, 250])
    still = np.array([False, False, True])
    judged = judge([accuracy(hits)], MODEL, 3, timeline=all_of(3), withheld=lambda s: still)[0]
    assert judged.evidence is not None
    assert np.isnan(judged.evidence[2])


@pytest.mark.parametrize(("error", "alarms"), [(1.98, False), (2.3, True)])
def test_numbers_that_are_no_share_add_up_by_their_standard_error(error, alarms):
    rng = np.random.default_rng(3)
    value = rng.normal(error, 0.2, 100)
    estimate = Estimate(value, value - 0.392, value + 0.392, np.full(100, 300))
    series = Series(METRICS["mean_absolute_error"], None, None, None, estimate)
    assert ("alarm" in verdicts(series)) is alarms


def test_where_the_value_alone_decides_it_decides():
    model = Model(bands={"accuracy": Band(">= 0.88", judge="value")})
    judged = judge([accuracy(np.array([450.0, 439, 450]))], model, 3, timeline=all_of(3))[0]
    assert list(judged.verdict) == ["ok", "alarm", "ok"]
