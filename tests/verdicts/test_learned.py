"""Judging against the reference."""

from __future__ import annotations

import numpy as np
import pytest

from tests.verdicts.build import plain, rate
from watchkeeper.metrics import METRICS, Estimate, Series
from watchkeeper.model import Model
from watchkeeper.verdicts import confidence_for, judge, measured_again, with_judged
from watchkeeper.verdicts.learned import by_reference
from watchkeeper.verdicts.ruling import ALARM


def distance(values, lows, bias=0.05, count=1000, windows=None, judged=None, whole=10_000) -> Series:
    value, low = np.array(values), np.array(lows)

    def estimate(low):
        return Estimate(value, low, value + 0.05, np.full(len(value), count), np.full(len(value), bias))

    reference = Estimate(np.zeros(1), np.zeros(1), np.zeros(1), np.array([whole]), np.zeros(1))
    return Series(
        METRICS["jensen_shannon"], "carrier", None, None, estimate(low), reference, windows,
        None if judged is None else estimate(np.array(judged)),
    )  # fmt: skip


def verdicts(series: Series, model: Model | None = None) -> list[str | None]:
    return judge([series], model or Model(), len(series.estimate.value))[0].verdict.tolist()


def test_performance_alarms_by_interval_and_effect_and_only_in_the_bad_direction():
    series = rate("accuracy", [895, 860, 700, 990], 1000, (8960, 10_000))
    # 86 % is certainly lower, by less than 5 points; 99 % is better
    assert verdicts(series) == ["ok", "ok", "alarm", "ok"]


def test_a_departure_that_only_the_shown_interval_excludes_is_unclear():
    found = judge([rate("accuracy", [30, 38], 40, (8960, 10_000))] * 40, Model(), 2)[0]
    assert found.verdict.tolist() == ["unclear", "ok"]
    assert "Alone this is remarkable" in found.sentences[0]


def test_the_references_own_error_counts():
    series = rate("accuracy", [700], 1000, (27, 30))
    assert verdicts(series) == ["unclear"]
    assert verdicts(rate("accuracy", [700], 1000, (9000, 10_000))) == ["alarm"]


def test_what_the_references_windows_had_is_natural():
    natural = [0.80] + [0.89, 0.90, 0.91] * 13
    series = rate("accuracy", [8100, 7000], 10_000, (8960, 10_000), windows=natural)
    found = judge([series], Model(), 2)[0]
    assert found.verdict.tolist() == ["ok", "alarm"]
    assert found.band_low.tolist() == pytest.approx([0.80, 0.80])
    assert np.isnan(found.band_high).all()
    assert "80.0 to 91.0 % in its windows: this is 10 points beyond them" in found.sentences[1]


def test_windows_that_differ_may_differ_more():
    series = rate(
        "accuracy", [8100, 6000], 10_000, (8960, 10_000), windows=[0.84, 0.86, 0.9, 0.93, 0.91, 0.88]
    )
    found = judge([series], Model(), 2)[0]
    assert found.verdict.tolist() == ["ok", "alarm"]
    # mean − t(5 + 4 degrees of freedom, 99 %) · s · √(1 + 1/6), s² with the variance of 8,100 of 10,000 for 4 of 9
    spread = np.sqrt((5 * 0.0335**2 + 4 * 0.81 * 0.19 / 10_000) / 9)
    assert found.band_low[0] == pytest.approx(0.887 - 3.250 * spread * np.sqrt(7 / 6), abs=0.002)


def test_one_reference_window_says_nothing_of_what_is_natural():
    series = rate("accuracy", [8100], 10_000, (8960, 10_000), windows=[0.5, np.nan])
    assert verdicts(series) == ["alarm"]


def _alarming(
    reference: int, effects: float, fall: float, rng: np.random.Generator, repeats: int = 60
) -> float:
    """Share of windows of 1,000 rows that alarm, accuracy 0.85 before, windows differing by these effects."""
    n, found = 1_000, []
    for _ in range(repeats):
        before = rng.binomial(n, (0.85 + effects * rng.normal(size=reference)).clip(0, 1))
        now = rng.binomial(n, (0.85 - fall + effects * rng.normal(size=40)).clip(0, 1))
        series = rate(
            "accuracy", now, n, (int(before.sum()), n * reference), windows=before / n, judged=0.9995
        )
        found.append(np.mean(by_reference(series, 0.9995).codes == ALARM))
    return float(np.mean(found))


def test_power_grows_with_the_references_windows_and_false_alarms_stay_rare():
    rng = np.random.default_rng(12)
    power = [_alarming(windows, 0.0, 0.1, rng) for windows in (2, 3, 4, 5, 6, 8, 12)]
    assert (np.diff(power) > -0.03).all(), power
    assert power[3] > 0.8  # 0.35 by the spread of five windows alone
    for windows in (2, 4, 5, 8):
        assert _alarming(windows, 0.0, 0.0, rng) <= 0.001
        assert _alarming(windows, 0.02, 0.0, rng) <= 0.004  # 3 to 4 % by the interval alone


def test_below_thirty_rows_there_is_nothing_to_judge():
    assert verdicts(rate("accuracy", [0, 0, 0], [3, 29, 30], (8960, 10_000))) == [
        "no_data",
        "no_data",
        "alarm",
    ]


def test_errors_are_worse_when_they_grow():
    value = np.array([10.0, 12.0, 5.0])
    estimate = Estimate(value, value - 0.5, value + 0.5, np.full(3, 1000))
    reference = Estimate(np.array([10.0]), np.array([9.9]), np.array([10.1]), np.array([10_000]))
    series = Series(METRICS["mean_absolute_error"], None, None, None, estimate, reference)
    assert METRICS["mean_absolute_error"].better == "low"
    assert verdicts(series) == ["ok", "alarm", "ok"]


def test_distances_alarm_beyond_bias_and_effect_where_chance_is_excluded():
    series = distance([0.2, 0.2, 0.2, 0.12], [0.1, 0.1, 0.0, 0.05], judged=[0.05, 0.0, 0.0, 0.02])
    found = judge([series], Model(), 4)[0]
    assert found.verdict.tolist() == ["alarm", "unclear", "ok", "ok"]
    assert found.band_high.tolist() == pytest.approx([0.15] * 4)
    assert "chance alone gives 0.05" in found.sentences[0].replace("0.050", "0.05")


def test_a_small_windows_greater_bias_is_taken_out():
    assert verdicts(distance([0.2], [0.1], bias=0.12, judged=[0.05])) == ["ok"]


def test_distances_within_those_of_the_references_windows_are_natural():
    windows = np.array([0.3] + [0.09, 0.1, 0.11] * 20)
    series = distance([0.28, 0.32], [0.2, 0.2], windows=windows, judged=[0.1, 0.1], whole=61_000)
    assert verdicts(series) == ["ok", "alarm"]


def test_shorter_reference_windows_are_farther_apart_by_chance_alone():
    windows = np.array([0.11, 0.12, 0.13] * 20)
    short = distance([0.2], [0.15], windows=windows, judged=[0.1], whole=60 * 200)
    alike = distance([0.2], [0.15], windows=windows + 0.06, judged=[0.1], whole=60 * 1000)
    assert (verdicts(short), verdicts(alike)) == (["alarm"], ["ok"])


def test_without_a_reference_nothing_is_learned():
    found = judge([rate("accuracy", [10], 1000)], Model(), 1)[0]
    assert found.verdict.tolist() == [None]
    assert found.rule == "none"
    assert np.isnan(found.band_low).all()


def test_metrics_that_are_only_shown_get_no_verdict():
    series = rate("specificity", [10], 1000, (900, 1000))
    assert verdicts(series) == [None]


def test_without_an_interval_nothing_is_learned():
    series = plain("accuracy", [0.1])
    reference = rate("accuracy", [900], 1000).estimate
    assert verdicts(Series(series.metric, None, None, None, series.estimate, reference)) == [None]


def test_a_band_takes_the_place_of_what_would_be_learned():
    series = rate("accuracy", [700], 1000, (8960, 10_000))
    model = Model(bands={"accuracy": ">= 0.5"})
    found = judge([series], model, 1)[0]
    assert (found.verdict.tolist(), found.rule) == (["ok"], "band")
    assert confidence_for([series, series], model) == 0.99


def test_alpha_is_divided_by_the_number_of_judged_series():
    accuracy, shown = rate("accuracy", [1], 1, (9, 10)), rate("specificity", [1], 1, (9, 10))
    assert confidence_for([accuracy] * 20 + [shown], Model()) == pytest.approx(1 - 0.01 / 20)
    assert confidence_for([], Model(alpha=0.05)) == pytest.approx(0.95)
    assert measured_again([accuracy, shown], Model()) == {("accuracy", None)}


def test_series_measured_again_are_matched_by_what_they_are_about():
    ours = [rate("recall", [1], 9, segment=("carrier", c)) for c in ("UA", "AA")]
    again = [rate("recall", [n], 9, segment=("carrier", c)) for n, c in ((7, "AA"), (8, "UA"))]
    joined = with_judged(ours, again)
    assert [s.judged.value[0] for s in joined if s.judged] == pytest.approx([8 / 9, 7 / 9])
