"""The same rows are the same, wherever they come from."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from watchkeeper.model import Bins, Model, Where
from watchkeeper.sources import open_rows

N = 1_000
MODEL = Model(
    task="binary", timestamp="ts", id="id", outcome="y", score="score", segments=["carrier", Bins("age", [40])],
    kpis={"revenue": "sum(price * 2)"},
)  # fmt: skip
MODEL_WHERE = Model(
    task="binary", timestamp="ts", id="id", outcome="y", score="score", kpis={"revenue": "sum(price * 2)"},
    segments=["carrier", Bins("age", [40]), Where("dear", "price > 1 and carrier <> 'AA'")],
)  # fmt: skip


def table() -> pa.Table:
    rng = np.random.default_rng(1)
    return pa.table({
        "id": np.arange(N), "age": rng.integers(18, 80, N),
        "price": pa.array(np.round(rng.lognormal(size=N), 6), mask=rng.random(N) < 0.05),
        "carrier": pa.array(rng.choice(["UA", "AA", "été, \"q\"\n2"], N), mask=rng.random(N) < 0.05),
        "ts": np.datetime64("2026-01-01", "us") + rng.integers(0, 10**6, N) * np.timedelta64(1_000_000, "us"),
        "score": np.round(rng.random(N), 6), "y": rng.integers(0, 2, N),
    })  # fmt: skip


def csv(folder: Path, ending: str = ".csv", delimiter: str = ",") -> Path:
    path = folder / f"rows{ending}"
    table().to_pandas().to_csv(path, index=False, sep=delimiter)
    return path


def json_lines(folder: Path, ending: str = ".jsonl") -> Path:
    path = folder / f"rows{ending}"
    text = "\n".join(pl.from_arrow(table()).write_ndjson().splitlines())  # type: ignore[union-attr]
    path.write_bytes(gzip.compress(text.encode()) if ending.endswith("gz") else text.encode())
    return path


def parquet(folder: Path, **options: Any) -> Path:
    path = folder / "rows.parquet"
    pq.write_table(table(), path, **options)
    return path


def parts(folder: Path) -> str:
    """Three files of different formats and orders of columns."""
    pq.write_table(table().slice(0, 300), folder / "part-1.parquet")
    shuffled = table().select(table().column_names[::-1]).slice(300, 300)
    shuffled.to_pandas().to_csv(folder / "part-2.csv", index=False)
    pq.write_table(table().slice(600), folder / "part-3.parquet")
    return str(folder / "part-*")


WAYS: dict[str, Callable[[Path], Any]] = {
    "csv": csv,
    "tsv": lambda f: csv(f, ".tsv", "\t"),
    "semicolons": lambda f: csv(f, ".txt", ";"),
    "csv.gz": lambda f: csv(f, ".csv.gz"),
    "csv.zst": lambda f: compressed(csv(f)),
    "csv.gz without its ending": lambda f: csv(f, ".csv.gz").rename(f / "rows.csv"),
    "json.gz without its ending": lambda f: json_lines(f, ".jsonl.gz").rename(f / "rows.jsonl"),
    "json": json_lines,
    "json.gz": lambda f: json_lines(f, ".jsonl.gz"),
    "parquet": parquet,
    "parquet, tiny row groups": lambda f: parquet(f, row_group_size=70),
    "parquet, plain": lambda f: parquet(f, use_dictionary=False),
    "no ending": lambda f: csv(f).rename(f / "rows"),
    "glob": parts,
    "list": lambda f: [str(p) for p in sorted(Path(parts(f)).parent.glob("part-*"))],
    "pandas": lambda f: table().to_pandas(),
    "pandas, NumPy types": lambda f: table().to_pandas().astype({"carrier": object}),
    "pandas, nullable types": lambda f: table().to_pandas().convert_dtypes(),
    "pandas, Arrow types": lambda f: table().to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, categorical": lambda f: table().to_pandas().astype({"carrier": "category"}),
    "pandas, index": lambda f: table().to_pandas().set_index("ts"),
    "polars": lambda f: pl.from_arrow(table()),
    "polars, categorical": lambda f: pl.from_arrow(table()).with_columns(
        pl.col("carrier").cast(pl.Categorical)
    ),  # type: ignore[union-attr]
    "polars, lazy": lambda f: pl.from_arrow(table()).lazy(),  # type: ignore[union-attr]
    "arrow": lambda f: table(),
    "arrow, batches": lambda f: pa.Table.from_batches(table().to_batches(max_chunksize=33)),
    "arrow, reader": lambda f: table().to_reader(),
    "arrow, dataset": lambda f: ds.dataset(str(parquet(f))),
    "duckdb": lambda f: duckdb.connect().from_arrow(table()),
    "narwhals": lambda f: nw.from_native(pl.from_arrow(table())),
    "narwhals, lazy": lambda f: nw.from_native(pl.from_arrow(table()).lazy()),  # type: ignore[union-attr]
    "lists": lambda f: table().to_pydict(),
}


def compressed(path: Path) -> Path:
    target = path.with_suffix(".csv.zst")
    with pa.output_stream(str(target), compression="zstd") as out:
        out.write(path.read_bytes())
    path.unlink()
    return target


def prepared(data: Any) -> pa.Table:
    chunks = list(open_rows(data, MODEL_WHERE, "current").chunks())
    assert all(not c.aside.counts for c in chunks)
    return pa.Table.from_batches([c.batch for c in chunks]) if len(chunks) == 1 else pa.concat_tables(
        [pa.Table.from_batches([c.batch]) for c in chunks]
    )  # fmt: skip


@pytest.fixture(scope="module")
def expected() -> list[dict[str, Any]]:
    return prepared(table()).to_pylist()


def test_what_is_expected_is_right(expected: list[dict[str, Any]]) -> None:
    source = table()
    for row, raw in zip(expected, source.to_pylist(), strict=True):
        assert row["price"] == raw["price"]
        assert row["carrier"] == raw["carrier"]
        assert row["ts"].replace(tzinfo=None) == raw["ts"]
        assert row["kpi:revenue"] == (None if raw["price"] is None else raw["price"] * 2)
        if raw["price"] is not None and raw["carrier"] is not None:
            assert row["where:dear"] == (raw["price"] > 1 and raw["carrier"] != "AA")
    types = {f.name: f.type for f in prepared(source).schema}
    assert types["ts"] == pa.timestamp("us", "UTC")
    assert (
        types["age"] == types["price"] == types["score"] == types["y"] == types["kpi:revenue"] == pa.float64()
    )
    assert types["carrier"] == pa.dictionary(pa.int32(), pa.string())
    assert types["where:dear"] == pa.bool_()


@pytest.mark.parametrize("way", WAYS)
def test_equal(way: str, tmp_path: Path, expected: list[dict[str, Any]]) -> None:
    found = prepared(WAYS[way](tmp_path)).to_pylist()
    assert [dict(sorted(row.items())) for row in found] == [dict(sorted(row.items())) for row in expected]


@pytest.mark.parametrize(
    "way", ["csv", "json", "parquet, tiny row groups", "polars, lazy", "duckdb", "glob", "arrow, reader"]
)
def test_rows_can_be_read_again(way: str, tmp_path: Path) -> None:
    rows = open_rows(WAYS[way](tmp_path), MODEL)
    first, second = ([c.batch.to_pylist() for c in rows.chunks()] for _ in range(2))
    assert first == second
