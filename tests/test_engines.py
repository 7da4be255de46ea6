"""The engine's promise: one check is the same check, wherever its rows lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

import watchkeeper as wk

ROWS = 60_000
KEY = ["window_start", "segment_by", "segment", "column", "metric"]
MODEL = wk.Model(
    name="engines", task="binary", timestamp="ts", id="id", prediction="said", score="score", outcome="label",
    positive=1, segments=["city", ["city", wk.Bins("age", [40])], wk.Where("dear", "price > 2 * 10")],
    bands={"accuracy": ">= 0.6"}, kpis={"revenue": "sum(price)"},
)  # fmt: skip


def rows(seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.integers(0, 14 * 1_440, ROWS))
    score = rng.beta(2, 3, ROWS).round(6)
    return pa.table({
        "ts": pa.array(np.datetime64("2026-03-01", "us") + minutes.astype("timedelta64[m]"), pa.timestamp("us", "UTC")),
        "id": pa.array([f"r{i}" for i in rng.integers(0, ROWS, ROWS)]),
        "age": pa.array(rng.integers(18, 90, ROWS).astype(float)),
        "price": pa.array(rng.lognormal(3, 1, ROWS).round(3), mask=rng.random(ROWS) < 0.02),
        "city": pa.array(rng.choice(["Ulm", "Bonn", "Köln", "O'Fallon \"x\""], ROWS)),
        "score": pa.array(score),
        "said": pa.array((score > 0.5).astype(np.int64)),
        "label": pa.array((rng.random(ROWS) < score).astype(np.int64), mask=rng.random(ROWS) < 0.1),
    })  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table]:
    return rows(1), rows(2)


@pytest.fixture(scope="module")
def expected(tables: tuple[pa.Table, pa.Table]) -> pd.DataFrame:
    return frame(wk.check(*tables, MODEL))


def frame(result: wk.Result) -> pd.DataFrame:
    return result.metrics.to_pandas().sort_values(KEY, na_position="first").reset_index(drop=True)


def assert_same(result: wk.Result, expected: pd.DataFrame) -> None:
    """Counts equal; values and the ends of intervals to 1e-9."""
    found = frame(result)
    assert len(found) == len(expected) > 5_000
    for name in [*KEY, "count", "verdict"]:
        assert found[name].equals(expected[name]), name
    for name in ("value", "low", "high", "band_low", "band_high"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-9, err_msg=name)


def to_csv(table: pa.Table, path: Path) -> str:
    csv.write_csv(table, path)
    return str(path)


def to_parquet(table: pa.Table, path: Path) -> str:
    parquet.write_table(table, path, row_group_size=7_000)
    return str(path)


def to_parts(table: pa.Table, path: Path) -> str:
    path.mkdir()
    for i in range(5):
        parquet.write_table(table.slice(i * ROWS // 5, ROWS // 5), path / f"part-{i}.parquet")
    return str(path / "*.parquet")


def to_json(table: pa.Table, path: Path) -> str:
    pl.from_arrow(table).write_ndjson(path)  # type: ignore[union-attr]
    return str(path)


FILES = {"csv": to_csv, "parquet": to_parquet, "parts": to_parts, "jsonl": to_json}
FRAMES: dict[str, Any] = {
    "pandas": lambda t: t.to_pandas(),
    "polars": pl.from_arrow,
    "polars, lazy": lambda t: pl.from_arrow(t).lazy(),
    "duckdb": lambda t: duckdb.from_arrow(t),
    "arrow, in batches": lambda t: pa.Table.from_batches(t.to_batches(max_chunksize=999)),
}


@pytest.mark.parametrize("kind", FILES)
def test_files(kind: str, tables: tuple[pa.Table, pa.Table], expected: pd.DataFrame, tmp_path: Path) -> None:
    current, reference = (FILES[kind](t, tmp_path / f"{n}.{kind}") for n, t in zip("ab", tables, strict=True))
    assert_same(wk.check(current, reference, MODEL), expected)


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind: str, tables: tuple[pa.Table, pa.Table], expected: pd.DataFrame) -> None:
    assert_same(wk.check(FRAMES[kind](tables[0]), FRAMES[kind](tables[1]), MODEL), expected)


@pytest.mark.spark
def test_a_spark_cluster(
    spark: Any, tables: tuple[pa.Table, pa.Table], expected: pd.DataFrame, tmp_path: Path
) -> None:
    paths = [to_parquet(t, tmp_path / f"{n}.parquet") for n, t in zip("ab", tables, strict=True)]
    assert_same(wk.check(*(spark.read.parquet(p) for p in paths), MODEL), expected)
