"""Findings: alarms by series, worst first, and the one sentence."""

from __future__ import annotations

import numpy as np

from tests.verdicts.build import days, plain, rate
from watchkeeper.model import Model
from watchkeeper.verdicts import Windows, find, judge, overall, summarise

GOOD, BAD = 960, 700


def accuracy(*right: int, **keys):
    return rate("accuracy", list(right), 1000, (9500, 10_000), **keys)


def findings(series, windows, model=None):
    judgements = judge(series, model or Model(), windows)
    return judgements, find(judgements, windows)


def test_all_alarms_of_a_series_are_one_finding():
    _, found = findings([accuracy(GOOD, BAD, 600, BAD)], days(4))
    assert len(found) == 1
    one = found[0]
    assert (one.first_window, one.last_window, one.worst_window) == (1, 3, 2)
    assert (one.windows, one.judged, one.ongoing, one.since) == (3, 4, True, "2 July 2013")
    assert (one.value, one.reference, one.count) == (0.6, 0.95, 1000)
    assert one.when == "since 2 July 2013"
    assert one.sentence == (
        "Accuracy fell to 60.0 % (95 % interval 56.9 to 63.0 %, 1,000 rows) on 3 July 2013; it was 95.0 % in the"
        " reference. It has been so since 2 July 2013."
    )


def test_windows_without_data_do_not_end_what_goes_on():
    series = rate("accuracy", [GOOD, BAD, 0, BAD, 0], [1000, 1000, 0, 1000, 0], (9500, 10_000))
    _, found = findings([series], days(5))
    assert (found[0].windows, found[0].judged, found[0].when) == (2, 3, "since 2 July 2013")


def test_alarms_that_come_and_go_are_counted():
    _, found = findings([accuracy(BAD, GOOD, BAD, GOOD)], days(4))
    assert (found[0].when, found[0].ongoing) == ("in 2 of 4 windows, last on 3 July 2013", False)
    _, found = findings([accuracy(BAD, GOOD, BAD, BAD)], days(4))
    assert (found[0].when, found[0].since) == ("in 3 of 4 windows, again since 3 July 2013", "3 July 2013")


def test_breaks_come_first_then_performance_then_echoes_of_the_whole():
    parts = [
        rate("missing_rate", [900], 1000, (0, 9999), column="x", segment=("carrier", c)) for c in ("UA", "AA")
    ]
    series = [
        *parts,
        rate("missing_rate", [400], 1000, (0, 9999), column="x"),
        accuracy(BAD),
        accuracy(BAD, segment=("origin", "JFK")),
        rate("recall", [500], 1000, (9500, 10_000), segment=("origin", "EWR")),
    ]
    _, found = findings(series, Windows.of(1))
    assert [(f.metric, f.segment) for f in found][:3] == [
        ("missing_rate", None),
        ("recall", "EWR"),
        ("accuracy", None),
    ]
    assert [f.segment for f in found[3:]] == ["JFK"]
    assert found[0].segments == 2
    assert found[0].sentence.endswith("2 segments show the same.")


def test_a_few_odd_values_do_not_stand_before_a_metric_that_fell():
    series = [
        rate("out_of_range_rate", [30], 1000, (0, 9999), column="x"),
        accuracy(BAD),
        rate("missing_rate", [300], 1000, (0, 9999), column="y"),
    ]
    _, found = findings(series, Windows.of(1))
    assert [(f.metric, f.column) for f in found] == [
        ("missing_rate", "y"),
        ("accuracy", None),
        ("out_of_range_rate", "x"),
    ]


def test_a_segment_that_breaks_at_another_time_is_a_finding_of_its_own():
    series = [
        rate("missing_rate", [0, 400], 1000, (0, 9999), column="x"),
        rate("missing_rate", [90, 40], 100, (0, 9999), column="x", segment=("carrier", "UA")),
    ]
    _, found = findings(series, days(2))
    assert [(f.segment, f.segments) for f in found] == [(None, 0), ("UA", 0)]


def test_within_a_kind_the_farthest_beyond_its_band_comes_first():
    _, found = findings([accuracy(BAD), rate("recall", [100], 1000, (9500, 10_000))], Windows.of(1))
    assert [f.metric for f in found] == ["recall", "accuracy"]
    assert found[0].severity > found[1].severity > 0


def test_the_verdict_in_one_sentence():
    windows = days(3)
    judgements, found = findings([accuracy(GOOD, BAD, BAD)], windows)
    assert overall(judgements) == "alarm"
    assert summarise(judgements, found, windows) == (
        "2 of 3 windows alarm: accuracy fell from 95.0 % to at worst 70.0 % since 2 July 2013."
    )


def test_the_sentence_names_the_worst_and_counts_the_others():
    series = [rate("missing_rate", [0, 400], 1000, (0, 9999), column=c) for c in ("a", "b", "c")]
    series += [rate("nan_rate", [0, 300], 1000, (0, 9999), column=c) for c in ("d", "e")]
    judgements, found = findings(series, days(2))
    assert summarise(judgements, found, days(2)) == (
        "1 of 2 windows alarms: in a 40.0 % of the rows have no value, as in 2 other columns, on 2 July 2013; "
        "and 1 other finding."
    )


def test_columns_that_break_alike_are_one_finding():
    series = [rate("missing_rate", [0, n], 1000, (0, 9999), column=c) for c, n in (("a", 490), ("b", 500))]
    series += [rate("missing_rate", [400, 0], 1000, (0, 9999), column="c")]
    _, found = findings(series, days(2))
    assert [(f.column, f.alike) for f in found] == [("b", ("a",)), ("c", ())]
    assert found[0].sentence.endswith("The same in a.")


def test_columns_that_break_by_another_cause_are_findings_of_their_own():
    series = [
        rate("missing_rate", [500, 500], 1000, (0, 9999), column="a"),
        rate("missing_rate", [500, 30], 1000, (0, 9999), column="b"),
        rate("nan_rate", [500, 500], 1000, (0, 9999), column="c"),
        rate("missing_rate", [1000, 1000], 1000, (0, 9999), column="empty"),
        rate("missing_rate", [1000, 990], 1000, (0, 9999), column="nearly empty"),
        rate("missing_rate", [0, 0], 1000, (0, 9999), column="gone"),
    ]
    windows = days(2)
    found = find(judge(series, Model(), windows, ["gone"]), windows)
    assert {f.column: f.alike for f in found} == {
        "gone": (), "empty": ("nearly empty",), "a": (), "b": (), "c": (),
    }  # fmt: skip


def test_a_single_window_just_alarms():
    judgements, found = findings([accuracy(BAD)], Windows.of(1), Model(bands={"accuracy": ">= 0.88"}))
    assert summarise(judgements, found, Windows.of(1)) == "It alarms: accuracy is below 88 %."


def test_nothing_alarms():
    windows = days(2)
    judgements, found = findings([accuracy(GOOD, GOOD)], windows)
    assert (overall(judgements), found) == ("ok", ())
    assert summarise(judgements, found, windows) == "Nothing alarms: 1 number judged in 2 windows."


def test_unclear_is_said():
    windows = days(2)
    series = rate("accuracy", [990, 89], [1000, 100])
    judgements, found = findings([series], windows, Model(bands={"accuracy": ">= 0.88"}))
    assert overall(judgements) == "unclear"
    text = summarise(judgements, found, windows)
    assert text == "Nothing alarms; 1 of 2 windows is unclear: accuracy may be below 88 % on 2 July 2013."


def test_no_verdict_says_why():
    windows = Windows.of(1)
    judgements, found = findings([rate("accuracy", [9], 10)], windows)
    assert (overall(judgements), found) == ("no_data", ())
    assert summarise(judgements, found, windows).startswith(
        "No verdict: there is neither a band nor a reference"
    )
    judgements, found = findings([rate("accuracy", [9], 10, (900, 1000))], windows)
    assert overall(judgements) == "no_data"
    assert summarise(judgements, found, windows) == "No verdict: no window holds enough rows to judge."


def test_a_number_without_an_interval_can_be_sorted():
    windows = Windows.of(2)
    _, found = findings([plain("accuracy", [0.5, 0.87])], windows, Model(bands={"accuracy": ">= 0.88"}))
    assert found[0].worst_window == 0
    assert np.isfinite(found[0].severity)
