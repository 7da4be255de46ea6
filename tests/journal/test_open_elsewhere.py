"""The tables open in other tools, without Watchkeeper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable

import watchkeeper as wk
from tests.docs.pages import ROOT
from watchkeeper.journal import Journal, move
from watchkeeper.journal.schemas import TABLES
from watchkeeper.keeping import compact
from watchkeeper.workspace import Workspace

ROWS = 300
DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compacted files and fresh ones, whose ``features`` are wider."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with wk.Logger(folder, model="m") as log:
        for part in range(3):
            for i in range(part * 100, part * 100 + 100):
                more = {"more": f"text {i}"} if part == 2 else {}
                moment = _time(START + i % 3 * DAY + i)
                log.prediction(
                    id=f"p-{i}",
                    score=i / ROWS,
                    timestamp=moment,
                    features={"amount": i / 7, "place": f"v{i % 5}", **more},
                )
                log.outcome(f"p-{i}", i % 2, known_at=_time(START + i % 3 * DAY + i + 10))
            log.flush()
            with Workspace.open(folder) as workspace:
                move(workspace)
                if part == 1:
                    compact(workspace, hours=0)
    return folder / "journal" / "m"


def _time(us: int) -> Any:
    import numpy as np

    return np.datetime64(us, "us")


def expected() -> tuple[int, float, int]:
    """Rows, the sum of a feature, rows with the feature that came later."""
    return ROWS, pytest.approx(sum(i / 7 for i in range(ROWS))), 100


def test_polars(folder: Path) -> None:
    frame = pl.read_delta(str(folder / "predictions"))
    assert len(frame) == ROWS
    lazy = pl.scan_delta(str(folder / "predictions")).select(
        pl.len().alias("rows"), pl.col("features").struct.field("amount").sum(),
        pl.col("features").struct.field("more").count(),
    )  # fmt: skip
    assert lazy.collect().row(0) == expected()
    assert frame["timestamp"].dtype == pl.Datetime("us", "UTC")


def test_duckdb_on_the_live_files(folder: Path) -> None:
    files = DeltaTable(folder / "predictions").file_uris()
    sql = (
        "SELECT count(*), sum(features.amount), count(features.more)"
        " FROM read_parquet($files, hive_partitioning = true, union_by_name = true)"
    )
    assert duckdb.execute(sql, {"files": files}).fetchone() == expected()


def test_pandas(folder: Path) -> None:
    frame = DeltaTable(folder / "predictions").to_pandas()
    amounts = frame["features"].map(lambda features: features["amount"])
    assert (len(frame), amounts.sum()) == expected()[:2]
    outcomes = DeltaTable(folder / "outcomes").to_pandas()
    assert len(frame.merge(outcomes, on="id")) == ROWS


@pytest.mark.spark
def test_spark_on_the_live_files(folder: Path, spark: Any) -> None:
    """Delta's connector for Spark is a Java archive that no Python package has; its files are plain Parquet."""
    files = DeltaTable(folder / "predictions").file_uris()
    base = str(folder / "predictions")
    frame = spark.read.option("mergeSchema", "true").option("basePath", base).parquet(*files)
    row = frame.selectExpr(
        "count(*)", "sum(features.amount)", "count(features.more)", "count(distinct date)"
    ).first()
    assert tuple(row) == (*expected(), 3)
    assert frame.filter("id = 'p-7'").select("features.place").first()[0] == "v2"
    assert spark.conf.get("spark.sql.parquet.enableVectorizedReader") == "true"


def test_every_column_is_documented(folder: Path) -> None:
    page = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8")
    for name, shape in TABLES.items():
        section = page.partition(f"### {name}\n")[2].partition("\n### ")[0]
        assert section, name
        for column in (*shape.fields, *(("date",) if shape.dated else ())):
            assert f"`{column}`" in section, f"{name}: {column}"


def test_nothing_in_a_table_needs_a_newer_reader(folder: Path) -> None:
    for path in folder.iterdir():
        assert DeltaTable(path).protocol().min_reader_version == 1
        assert pa.types.is_date32(Journal(str(folder.parent), "m").predictions.schema.field("date").type)
