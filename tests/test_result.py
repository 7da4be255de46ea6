"""Result: the tidy table, the alarms, ready-made numbers and files."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv, parquet

from tests.verdicts.build import days, plain, rate
from watchkeeper.checking import check
from watchkeeper.errors import ColumnError, ModelError, SourceError
from watchkeeper.metrics import METRICS as KNOWN
from watchkeeper.metrics import Estimate, Series
from watchkeeper.model import Band, Model
from watchkeeper.result import METRICS, Result
from watchkeeper.verdicts import Windows, judge

ACCURACY = [0.89, 0.90, 0.91, 0.91, 0.92, 0.91, 0.90, 0.89, 0.87, 0.85, 0.86, 0.86]
LINE = Model(name="weekly", bands={"accuracy": ">= 0.88"})


def built(series, windows, model=LINE, **keys) -> Result:
    return Result.build(model, judge(series, model, windows), windows, **keys)


def two_days() -> Result:
    series = [
        rate("accuracy", [950, 850], 1000),
        rate("recall", [0, 5], [0, 9], segment=("carrier", "UA")),
        plain("mean", [1.5, np.nan], "dep_hour"),
    ]
    return built(series, days(2))


def test_one_row_for_each_number():
    table = two_days().metrics
    assert table.schema == METRICS
    assert table.num_rows == 6
    first, _, empty, _, mean, unknown = table.to_pylist()
    assert first["window_start"] == datetime(2013, 7, 1, tzinfo=UTC)
    assert first["window_end"] == datetime(2013, 7, 2, tzinfo=UTC)
    assert (first["model"], first["metric"], first["value"], first["count"]) == (
        "weekly",
        "accuracy",
        0.95,
        1000,
    )
    assert (first["band_low"], first["band_high"], first["evidence"], first["verdict"]) == (
        0.88,
        None,
        None,
        "ok",
    )
    assert (empty["segment_by"], empty["segment"], empty["value"], empty["count"]) == (
        "carrier",
        "UA",
        None,
        0,
    )
    assert (mean["column"], mean["low"], mean["verdict"], unknown["value"]) == ("dep_hour", None, None, None)


def test_alarms_are_rows_of_the_metrics_with_their_sentences():
    result = two_days()
    assert result.alarms.column_names == [*METRICS.names, "sentence"]
    alarm = result.alarms.to_pylist()
    assert len(alarm) == 1
    assert alarm[0] | {"sentence": None} == result.metrics.to_pylist()[1] | {"sentence": None}
    assert "below your band of at least 88 %" in alarm[0]["sentence"]
    assert (result.verdict, len(result.findings)) == ("alarm", 1)


def test_alarms_come_worst_first():
    series = [
        rate("jensen_shannon", [900], 1000, column="x"),
        rate("accuracy", [800], 1000),
        rate("recall", [300], 1000),
        rate("missing_rate", [500], 1000, (0, 10_000), column="x"),
    ]
    model = Model(bands={"accuracy": ">= 0.88", "recall": ">= 0.88", "jensen_shannon(x)": "<= 0.8"})
    alarms = built(series, Windows.of(1), model).alarms
    assert alarms["metric"].to_pylist() == ["recall", "jensen_shannon", "accuracy", "missing_rate"]


def test_without_alarms_the_table_is_empty_and_has_its_columns():
    alarms = built([rate("accuracy", [950], 1000)], Windows.of(1)).alarms
    assert (alarms.num_rows, alarms.column_names[-1]) == (0, "sentence")


def test_without_any_series_there_is_no_verdict():
    result = built([], Windows.of(3))
    assert (result.verdict, result.metrics.num_rows, result.metrics.schema) == ("no_data", 0, METRICS)


def test_without_a_reference_a_note_says_what_is_judged():
    assert any("no reference" in note for note in two_days().notes)
    compared = rate("accuracy", [950], 1000, (950, 1000), windows=[0.9, 0.91, 0.92, 0.93, 0.94])
    assert built([compared], Windows.of(1), Model(), notes=["3 rows set aside."]).notes == (
        "3 rows set aside.",
    )


def test_a_reference_of_one_window_is_noted():
    series = rate("accuracy", [950], 1000, (950, 1000), windows=[0.95])
    assert "is a single window" in built([series], Windows.of(1), Model()).notes[0]


def test_windows_may_be_starts_and_ends():
    model = Model(window="1000 rows")
    edges = np.array([0, 1000]), np.array([1000, 2000])
    result = Result.build(model, judge([rate("accuracy", [9, 9], 10)], model, edges), edges)
    assert result.metrics["window_start"].null_count == 2
    assert result.windows.phrase(1) == "in rows 1,000 to 1,999"


def test_the_short_text_and_the_long_one():
    result = two_days()
    assert repr(result).startswith("<Result 'weekly' alarm: 1 of 2 windows alarms: accuracy is below 88 %")
    text = result.report_text()
    assert text.splitlines()[0] == result.sentence
    assert "Note: There is no reference" in text
    assert [f.metric for f in result.unclear] == []


@pytest.mark.parametrize("ending", ["parquet", "csv", "json"])
def test_metrics_are_saved_and_read_again(tmp_path, ending):
    result = two_days()
    path = result.save(tmp_path / "new" / f"metrics.{ending}")
    if ending == "parquet":
        assert parquet.read_table(path).equals(result.metrics)
    elif ending == "csv":
        assert csv.read_csv(path)["value"].to_pylist() == result.metrics["value"].to_pylist()
    else:
        rows = json.loads(path.read_text())
        assert rows[0]["window_start"] == "2013-07-01T00:00:00.000000Z"
        assert [r["value"] for r in rows] == result.metrics["value"].to_pylist()


def test_no_rows_are_valid_json(tmp_path):
    assert json.loads(built([], Windows.of(1)).save(tmp_path / "none.json").read_text()) == []


def test_an_ending_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"metrics\.xlsx.*\.html, \.parquet, \.csv and \.json"):
        two_days().save(tmp_path / "metrics.xlsx")


def test_two_million_numbers_take_seconds():
    windows, width = days(365), 365
    value = np.random.default_rng(1).random(width)
    estimate = Estimate(value, value - 0.01, value + 0.01, np.full(width, 1000))
    series = [Series(KNOWN["mean"], f"c{i}", None, None, estimate) for i in range(5_500)]
    began = time.process_time()
    result = built(series, windows)
    assert result.metrics.num_rows == 5_500 * 365
    assert time.process_time() - began < 10  # aim at 3; a shared machine may be slow


# ready-made numbers

WEEKS = [date(2024, 1, 8) + timedelta(weeks=i) for i in range(12)]


def wide() -> dict:
    return {"week": WEEKS, "accuracy": ACCURACY, "precision": [0.9] * 12, "colour": ["red"] * 12}


@pytest.mark.parametrize("frame", [dict, pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
def test_a_wide_table_of_any_kind_is_judged_by_the_bands(frame):
    result = Result.from_metrics(frame(wide()), LINE)
    accuracy = result.metrics.filter(pa.compute.equal(result.metrics["metric"], "accuracy"))
    assert accuracy["verdict"].to_pylist() == ["ok"] * 8 + ["alarm"] * 4
    assert (
        result.metrics.filter(pa.compute.equal(result.metrics["metric"], "precision"))["verdict"].null_count
        == 12
    )
    assert result.sentence == "4 of 12 windows alarm: accuracy is below 88 % since 4 March 2024."
    assert any("colour" in note for note in result.notes)


def test_intervals_and_rows_beside_a_wide_column_are_used():
    table = {"date": WEEKS[:3], "accuracy": [0.9, 0.87, 0.85], "accuracy_low": [0.89, 0.86, 0.84],
             "accuracy_high": [0.91, 0.89, 0.86], "accuracy_count": [5000, 5000, 5000]}  # fmt: skip
    result = Result.from_metrics(table, LINE)
    assert result.metrics["verdict"].to_pylist() == ["ok", "unclear", "alarm"]
    assert "(95 % interval 84.0 to 86.0 %, 5,000 rows)" in result.alarms["sentence"][0].as_py()


def test_a_long_table_with_segments():
    table = {
        "timestamp": ["2024-01-01", "2024-01-02"] * 2,
        "metric": ["recall"] * 4,
        "segment_by": ["carrier"] * 4,
        "segment": ["UA", "UA", "AA", "AA"],
        "value": [0.9, 0.7, 0.6, None],
    }
    model = Model(segments=["carrier"], bands={"recall[carrier=UA]": Band(">= 0.8", judge="value")})
    result = Result.from_metrics(table, model)
    assert result.metrics["verdict"].to_pylist() == ["ok", "alarm", None, None]
    assert result.metrics["count"].to_pylist() == [None, None, None, 0]
    assert result.alarms["segment"].to_pylist() == ["UA"]


def test_a_columns_name_may_be_a_bands_key():
    table = {"day": WEEKS[:2], "missing_rate(visib)": [0.0, 0.3]}
    result = Result.from_metrics(table, Model(bands={"missing_rate(visib)": "<= 0.02"}))
    assert result.metrics["column"].to_pylist() == ["visib", "visib"]
    assert result.verdict == "alarm"


def test_windows_are_sorted_and_holes_are_no_data():
    table = {
        "date": [WEEKS[2], WEEKS[0], WEEKS[1]],
        "metric": ["accuracy", "accuracy", "f1"],
        "value": [0.9, 0.8, 0.7],
    }
    result = Result.from_metrics(table, LINE)
    accuracy = result.metrics.to_pylist()[:3]
    assert [r["value"] for r in accuracy] == [0.8, None, 0.9]
    assert [r["verdict"] for r in accuracy] == ["alarm", "no_data", "ok"]


def test_numbered_and_nameless_windows():
    result = Result.from_metrics({"week": [8, 9], "accuracy": [0.9, 0.8]}, LINE)
    assert result.sentence == "1 of 2 windows alarms: accuracy is below 88 % in week 9."
    result = Result.from_metrics({"accuracy": [0.9, 0.8]}, LINE)
    assert result.sentence == "1 of 2 windows alarms: accuracy is below 88 % in window 2."
    assert result.metrics["window_start"].null_count == 2


def test_times_without_a_zone_are_the_models():
    model = Model(timezone="America/New_York", bands={"accuracy": ">= 0.88"})
    result = Result.from_metrics({"date": ["2024-01-01", "2024-01-02"], "accuracy": [0.9, 0.9]}, model)
    assert result.metrics["window_start"][0].as_py() == datetime(2024, 1, 1, 5, tzinfo=UTC)
    zoned = {"timestamp": ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"], "accuracy": [0.9, 0.9]}
    assert Result.from_metrics(zoned, model).metrics["window_start"][0].as_py() == datetime(
        2024, 1, 1, tzinfo=UTC
    )


def test_pandas_may_have_the_time_as_its_index():
    frame = pd.DataFrame({"accuracy": ACCURACY}, index=pd.DatetimeIndex(WEEKS))
    assert Result.from_metrics(frame, LINE).metrics["window_start"].null_count == 0


def test_saved_metrics_keep_their_verdicts_without_a_model(tmp_path):
    result = two_days()
    again = Result.from_metrics(parquet.read_table(result.save(tmp_path / "m.parquet")))
    assert again.model.name == "weekly"
    assert again.metrics["verdict"].to_pylist() == result.metrics["verdict"].to_pylist()
    assert again.metrics["band_low"].to_pylist() == result.metrics["band_low"].to_pylist()
    assert again.verdict == "alarm"


def test_a_metric_that_only_the_user_knows_is_judged():
    table = {"date": WEEKS[:2], "metric": ["revenue"] * 2, "value": [100.0, 3.0]}
    assert Result.from_metrics(table, Model(bands={"revenue": ">= 50"})).verdict == "alarm"


@given(st.permutations(range(6)))
def test_the_order_of_a_long_tables_rows_does_not_matter(order):
    table = {
        "date": WEEKS[:3] * 2,
        "metric": ["accuracy"] * 3 + ["recall"] * 3,
        "value": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
    }
    shuffled = {name: [values[i] for i in order] for name, values in table.items()}
    rows = Result.from_metrics(shuffled, LINE).metrics.sort_by(
        [("metric", "ascending"), ("window_start", "ascending")]
    )
    assert rows.equals(Result.from_metrics(table, LINE).metrics)


def test_mistakes_are_named():
    with pytest.raises(ColumnError, match="no column of the table is a metric: found week, colour"):
        Result.from_metrics({"week": [1], "colour": ["red"]}, Model())
    with pytest.raises(ColumnError, match=r"two values of accuracy for one window \(8 January 2024\)"):
        Result.from_metrics({"date": [WEEKS[0]] * 2, "accuracy": [0.9, 0.8]}, LINE)
    with pytest.raises(ColumnError, match="'date' holds what is no time, such as 'soon'"):
        Result.from_metrics({"date": ["soon"], "accuracy": [0.9]}, LINE)
    with pytest.raises(ColumnError, match="'date' has no value in 1 rows"):
        Result.from_metrics({"date": [WEEKS[0], None], "accuracy": [0.9, 0.8]}, LINE)
    with pytest.raises(ModelError, match="acuracy"):
        Result.from_metrics({"date": WEEKS[:1], "accuracy": [0.9]}, Model(bands={"acuracy": ">= 0.88"}))
    with pytest.raises(ColumnError, match="metrics cannot be a int"):
        Result.from_metrics(7, LINE)
    with pytest.raises(ColumnError, match="'value' is not a number everywhere"):
        Result.from_metrics({"metric": ["accuracy"], "value": ["high"]}, LINE)


def test_an_interval_beside_two_metrics_belongs_to_neither():
    table = {"date": ["2024-01-01"], "accuracy": [0.91], "recall": [0.5], "low": [0.9], "high": [0.92]}
    result = Result.from_metrics(table, Model(bands={"recall": ">= 0.6"}))
    assert result.verdict == "alarm"
    assert any("low, high" in note for note in result.notes)
    alone = Result.from_metrics({k: v for k, v in table.items() if k != "recall"}, Model())
    assert alone.metrics["low"].to_pylist() == [0.9]


def test_the_budget_is_shown_and_sums_to_one():
    rng = np.random.default_rng(1)
    days = np.repeat(np.arange(45), 60)
    table = pa.table({
        "ts": (np.datetime64("2026-01-01", "us") + days.astype("timedelta64[D]")),
        "x": rng.normal(size=len(days)), "y": rng.normal(size=len(days)),
        "said": rng.integers(0, 2, len(days)), "was": rng.integers(0, 2, len(days)),
    })  # fmt: skip
    model = Model(
        timestamp="ts", task="binary", prediction="said", outcome="was", features=["x", "y"], reference="first 35d",
        importance={"x": 3, "y": 1}, budget={"performance": 0.8},
    )  # fmt: skip
    budget = check(table, model=model).budget
    assert sum(budget["weight"].to_pylist()) == pytest.approx(1)
    drift = {r["column"]: r["weight"] for r in budget.to_pylist() if r["metric"] == "jensen_shannon"}
    assert drift["x"] == pytest.approx(3 * drift["y"])
    heaviest = budget.to_pylist()[0]
    assert heaviest["metric"] == "accuracy"
    assert heaviest["needed"] == pytest.approx(1 / (0.75 * 0.01 * heaviest["weight"]))
    assert heaviest["evidence"] is not None
