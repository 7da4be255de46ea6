"""Frames: the odd corners of each library."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from watchkeeper.errors import SourceError
from watchkeeper.model import Model
from watchkeeper.sources import open_rows

MODEL = Model()


def rows_of(data: Any, model: Model = MODEL) -> list[dict[str, Any]]:
    return [row for chunk in open_rows(data, model, "current").chunks() for row in chunk.batch.to_pylist()]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1.5, np.nan]), pd.Series([1.5, None], dtype="Float64"),
        pd.Series([1.5, None], dtype="double[pyarrow]"), pd.Series([1.5, None], dtype=object),
        pd.Series([Decimal("1.5"), None]), pd.Series(["1.5", None]).astype("Float32"),
    ],
    ids=lambda s: str(s.dtype),
)  # fmt: skip
def test_missing_in_pandas_is_null(values: pd.Series) -> None:
    assert rows_of(pd.DataFrame({"x": values})) == [{"x": 1.5}, {"x": None}]


@pytest.mark.parametrize("dtype", ["str", "string", "object", "category", "string[pyarrow]"])
def test_text_in_pandas(dtype: str) -> None:
    assert rows_of(pd.DataFrame({"x": pd.Series(["a", None, "b"], dtype=dtype)})) == [
        {"x": "a"},
        {"x": None},
        {"x": "b"},
    ]


def test_mixed_objects_are_text_and_numbers_in_it_keep_one_spelling() -> None:
    frame = pd.DataFrame({"x": [1, 2.0, "a", None, True, pd.NA, float("nan")]}, dtype=object)
    assert [r["x"] for r in rows_of(frame)] == ["1", "2", "a", None, "true", None, None]


def test_mostly_numbers_among_objects_are_numbers() -> None:
    frame = pd.DataFrame({"x": [*range(99), "oops"]}, dtype=object)
    chunk = next(iter(open_rows(frame, MODEL).chunks()))
    assert chunk.batch.column("x").null_count == 1
    assert chunk.batch.column("misfit:x").to_pylist() == [False] * 99 + [True]


def test_times_with_and_without_zone_in_one_column() -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    frame = pd.DataFrame({"ts": [noon, datetime(2026, 1, 31, 7)], "x": [1, 2]}, dtype=object)
    rows = rows_of(frame, Model(timestamp="ts", timezone="America/New_York"))
    assert [r["ts"] for r in rows] == [noon, noon]


def test_index_serves_as_the_column_of_its_name() -> None:
    times = pd.date_range("2026-01-01", periods=2, freq="D", tz="UTC")
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(times, name="ts"))
    assert [r["ts"] for r in rows_of(frame, Model(timestamp="ts"))] == list(times)
    assert rows_of(frame) == [{"x": 1.0}, {"x": 2.0}]
    frame.index.name = None
    assert [r["ts"] for r in rows_of(frame, Model(timestamp="ts"))] == list(times)


def test_names_that_are_no_text() -> None:
    assert rows_of(pd.DataFrame({0: [1], ("a", "b"): [2]})) == [{"0": 1.0, "a_b": 2.0}]


def test_two_columns_of_one_name() -> None:
    with pytest.raises(SourceError, match="the current frame has two columns named 'a'"):
        rows_of(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(SourceError, match="the current frame has two columns named 'a'"):
        rows_of(pa.table([[1], [2]], names=["a", "a"]))


@pytest.mark.parametrize(
    "data", [pd.DataFrame(), pa.table({}), {}, pl.DataFrame()], ids=["pandas", "arrow", "dict", "polars"]
)
def test_no_columns(data: Any) -> None:
    with pytest.raises(SourceError, match="the current frame has no columns"):
        rows_of(data)


@pytest.mark.parametrize(
    "data", [pd.DataFrame({"a": []}), pa.table({"a": pa.array([], pa.int8())}), {"a": []}]
)
def test_no_rows(data: Any) -> None:
    with pytest.raises(SourceError, match=r"the current frame has columns \(a\) and no rows"):
        rows_of(data)


def test_polars_types() -> None:
    frame = pl.DataFrame({
        "enum": pl.Series(["a", None], dtype=pl.Enum(["a", "b"])), "cat": pl.Series(["a", None], dtype=pl.Categorical),
        "dec": pl.Series([Decimal("1.5"), None]), "u": pl.Series([1, None], dtype=pl.UInt8), "list": [[1], None],
        "struct": [{"a": 1}, None], "bin": [b"x", None], "nothing": [None, None], "b": [True, None],
        "day": pl.Series([datetime(1970, 1, 2), None]).cast(pl.Date), "nan": [float("nan"), None],
    })  # fmt: skip
    chunk = next(iter(open_rows(frame, MODEL).chunks()))
    first, second = chunk.batch.to_pylist()
    assert np.isnan(first.pop("nan"))
    assert first == {
        "enum": "a",
        "cat": "a",
        "dec": 1.5,
        "u": 1.0,
        "nothing": None,
        "b": "true",
        "day": 86_400.0,
    }
    assert set(second.values()) == {None}
    assert sorted(reason.split("'")[1] for reason in chunk.aside.counts) == ["bin", "list", "struct"]


def test_lazy_polars_with_a_name_like_a_pattern() -> None:
    assert rows_of(pl.LazyFrame({"^a.*$": [1], "ab": [2]})) == [{"^a.*$": 1.0, "ab": 2.0}]


def test_a_lazy_query_that_fails() -> None:
    with pytest.raises(SourceError, match="the current frame cannot be computed"):
        rows_of(pl.LazyFrame({"a": [1]}).select(pl.col("b")))


def test_duckdb_relation_with_odd_names() -> None:
    relation = duckdb.connect().sql('SELECT 1 AS "a ""b", 2 AS "x; DROP TABLE y"')
    assert rows_of(relation) == [{'a "b': 1.0, "x; DROP TABLE y": 2.0}]


def test_a_duckdb_query_that_fails() -> None:
    relation = duckdb.connect().sql("SELECT CAST(v AS INTEGER) AS x FROM (VALUES ('1'), ('a')) AS t(v)")
    with pytest.raises(SourceError, match="the current frame cannot be computed"):
        rows_of(relation)


def test_lists_of_different_lengths() -> None:
    with pytest.raises(SourceError, match="columns of different lengths: 'a' 1, 'b' 2"):
        rows_of({"a": [1], "b": [1, 2]})


@pytest.mark.parametrize("data", [42, None, object(), np.zeros(3), [1, 2]])
def test_what_is_no_frame(data: Any) -> None:
    with pytest.raises(
        SourceError, match=r"the current frame is of type \w+, which cannot be read; give a path"
    ):
        rows_of(data)
