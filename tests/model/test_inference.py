"""What is guessed, column by column."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from watchkeeper.errors import ColumnError
from watchkeeper.model import Inference, Model, infer, infer_table

ROWS = 2_000


def random() -> np.random.Generator:
    return np.random.default_rng(7)


def times(days: float = 30, rows: int = ROWS, start: str = "2024-01-01") -> np.ndarray:
    steps = np.linspace(0, days * 86_400_000_000, rows).astype("timedelta64[us]")
    return np.datetime64(start, "us") + steps


def logged(**columns: Any) -> pa.Table:
    """A binary log: timestamp, probability, what happened; and further columns."""
    score, chance = random().random((2, ROWS))
    actual = (chance < score).astype(int)
    return pa.table({"timestamp": times(), "prediction": score, "actual": actual, **columns})


def guessed(**columns: Any) -> Inference:
    return infer_table(pa.table(columns))


# timestamp and window


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pa.array(times()), "timestamps, 2024-01-01 to 2024-01-31"),
        (pa.array(times().astype("datetime64[D]")), "dates"),
        ([str(t) for t in times()], "ISO text"),
        ([f"{t}Z" for t in times().astype("datetime64[s]")], "ISO text with zone"),
        (times().astype("datetime64[s]").astype(int), "Unix seconds"),
        (times().astype("datetime64[ms]").astype(float), "Unix milliseconds"),
    ],
    ids=["timestamp", "date", "text", "text-zone", "seconds", "milliseconds"],
)
def test_timestamps(column: Any, reason: str) -> None:
    inference = guessed(x=np.arange(ROWS) % 7, when=np.arange(ROWS) * 1.5, event_time=column)
    assert inference.model.timestamp == "event_time"
    assert inference.reasons["timestamp"].startswith(reason)


def test_numbers_are_times_only_by_name() -> None:
    seconds = times().astype("datetime64[s]").astype(int)
    assert guessed(population=seconds).model.timestamp is None
    assert guessed(timestamp=np.arange(ROWS)).model.timestamp is None


def test_of_several_times_the_event_and_not_the_birthday() -> None:
    inference = guessed(date_of_birth=times(9000), updated_at=times(), ts=times(), expires=times())
    assert inference.model.timestamp == "ts"
    assert set(inference.excluded) == {"date_of_birth", "updated_at", "expires"}


def test_the_zone_of_the_column() -> None:
    column = pa.array(times(), pa.timestamp("us")).cast(pa.timestamp("us", "America/New_York"))
    assert guessed(ts=column).model.timezone == "America/New_York"
    assert guessed(ts=pa.array(times(), pa.timestamp("us", "UTC"))).model.timezone == "UTC"


def test_no_timestamp() -> None:
    inference = guessed(year=[2013, 2014] * 10, x=np.arange(20.0))
    assert (inference.model.timestamp, inference.model.window) == (None, None)
    assert "'year' alone is too coarse" in inference.reasons["timestamp"]


@pytest.mark.parametrize(
    ("rows", "days", "window"),
    [
        (20_000, 1, "1h"),
        (20_000, 8, "6h"),
        (20_000, 30, "1d"),
        (20_000, 200, "1w"),
        (20_000, 1200, "1mo"),
        (300, 900, "1mo"),
    ],
)
def test_windows_hold_enough_rows(rows: int, days: float, window: str) -> None:
    inference = guessed(ts=times(days, rows))
    assert inference.model.window == window
    assert "rows each" in inference.reasons["window"]


def test_dates_have_no_windows_of_hours() -> None:
    assert guessed(day=np.repeat(times(10, 11).astype("datetime64[D]"), 5_000)).model.window == "1d"


def test_gaps_do_not_count() -> None:
    two = np.concatenate([times(5, 5_000), times(5, 5_000, start="2024-11-01")])
    assert guessed(ts=two).model.window == "1d"


def test_the_first_rows_of_an_unsorted_file_say_nothing_of_its_rate() -> None:
    shuffled = random().permutation(times(3_000, 50_000))
    inference = guessed(ts=shuffled)
    assert inference.model.window == "1d"
    assert "not in the order of time" in inference.reasons["window"]


# prediction, score, outcome, task


def test_a_prediction_in_0_1_beside_a_binary_outcome_is_a_score() -> None:
    inference = infer_table(logged())
    model = inference.model
    assert (model.task, model.score, model.prediction, model.outcome) == (
        "binary",
        "prediction",
        None,
        "actual",
    )
    assert (model.positive, model.threshold) == (1, 0.5)
    assert "called 'prediction', but its values lie between" in inference.reasons["score"]


def test_a_label_and_a_score() -> None:
    score = random().random(ROWS)
    model = guessed(y_pred=(score > 0.5).astype(int), y_pred_proba=score, y_true=np.arange(ROWS) % 2).model
    assert (model.prediction, model.score, model.outcome, model.threshold) == (
        "y_pred",
        "y_pred_proba",
        "y_true",
        None,
    )


def test_what_a_prediction_is_about() -> None:
    value = random().normal(size=ROWS)
    model = guessed(size=value * 3, price=value + 9, predicted_price=value + 9.1).model
    assert (model.task, model.prediction, model.outcome) == ("regression", "predicted_price", "price")
    late = guessed(late=np.arange(ROWS) % 2, late_probability=random().random(ROWS)).model
    assert (late.outcome, late.score) == ("late", "late_probability")


def test_scores_of_classes() -> None:
    p = random().dirichlet([1, 1, 1], ROWS)
    names = np.array(["low", "Mid", "high"])
    columns = {f"proba_{n}": p[:, i] for i, n in enumerate(("low", "mid", "high"))}
    model = guessed(y_pred=names[p.argmax(1)], y_true=random().choice(names, ROWS), **columns).model
    assert model.task == "multiclass"
    assert model.score == {"low": "proba_low", "Mid": "proba_mid", "high": "proba_high"}
    unlabelled = guessed(**{f"{i}_prob": p[:, i] for i in range(3)}).model
    assert unlabelled.score == {0: "0_prob", 1: "1_prob", 2: "2_prob"}


def test_a_number_beside_a_score_is_no_outcome() -> None:
    score, y = random().random(ROWS), random().normal(size=ROWS)
    for columns in ({"score": score}, {"score": score, "prediction": score > 0.5}):
        model = guessed(x=y, y=y, delayed=(score > 0.4).astype(int), **columns).model
        assert (model.task, model.score, model.outcome) == ("binary", "score", "delayed")
    assert infer_table(pa.table({"y": y, "score": score}), given={"score": "score"}).model.outcome is None


def test_a_confidence_beside_an_amount_is_no_score() -> None:
    amount = random().normal(size=ROWS)
    model = guessed(prediction=amount, score=random().random(ROWS)).model
    assert (model.task, model.prediction, model.score) == ("regression", "prediction", None)


def test_inputs_are_features_whatever_they_are_called() -> None:
    names = ("timestamp", "prediction", "y", "score", "id", "model_version", "sample_weight")
    numbers = random().random((len(names), ROWS))
    table = pa.table({**dict(zip(names, numbers, strict=True)), "says": numbers[0] > 0.5})
    model = infer_table(table, given={"prediction": "says"}, inputs=names).model
    assert model.roles == {"says": "prediction"}
    assert model.features is None


def test_columns_that_do_not_add_up_are_no_scores_of_classes() -> None:
    inference = guessed(
        p_a=random().random(ROWS),
        p_b=random().random(ROWS),
        p_c=random().random(ROWS),
        target=["a", "b", "c", "c"] * 500,
    )
    assert inference.model.score is None


def test_two_scores_of_a_binary_model() -> None:
    p = random().random(ROWS)
    inference = guessed(proba_0=1 - p, proba_1=p, actual=np.arange(ROWS) % 2)
    assert (inference.model.task, inference.model.score) == ("binary", "proba_1")
    assert inference.excluded["proba_0"] == "one minus the score"


@pytest.mark.parametrize(
    ("outcome", "task"),
    [
        ([0, 1] * 50, "binary"),
        ([True, False] * 50, "binary"),
        (["- 50000.", "50000+."] * 50, "binary"),
        ([0] * 100, "binary"),
        (["a", "b", "c", None] * 25, "multiclass"),
        ([0, 1, 2, 3] * 25, "multiclass"),
        ([float("nan"), 1.5, 2.25, 3.5] * 25, "regression"),
        (np.arange(100) ** 2, "regression"),
        (["same"] * 100, None),
        ([None] * 100, None),
    ],
)
def test_tasks(outcome: Any, task: str | None) -> None:
    inference = guessed(x=np.arange(100) % 9, target=outcome)
    assert inference.model.task == task
    assert inference.model.outcome == "target"
    assert inference.reasons["task"]


def test_numbers_that_are_predicted_by_fractions_are_amounts() -> None:
    assert guessed(prediction=np.arange(100) / 7, target=[0, 1, 2, 3] * 25).model.task == "regression"


def test_numbers_that_are_neither_label_nor_probability() -> None:
    inference = guessed(prediction=random().normal(size=100), actual=[0, 1] * 50)
    assert (inference.model.prediction, inference.model.score) == (None, None)
    assert "neither a label nor a probability" in inference.warnings[0]


def test_labels_that_never_agree() -> None:
    inference = guessed(prediction=[0, 1] * 50, actual=["no", "yes"] * 50)
    assert any("they never agree" in w for w in inference.warnings)


def test_features_alone() -> None:
    inference = guessed(a=random().normal(size=50), b=["x", "y"] * 25)
    assert inference.model == Model(window=None)
    assert "no column is a prediction" in inference.reasons["task"]


# other roles


def test_id_subject_version_weight() -> None:
    inference = infer_table(
        logged(
            request_id=[f"r{i}" for i in range(ROWS)],
            customer_id=np.arange(ROWS) % 90,
            model_version=["v1", "v2"] * (ROWS // 2),
            sample_weight=random().random(ROWS),
        )
    )
    model = inference.model
    assert (model.id, model.subject, model.version, model.weight) == (
        "request_id", "customer_id", "model_version", "sample_weight"
    )  # fmt: skip


def test_a_weight_may_be_a_body_s() -> None:
    inference = guessed(weight=[70.0, 80.5] * 50)
    assert inference.model.weight is None
    assert inference.suggestions["weight"] == "weight"


def test_columns_that_are_no_features() -> None:
    inference = infer_table(
        logged(
            same=["x"] * ROWS,
            note=[f"text {i}" for i in range(ROWS)],
            empty=pa.nulls(ROWS),
            tags=pa.array([["a"]] * ROWS),
            split=["train", "test"] * (ROWS // 2),
            month=np.arange(ROWS) % 12,
            age=np.arange(ROWS) % 70,
        )
    )
    assert inference.model.features == ("age",)
    assert set(inference.excluded) == {"same", "note", "empty", "tags", "split", "month"}
    assert "always the same here: x" in inference.excluded["same"]


# advice


def test_rare_positives() -> None:
    actual = (np.arange(ROWS) % 50 == 0).astype(int)
    inference = guessed(actual=actual, score=np.linspace(0, 1, ROWS))
    assert inference.reasons["metrics"] == (
        "2 % positive: accuracy says little, watching recall and average precision; always saying no would give 0.98"
    )


def test_a_suggested_band_is_what_holds_here() -> None:
    inference = guessed(prediction=[1, 0, 1, 0] * 25, actual=[1, 0, 1, 1] * 25)
    assert inference.suggestions["bands"] == {"accuracy": ">= 0.7"}
    assert "0.750" in inference.reasons["bands"]
    errors = guessed(prediction=np.arange(100) + 0.5, actual=np.arange(100.0) * 1.0)
    assert errors.suggestions["bands"] == {"mean_absolute_error": "<= 0.6"}


def test_people_come_first_among_segments() -> None:
    inference = infer_table(logged(colour=["r", "g"] * 1000, sex=["f", "m"] * 1000, age=np.arange(ROWS) % 70))
    suggested = inference.suggestions["segments"]
    assert [s if isinstance(s, str) else s.by for s in suggested] == ["sex", "age", "colour"]  # type: ignore[attr-defined]


def test_leaks() -> None:
    table = logged()
    actual = table.column("actual").to_numpy()
    inference = infer_table(
        logged(
            copy=actual * 2.0 + random().random(ROWS),
            word=np.where(actual == 1, "cancelled", "flown"),
            gone=pa.array(np.arange(ROWS) * 1.0, mask=actual == 1),
            fair=actual + random().normal(size=ROWS),
        )
    )
    named = " ".join(inference.warnings)
    assert all(f"'{c}'" in named for c in ("copy", "word", "gone"))
    assert "'fair'" not in named
    regression = guessed(y=np.arange(500.0), cents=np.arange(500.0) * 100, x=random().random(500))
    assert "'cents' and 'y' correlate by 1.0000" in regression.warnings[0]


# given keys


def test_given_keys_stay_and_others_build_on_them() -> None:
    table = logged(churned=[0, 1] * (ROWS // 2), m=random().random(ROWS)).rename_columns(
        ["t", "a", "b", "churned", "m"]
    )
    inference = infer_table(
        table, given={"prediction": "a", "outcome": "b", "window": "6h", "threshold": 0.4}
    )
    model = inference.model
    assert (model.task, model.score, model.prediction, model.outcome) == ("binary", "a", None, "b")
    assert (model.window, model.threshold, model.timestamp) == ("6h", 0.4, "t")
    with pytest.raises(ColumnError, match=r"outcome: there is no column 'chured'; did you mean 'churned'\?"):
        infer_table(table, given={"outcome": "chured"})


# files, and what comes out


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "late flights.csv"
    pyarrow.csv.write_csv(logged(), path)
    inference = infer(path)
    assert inference.model.name == "late flights"
    assert (inference.model.score, inference.model.outcome) == ("prediction", "actual")
    assert inference.model.timestamp == "timestamp"
    assert "late flights.csv" in inference.source
    assert Model.infer(path) == inference.model
    assert infer(str(path), "other").model.name == "other"


def test_frames() -> None:
    import pandas as pd
    import polars as pl

    expected = infer(logged()).model
    assert infer(pl.from_arrow(logged())).model == expected
    assert infer(pd.DataFrame(logged().to_pandas())).model == expected
    assert expected.name == "model"


ODD = {
    "nothing": pa.table({}),
    "no rows": pa.table({"prediction": pa.array([], pa.float64()), "ts": pa.array([], pa.timestamp("us"))}),
    "one row": pa.table({"ts": [datetime(2024, 1, 1)], "prediction": [0.5], "actual": [1]}),
    "all missing": pa.table(
        {"ts": pa.nulls(9), "prediction": pa.nulls(9, pa.float64()), "actual": pa.nulls(9, pa.int64())}
    ),
    "infinite": pa.table(
        {"prediction": [np.inf, -np.inf, np.nan, 1e308], "actual": [1e308, -1e308, 0.5, np.inf]}
    ),
    "huge": pa.table({"prediction": [1.1e308, 1.2e308, 1.3e308], "actual": [-1e308, -1.1e308, 1e308]}),
    "odd names": pa.table(
        {"a b": [1, 2], "": [1, 2], '"; DROP': [1, 2], "😀": [1, 2], "x: y #": ["no", "yes"]}
    ),
    "types": pa.table({"d": [date(2024, 1, 1)] * 2, "b": [b"x", b"y"], "l": [[1], [2]], "s": [{"a": 1}] * 2}),
    "dictionary": pa.table(
        {"actual": pa.array(["a", None, "b"]).dictionary_encode(), "y_pred": ["a", "b", "a"]}
    ),
    "wide": pa.table({f"c{i}": [1.0, 2.0, 3.0] for i in range(1_000)}),
    "multiclass with one score": pa.table(
        {"target": ["a", "b", "c"] * 9, "probability": np.linspace(0, 0.9, 27)}
    ),
}


@pytest.mark.parametrize("table", [logged(), *ODD.values()], ids=["usual", *ODD])
def test_the_file_is_the_model_it_comments(table: pa.Table, tmp_path: Path) -> None:
    inference = infer_table(table, "odd")
    path = tmp_path / "odd.yaml"
    path.write_text(inference.to_yaml(), encoding="utf-8")
    assert Model.load(path) == inference.model
    assert inference.summary


def test_every_suggestion_can_be_used(tmp_path: Path) -> None:
    table = logged(sex=["f", "m"] * 1000, age=np.arange(ROWS) % 70, weight=random().random(ROWS))
    inference = infer_table(table, "m")
    path = tmp_path / "m.yaml"
    lines = inference.to_yaml().splitlines()
    begins = tuple(f"# {key}:" for key in inference.suggestions)
    used = [line[2:] if line.startswith(begins) or line.startswith("#   - ") else line for line in lines]
    path.write_text("\n".join(used), encoding="utf-8")
    model = Model.load(path)
    assert {"features", "segments", "bands", "costs", "expected", "reference"} <= set(model.to_dict())


def test_the_file_reads_like_this() -> None:
    text = guessed(y=[0, 1, 1, 0] * 100, y_pred=[0, 1, 1, 1] * 100, sex=["f", "m"] * 200).to_yaml()
    assert text.endswith(
        """\
name: model

# 'y' is 0 or 1
task: binary

# no column holds timestamps
# timestamp: COLUMN

# its name says so
prediction: y_pred

# what 'y_pred' predicts
outcome: 'y'

# 1 of 0, 1: the usual code of the event
positive: 1

# without this key every column without a role is one
# features: [sex]

# for whom, or where, may it be wrong?
# segments: [sex]

# no timestamp: all rows together; '1000 rows' would go by their order
window: null

# 50 % positive: watching accuracy, precision and recall; always saying yes would give 0.50
# where a metric must stay; here it is 0.750
# bands: {accuracy: '>= 0.7'}

# what a wrong answer costs
# costs: {false_negative: 10, false_positive: 1}

# the share of positives that you count on
# expected: {positive_rate: 0.5}
"""
    )


@pytest.mark.parametrize(
    ("first", "order"),
    [("31.01.2026 08:30", "day first"), ("31/01/2026", "day first"), ("01/31/2026 8:30 PM", "month first")],
)
def test_dates_as_spreadsheets_write_them(first: str, order: str) -> None:
    inference = guessed(when=[first, first.replace("31", "30")] * (ROWS // 2), x=np.arange(ROWS) % 7)
    assert inference.model.timestamp == "when"
    assert inference.reasons["timestamp"].startswith(f"dates as text, {order}")


def test_percentages_are_no_score_and_it_says_so() -> None:
    inference = guessed(score=np.linspace(0.5, 99, ROWS), churned=[0, 1] * (ROWS // 2))
    assert inference.model.score is None
    assert any("divide them by 100" in warning for warning in inference.warnings)


def test_the_index_of_a_frame_is_no_feature() -> None:
    inference = guessed(x=np.arange(ROWS) % 7, __index_level_0__=np.arange(ROWS))
    assert inference.excluded == {"__index_level_0__": "the index of a pandas frame"}
