"""Judging by the user's bands and expected values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from tests.verdicts.build import plain, rate
from watchkeeper.metrics import Series
from watchkeeper.model import Band, Model
from watchkeeper.verdicts import Judgement, judge
from watchkeeper.verdicts.bands import effect_of, false_alarm_rate


def by_band(series: Series, band: str | Band, **keys: object) -> Judgement:
    name = series.metric.name if series.column is None else f"{series.metric.name}({series.column})"
    return judge([series], Model(bands={name: band}, **keys), len(series.estimate.value))[0]


def test_alarm_needs_the_whole_interval_outside_and_ok_the_whole_inside():
    judged = by_band(rate("accuracy", [4600, 4400, 4200, 0], [5000, 5000, 5000, 0]), ">= 0.88")
    assert judged.verdict.tolist() == ["ok", "unclear", "alarm", "no_data"]
    assert judged.rule == "band"
    assert judged.band_low.tolist() == [0.88] * 4
    assert np.isnan(judged.band_high).all()
    assert sorted(judged.sentences) == [1, 2]


def test_a_value_inside_whose_interval_crosses_the_edge_is_unclear_and_says_so():
    judged = by_band(rate("accuracy", [89], [100]), ">= 0.88")
    assert judged.verdict.tolist() == ["unclear"]
    assert "inside your band of at least 88 %" in judged.sentences[0]


def test_upper_edges_and_two_sided_bands():
    series = rate("missing_rate", [0, 22, 100], 1000, column="visib")
    assert by_band(series, "<= 0.02").verdict.tolist() == ["ok", "unclear", "alarm"]
    assert by_band(series, "0.02 .. 0.05").verdict.tolist() == ["alarm", "unclear", "alarm"]


def test_no_missing_value_fits_a_band_that_allows_none():
    judged = by_band(rate("missing_rate", [0, 3, 20], 1000, column="visib"), "<= 0")
    assert judged.verdict.tolist() == ["ok", "alarm", "alarm"]


def test_a_contractual_line_is_judged_by_the_value_and_says_how_often_that_is_wrong():
    judged = by_band(rate("accuracy", [875, 885], 1000), Band(">= 0.88", judge="value"))
    assert judged.verdict.tolist() == ["alarm", "ok"]
    often = round(100 * binom.cdf(879, 1000, 0.88))
    assert f"alarm in {often} of 100 such windows" in judged.sentences[0]


@pytest.mark.parametrize(("count", "edge"), [(10, 0.5), (200, 0.88), (1_000, 0.9)])
def test_the_false_alarm_rate_on_the_edge_is_the_binomial_tail(count, edge):
    rng = np.random.default_rng(count)
    simulated = (rng.binomial(count, edge, 200_000) / count < edge).mean()
    series = rate("accuracy", [0], count)
    assert false_alarm_rate(series, Band(f">= {edge}"), 0) == pytest.approx(simulated, abs=0.005)
    simulated = (rng.binomial(count, edge, 200_000) / count > edge).mean()
    assert false_alarm_rate(rate("accuracy", [count], count), Band(f"<= {edge}"), 0) == pytest.approx(
        simulated, abs=0.005
    )


def test_a_number_without_an_interval_is_judged_by_its_value_and_says_so():
    judged = by_band(plain("accuracy", [0.9, 0.87]), ">= 0.88")
    assert judged.verdict.tolist() == ["ok", "alarm"]
    assert "It has no interval and is judged by its value alone." in judged.sentences[1]


def test_no_rows_at_all_break_a_band_on_the_number_of_rows():
    assert by_band(plain("row_count", [1000, 0]), ">= 100").verdict.tolist() == ["ok", "alarm"]


def test_expected_values_need_an_interval_that_excludes_them_and_an_effect():
    series = rate("positive_rate", [210, 160, 3, 2600], [1000, 1000, 30, 10_000])
    judged = judge([series], Model(expected={"positive_rate": 0.2}), 4)[0]
    # 0.16 departs by less than 5 points; 3 of 30 departs by more and could be chance; 0.26 is certain
    assert judged.verdict.tolist() == ["ok", "ok", "unclear", "alarm"]
    assert judged.band_low.tolist() == pytest.approx([0.15] * 4)
    assert judged.band_high.tolist() == pytest.approx([0.25] * 4)
    assert "6 points more than the 20.0 % that you expect" in judged.sentences[3]


def test_a_rare_expected_rate_can_be_missed_on_both_sides():
    series = rate("positive_rate", [50, 350, 200], 10_000)
    judged = judge([series], Model(expected={"positive_rate": 0.02}), 3)[0]
    assert judged.verdict.tolist() == ["alarm", "alarm", "ok"]


def test_a_band_and_an_expected_value_give_the_worse_verdict_with_its_own_sentence():
    series = rate("positive_rate", [2600], 10_000)
    model = Model(expected={"positive_rate": 0.2}, bands={"positive_rate": "<= 0.5"})
    judged = judge([series], model, 1)[0]
    assert judged.verdict.tolist() == ["alarm"]
    assert "that you expect" in judged.sentences[0]


def test_a_metric_without_an_effect_of_its_own_gets_a_tenth_of_the_reference_or_five_points():
    metric = plain("row_count", [1]).metric
    assert metric.effect is None
    assert effect_of(metric, 200.0) == pytest.approx(20.0)
    assert effect_of(rate("accuracy", [1], 1).metric, 0.9) == pytest.approx(0.05)
