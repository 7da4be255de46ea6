"""What charts read of a result: every number in its place, whatever the order of the rows."""

import numpy as np
import pyarrow as pa
import pytest

from tests.reports.synthetic import result
from watchkeeper.charts.choice import choose, labels_of
from watchkeeper.charts.lines import lines_of
from watchkeeper.charts.plot import spaced
from watchkeeper.errors import ModelError
from watchkeeper.result import METRICS, Result


@pytest.fixture(scope="module")
def flights() -> Result:
    return result(windows=40, features=("temp", "visib", "carrier"), segments=(("carrier", 4),))


def test_every_judgement_is_a_line(flights: Result) -> None:
    lines = lines_of(flights).lines
    assert len(lines) == len(flights.judgements)
    for line, judgement in zip(lines, flights.judgements, strict=True):
        s = judgement.series
        assert line.key == (s.metric.name, s.column, s.segment_by, s.segment)
        np.testing.assert_array_equal(line.value, s.estimate.value)
        np.testing.assert_array_equal(line.alarms, judgement.verdict == "alarm")


def test_shuffled_rows_give_the_same_lines(flights: Result) -> None:
    order = np.random.default_rng(1).permutation(flights.metrics.num_rows)
    shuffled = Result(flights.model, flights.metrics.take(pa.array(order)), flights.alarms, "alarm", "")
    expected = {line.key: line for line in lines_of(flights).lines}
    for line in lines_of(shuffled).lines:
        np.testing.assert_array_equal(line.value, expected[line.key].value)


def test_windows_are_the_wall_clock_of_the_model(flights: Result) -> None:
    starts = lines_of(flights).windows.starts
    assert starts is not None
    assert str(starts[0]) == "2013-04-01T00:00:00.000000"


def test_without_times_windows_are_numbered() -> None:
    lines = lines_of(result(windows=7, timed=False, features=("temp",), segments=()))
    assert lines.windows.starts is None
    assert lines.windows.milliseconds == [1, 2, 3, 4, 5, 6, 7]


def test_no_metrics_at_all(flights: Result) -> None:
    empty = Result(flights.model, METRICS.empty_table(), flights.alarms.slice(0, 0), "no_data", "")
    assert lines_of(empty).lines == ()


def test_edges_that_no_rate_can_reach_are_left_out() -> None:
    table = pa.table(
        {
            "date": ["2024-01-01", "2024-01-02"], "metric": ["accuracy"] * 2, "value": [0.9, 0.8],
            "low": [0.8, 0.7], "high": [0.95, 0.9],
        }
    )  # fmt: skip
    made = Result.from_metrics(table)
    metrics = made.metrics.set_column(
        METRICS.get_field_index("band_low"), "band_low", pa.array([-0.3, -0.3], pa.float64())
    )
    line = lines_of(Result(made.model, metrics, made.alarms, "ok", "", judgements=made.judgements)).lines[0]
    assert np.isnan(line.band_low).all()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acuracy", "did you mean 'accuracy'"),
        ("missing_rate(tmp)", "missing_rate\\(temp\\)"),
        ("recall[carrier=XX]", "is not in this result"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(flights: Result, name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        choose(flights, [name])


def test_unknown_segmentation_names_the_valid_ones(flights: Result) -> None:
    with pytest.raises(ModelError, match="valid are carrier"):
        choose(flights, ["accuracy"], segment_by="origin")


def test_single_series_by_the_name_of_their_band(flights: Result) -> None:
    chosen = choose(flights, ["missing_rate(visib)", "recall[carrier=C01]"]).lines
    assert [line.name for line in chosen] == ["missing_rate(visib)", "recall[carrier=C01]"]


def test_labels_say_what_differs(flights: Result) -> None:
    assert labels_of(choose(flights, ["accuracy", "recall"]).lines) == ["Accuracy", "Recall"]
    assert labels_of(choose(flights, ["accuracy"], "carrier").lines) == ["C00", "C01", "C02", "other"]
    assert labels_of(choose(flights, ["missing_rate"]).lines) == ["temp", "visib", "carrier"]


def test_labels_are_moved_apart_in_their_order() -> None:
    placed = spaced([0.9, 0.1, 0.11, 0.12], 0.1)
    assert np.argsort(placed).tolist() == [1, 2, 3, 0]
    assert np.diff(np.sort(placed)).min() >= 0.1 - 1e-12
