"""Breaks, told in their first window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from tests.verdicts.build import days, plain, rate
from watchkeeper.metrics import METRICS, Estimate, Series
from watchkeeper.metrics.intervals import wilson
from watchkeeper.model import Model
from watchkeeper.verdicts import judge
from watchkeeper.verdicts.breaks import by_break


def test_missing_as_never_before_is_told_in_its_first_window():
    series = rate("missing_rate", [2, 300, 3], 968, (20, 10_000), column="visib")
    found = judge([series], Model(), days(3))[0]
    assert found.verdict.tolist() == ["ok", "alarm", "ok"]
    assert found.rule == "break"
    assert found.sentences[1] == (
        "visib: 31.0 % of the rows have no value on 2 July 2013 (300 of 968); in the reference 0.20 %."
        " Look at where this column is filled."
    )


def test_a_column_without_any_value_is_said_in_words():
    found = judge([rate("missing_rate", [968], 968, (0, 10_000), column="visib")], Model(), 1)[0]
    assert found.sentences[0].startswith(
        "visib: no row has a value (968 of 968); in the reference none. Look"
    )


def test_less_than_a_point_is_no_break_however_certain():
    assert (
        judge([rate("missing_rate", [900], 100_000, (0, 100_000), column="x")], Model(), 1)[0].verdict[0]
        == "ok"
    )
    assert (
        judge([rate("missing_rate", [1100], 100_000, (0, 100_000), column="x")], Model(), 1)[0].verdict[0]
        == "alarm"
    )


def test_what_a_window_of_the_reference_had_is_no_break():
    series = rate("missing_rate", [300], 968, (20, 10_000), column="visib", windows=[0, 0.305, 0])
    assert judge([series], Model(), 1)[0].verdict.tolist() == ["ok"]


def test_fewer_missing_is_no_break():
    assert (
        judge([rate("missing_rate", [0], 1000, (5000, 10_000), column="x")], Model(), 1)[0].verdict[0] == "ok"
    )


def test_one_missing_row_of_one_is_no_break():
    assert judge([rate("missing_rate", [1], 1, (20, 10_000), column="x")], Model(), 1)[0].verdict[0] == "ok"


@pytest.mark.parametrize("rows", [20, 200, 2_000])
@pytest.mark.parametrize("rate_before", [0.0, 0.002, 0.05])
def test_false_breaks_are_as_rare_as_promised(rows, rate_before):
    """Exactly: the probability, over every number that a window can have, of those that alarm."""
    counts = np.arange(rows + 1)
    reference = (round(10_000 * rate_before), 10_000)
    alpha = 1e-4
    alarm = by_break(rate("missing_rate", counts, rows, reference, column="x"), alpha).codes == 4
    assert alarm.any()
    assert binom.pmf(counts, rows, rate_before)[alarm].sum() <= alpha


def constant(values, lows, windows=None) -> Series:
    value, low = np.array(values), np.array(lows)
    estimate = Estimate(value, low, np.ones(len(value)), np.full(len(value), 500))
    reference = Estimate(np.zeros(1), np.zeros(1), np.ones(1), np.array([10_000]))
    return Series(METRICS["constant"], "sensor", None, None, estimate, reference, windows, estimate)


def test_a_column_that_became_constant_alarms_unless_chance_explains_it():
    found = judge([constant([0.0, 1.0, 1.0], [0.0, 1.0, 0.0])], Model(), 3)[0]
    assert found.verdict.tolist() == ["ok", "alarm", "ok"]
    assert found.sentences[1].startswith("sensor: all 500 values are equal in window 2;")


def test_a_column_that_was_constant_for_a_window_before_does_not_alarm():
    assert judge([constant([1.0], [1.0], np.array([0.0, 1.0]))], Model(), 1)[0].verdict.tolist() == ["ok"]


def test_a_column_that_is_gone_alarms_in_each_window_that_has_rows():
    rows = plain("row_count", [100.0, 100.0])
    rows = Series(rows.metric, None, None, None, Estimate(*[rows.estimate.value] * 3, np.array([100, 0])))
    others = judge([rows], Model(), 2, absent={"visib": "Nearest is 'visibility'."})
    assert len(others) == 2
    gone = others[1]
    assert (gone.series.column, gone.series.metric.name, gone.rule) == ("visib", "missing_rate", "break")
    assert gone.verdict.tolist() == ["alarm", "no_data"]
    assert gone.sentences[0] == (
        "visib is gone: the reference has this column, the current rows do not. Nearest is 'visibility'."
    )


def test_the_missing_rate_of_a_column_that_is_gone_is_judged_once():
    series = rate("missing_rate", [0, 0], [0, 0], (20, 10_000), column="visib")
    found = judge([plain("row_count", [100, 100]), series], Model(), 2, absent=["visib"])
    assert [j.series.metric.name for j in found] == ["row_count", "missing_rate"]
    assert found[1].verdict.tolist() == ["alarm", "alarm"]
    assert found[1].series.estimate.value.tolist() == [1.0, 1.0]


def test_the_users_band_takes_the_place_of_the_test():
    series = rate("missing_rate", [300], 968, (20, 10_000), column="visib")
    found = judge([series], Model(bands={"missing_rate(visib)": "<= 0.5"}), 1)[0]
    assert (found.verdict.tolist(), found.rule) == (["ok"], "band")


def test_without_a_reference_nothing_can_break():
    assert judge([rate("missing_rate", [300], 968, column="visib")], Model(), 1)[0].verdict.tolist() == [None]
    with pytest.raises(ValueError, match="reference"):
        by_break(rate("missing_rate", [300], 968, column="visib"), 0.01)


def test_weighted_rows_count_for_what_they_are_worth():
    """40 of 500 at 2 % in the reference is a break of plain rows, and none where they are worth 100."""
    reference = Estimate(np.array([0.02]), *(np.array([end]) for end in (0.018, 0.022)), np.array([20_000]))
    now = Estimate(np.array([0.08]), *wilson(8.0, np.array([100.0])), np.array([500]))
    series = Series(METRICS["missing_rate"], "x", None, None, now, reference)
    plain_rows, worth = by_break(series, 1e-6), by_break(series, 1e-6, weighted=True)
    assert plain_rows.codes.tolist() == [4]
    assert worth.codes.tolist() == [2]
    heavy = Estimate(np.array([0.5]), *wilson(50.0, np.array([100.0])), np.array([500]))
    assert by_break(replace(series, estimate=heavy), 1e-6, weighted=True).codes.tolist() == [4]
