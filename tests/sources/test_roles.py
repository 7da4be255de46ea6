"""Roles: which columns serve, which are missing, and what the kernel is given."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import watchkeeper as wk
from watchkeeper.errors import ColumnError, ModelError
from watchkeeper.model import Bins, Model, Where
from watchkeeper.rows import Chunk
from watchkeeper.sources import open_rows, split
from watchkeeper.sources.kinds import Kind

BINARY = Model(task="binary", timestamp="ts", score="score", outcome="y", id="id", weight="w", version="v")
DATA: dict[str, list[Any]] = {
    "ts": ["2026-01-31", "2026-02-01"], "score": [0.2, 0.7], "y": [0, 1], "id": ["a", "b"], "w": [1, 2], "v": [1, 2],
    "x": [1.5, 2.5], "carrier": ["UA", "AA"],
}  # fmt: skip
KINDS: dict[str, Kind] = {"x": "number", "carrier": "category", "score": "number", "y": "number"}


def chunk_of(data: Any, model: Model, **options: Any) -> Chunk:
    (chunk,) = open_rows(data, model, "current", **options).chunks()
    return chunk


def without(*columns: str) -> dict[str, list[Any]]:
    return {name: values for name, values in DATA.items() if name not in columns}


def test_every_role_in_its_type() -> None:
    types = {f.name: str(f.type) for f in chunk_of(DATA, BINARY).batch.schema}
    category = "dictionary<values=string, indices=int32, ordered=0>"
    assert types == {
        "ts": "timestamp[us, tz=UTC]", "score": "double", "y": "double", "id": "string", "w": "double", "v": category,
        "x": "double", "carrier": category,
    }  # fmt: skip


@pytest.mark.parametrize("column", ["ts", "score", "y", "id", "w", "v"])
def test_a_missing_role_is_named(column: str) -> None:
    said = f"column {column!r} is not in the current frame.*the model names it as its {BINARY.roles[column]}"
    with pytest.raises(ColumnError, match=said):
        open_rows(without(column), BINARY, "current")


def test_the_nearest_column_is_suggested() -> None:
    with pytest.raises(ColumnError, match="column 'scor' is not in the current frame; did you mean 'score'"):
        open_rows(DATA, Model(score="scor", task="binary"), "current")
    with pytest.raises(ColumnError, match="it has ts, score, y, id, w, v, x, carrier"):
        open_rows(DATA, Model(id="zzzzzz"), "current")


def test_a_missing_feature_of_the_reference_is_an_error_of_the_current_a_break() -> None:
    model = Model(features=["x", "gone"])
    with pytest.raises(ColumnError, match="column 'gone' is not in the current frame"):
        open_rows(DATA, model, "current")
    rows = open_rows(DATA, model, "current", kinds={"x": "number", "gone": "number"})
    assert rows.absent == ("gone",)
    assert next(iter(rows.chunks())).batch.schema.names == ["x"]


def test_features_by_the_plan() -> None:
    rows = open_rows({**without("x"), "fresh": [1, 2]}, BINARY, kinds=KINDS)
    assert rows.absent == ("x",)
    assert rows.added == ("fresh",)
    assert "fresh" not in next(iter(rows.chunks())).batch.schema.names


def test_a_wholly_absent_outcome_is_no_error() -> None:
    assert open_rows(without("y"), BINARY, kinds=KINDS).absent == ("y",)


def test_an_optional_reference() -> None:
    rows = open_rows(without("y", "score", "id"), BINARY, optional=True)
    assert set(rows.absent) == {"y", "score", "id"}
    timeless = open_rows(without("ts"), BINARY, optional=True)
    assert timeless.absent == ("ts",)
    assert timeless.notes == ("the frame has no column 'ts': it is taken as one window.",)


def test_a_segments_column_that_is_gone_is_missing_everywhere() -> None:
    model = Model(segments=["carrier", Bins("x", [2])])
    with pytest.raises(ColumnError, match="'carrier'"):
        open_rows(without("carrier"), model)
    rows = open_rows(without("carrier", "x"), model, kinds=KINDS)
    assert rows.absent == ("x", "carrier")
    (chunk,) = rows.chunks()
    assert chunk.batch.column("carrier").null_count == chunk.batch.column("x").null_count == 2


def test_bins_make_numbers() -> None:
    chunk = chunk_of({"age": ["10", "50"]}, Model(segments=[Bins("age", [40])]))
    assert chunk.batch.to_pylist() == [{"age": 10.0}, {"age": 50.0}]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_labels_keep_their_family(task: Any) -> None:
    model = Model(task=task, outcome="y", prediction="p")
    chunk = chunk_of({"y": [True, False, None], "p": ["yes", None, "no"]}, model)
    assert chunk.batch.column("y").to_pylist() == [1.0, 0.0, None]
    assert chunk.batch.column("p").to_pylist() == ["yes", None, "no"]


def test_labels_of_a_csv(tmp_path: Any) -> None:
    (tmp_path / "c.csv").write_text("y,p\nTrue,- 50000.\nFalse, 50000+.\n")
    chunk = chunk_of(tmp_path / "c.csv", Model(task="binary", outcome="y", prediction="p"))
    assert chunk.batch.column("y").to_pylist() == [1.0, 0.0]
    assert chunk.batch.column("p").to_pylist() == ["- 50000.", " 50000+."]
    chunk = chunk_of(tmp_path / "c.csv", Model(task="binary", outcome="y", positive="True"))
    assert chunk.batch.column("y").to_pylist() == ["True", "False"]
    (tmp_path / "n.csv").write_text("y\n1\n0\n")
    chunk = chunk_of(tmp_path / "n.csv", Model(task="binary", outcome="y", positive="1"))
    assert chunk.batch.column("y").to_pylist() == ["1", "0"]


def test_the_kinds_of_a_plan_do_not_change_labels(tmp_path: Any) -> None:
    (tmp_path / "c.csv").write_text("y,x\n1,a\n0,b\n")
    model = Model(task="binary", outcome="y")
    chunk = chunk_of(tmp_path / "c.csv", model, kinds={"y": "category", "x": "category"})
    assert chunk.batch.column("y").to_pylist() == [1.0, 0.0]


def test_codes_keep_their_spelling_where_the_plan_has_categories(tmp_path: Any) -> None:
    (tmp_path / "c.csv").write_text("code,n\n10001,1\n20002,2\n")
    (tmp_path / "c.jsonl").write_text('{"code": 10001, "n": 1}\n{"code": 20002, "n": 2}\n')
    for path in (tmp_path / "c.csv", tmp_path / "c.jsonl"):
        chunk = chunk_of(path, Model(), kinds={"code": "category", "n": "number"})
        assert chunk.batch.to_pylist() == [{"code": "10001", "n": 1.0}, {"code": "20002", "n": 2.0}]


def test_regression_makes_numbers_of_text() -> None:
    chunk = chunk_of({"y": ["1.5", "lost"]}, Model(task="regression", outcome="y"))
    assert chunk.batch.column("y").to_pylist() == [1.5, None]
    assert chunk.aside.counts == {"column 'y' should hold numbers": 1}


@pytest.mark.parametrize(("column", "message"), [
    ("ts", "cannot be the timestamp; dates, times as text, or Unix seconds are needed"),
    ("score", "cannot be the score; one number a row"), ("y", "cannot be the outcome"), ("w", "cannot be the weight"),
])  # fmt: skip
def test_types_that_cannot_serve(column: str, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        open_rows({**DATA, column: [[1], [2]]}, BINARY)


def test_retyped_numbers_are_marked_and_told() -> None:
    rows = open_rows({"x": ["1.5", "high"]}, Model(), "current", kinds={"x": "number"})
    (chunk,) = rows.chunks()
    assert chunk.batch.to_pylist() == [{"x": 1.5, "misfit:x": False}, {"x": None, "misfit:x": True}]
    assert rows.notes == ("'x' of the current frame is text; in the reference it was a number.",)


@pytest.mark.parametrize(("values", "kind", "expected"), [
    ([1, 2], "category", ["1", "2"]), ([1.0, 2.5], "category", ["1", "2.5"]), ([True, None], "number", [1.0, None]),
    ([[1], None], "number", [None, None]),
])  # fmt: skip
def test_retyped(values: list[Any], kind: Kind, expected: list[Any]) -> None:
    assert chunk_of({"x": values}, Model(), kinds={"x": kind}).batch.column("x").to_pylist() == expected


def test_weights_that_weigh_nothing_set_their_rows_aside() -> None:
    data = {"w": [1.0, -1.0, float("nan"), float("inf"), None, 2.0], "x": range(6)}
    chunk = chunk_of(pa.table(data), Model(weight="w"))
    assert chunk.batch.column("x").to_pylist() == [0.0, 5.0]
    assert chunk.aside.counts == {"weight missing": 1, "weight negative, or more than 1e100": 3}


def test_keep_time() -> None:
    data = {"ts": ["x"], "x": [1]}
    assert chunk_of(data, Model(timestamp="ts"), keep_time=False).batch.schema.names == ["x"]


def test_chunks_of_some_columns() -> None:
    rows = open_rows(DATA, BINARY)
    assert {n for c in rows.chunks(["x"]) for n in c.batch.schema.names} == {"x", "w"}


def test_dates_that_do_not_tell_their_order_are_noted() -> None:
    rows = open_rows({"ts": ["03/04/2026"], "x": [1]}, Model(timestamp="ts"), "current")
    assert "does not tell whether day or month is first" in rows.notes[0]
    rows = open_rows({"ts": ["03/04/2026", "31/01/2026"], "x": [1, 2]}, Model(timestamp="ts"), "current")
    (chunk,) = rows.chunks()
    assert rows.notes == ()
    assert [t.month for t in chunk.batch.column("ts").to_pylist()] == [4, 1]


# expressions


def values_of(model: Model, data: Any, name: str) -> list[Any]:
    found: list[Any] = chunk_of(data, model).batch.column(name).to_pylist()
    return found


def test_conditions_and_kpis() -> None:
    model = Model(segments=[Where("gold", "plan = 'gold'")], kpis={"net": "sum(price * (1 - rebate))"})
    data = {"plan": ["gold", "tin", None], "price": [10, 20, None], "rebate": [0.5, 0, 0]}
    assert values_of(model, data, "where:gold") == [True, False, None]
    assert values_of(model, data, "kpi:net") == [5.0, 20.0, None]


def test_sql_sees_times_and_numbers_as_such_where_they_came_as_text() -> None:
    model = Model(
        timestamp="ts",
        timezone="America/New_York",
        segments=[Where("sunday", "dayofweek(ts) = 0")],
        kpis={"p": "sum(price)"},
    )
    data = {
        "ts": ["2026-02-01T04:00:00Z", "2026-02-01T06:00:00Z"] * 50,
        "price": ["2"] * 98 + ["2.5", "none known"],
    }
    assert values_of(model, data, "where:sunday")[:2] == [False, True]
    assert values_of(model, data, "kpi:p")[-3:] == [2.0, 2.5, None]


def test_sql_reads_any_case_and_quoted_names() -> None:
    model = Model(kpis={"k": 'sum(PRICE + "net; price")'})
    assert values_of(model, {"price": [1], "net; price": [2]}, "kpi:k") == [3.0]


@pytest.mark.parametrize(("sql", "reason"), [
    ("prise * 2", "there is no column 'prise'; did you mean 'price'?"), ("price +", "Parser Error"),
    ("nosuch(price)", "Catalog Error"), ("sum(price)", "it aggregates rows"), ("(select 1)", "from each row by itself"),
    ("row_number() over ()", "from each row by itself"), ("read_text('/etc/passwd')", "Error"),
])  # fmt: skip
def test_sql_that_cannot_be_computed(sql: str, reason: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_rows({"price": [1]}, Model(kpis={"k": f"sum({sql})"}), "current")
    assert str(caught.value).startswith("kpis: 'k': ")
    assert reason in str(caught.value)
    assert "the columns are price" in str(caught.value)


def test_sql_cannot_reach_beyond_the_row(tmp_path: Any) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (f"1) FROM '{secret}' --", f"(select a from '{secret}')", "1; DROP TABLE x"):
        with pytest.raises(ModelError):
            open_rows({"price": [1]}, Model(segments=[Where("w", sql)]))


def test_sql_that_fails_on_some_row_is_told() -> None:
    rows = open_rows({"s": ["1", "x"]}, Model(kpis={"k": "sum(s::INTEGER)"}))
    with pytest.raises(ModelError, match=r"kpis: 'k': 's::INTEGER' cannot be computed: Conversion Error"):
        list(rows.chunks())


# rows as a whole


def test_preparation_can_be_pickled() -> None:
    model = Model(timestamp="ts", segments=[Where("w", "x > 1")])
    preparation = open_rows(DATA, model).layout.preparation  # type: ignore[attr-defined]
    batch = pa.RecordBatch.from_pydict(DATA)
    again = pickle.loads(pickle.dumps(preparation))
    assert again(batch)[0].to_pylist() == preparation(batch)[0].to_pylist()


def test_on_rows_tells_how_far_it_is() -> None:
    done: list[int] = []
    rows = open_rows(pd.DataFrame({"x": range(300_000)}), Model())
    rows.on_rows = done.append
    assert sum(c.batch.num_rows for c in rows.chunks()) == 300_000
    assert done == [131_072, 262_144, 300_000]
    assert rows.count == 300_000


def test_split() -> None:
    rows = open_rows(pd.DataFrame({"x": range(300_000)}), Model())
    first, rest = split(rows, 140_000)
    head, tail = (
        [v for c in part.chunks() for v in c.batch.column("x").to_pylist()] for part in (first, rest)
    )
    assert head == list(range(140_000))
    assert tail == list(range(140_000, 300_000))
    assert (first.count, rest.count) == (140_000, 160_000)
    assert next(iter(rest.chunks())).offset == 140_000
    assert split(rows, 400_000)[1].count == 0


def test_offsets_count_the_rows_that_are_kept() -> None:
    frame = pd.DataFrame({"w": [-1.0] * 10 + [1.0] * 200_000})
    chunks = list(open_rows(frame, Model(weight="w")).chunks())
    assert [c.offset for c in chunks] == [0, 131_062]


def test_true_and_false_of_a_csv_are_guessed_as_flags(tmp_path: Path) -> None:
    """One tool writes True, the other 1: classes compare by value."""
    path = tmp_path / "log.csv"
    path.write_text("prediction,actual\n" + "1,True\n0,False\n1,False\n0,False\n" * 50)
    model = Model.infer(path)
    assert (model.outcome, model.positive) == ("actual", 1)
    result = wk.check(path, model=model)
    accuracy = [row for row in result.metrics.to_pylist() if row["metric"] == "accuracy"]
    assert accuracy[0]["value"] == 0.75
