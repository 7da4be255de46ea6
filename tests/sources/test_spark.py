"""Spark: the same rows and sums as on this machine, on a real standalone cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.errors import ColumnError, ModelError, SourceError
from watchkeeper.model import Model, Where
from watchkeeper.rows import Aside, Chunk
from watchkeeper.sources import head, open_rows, sample, split
from watchkeeper.sources.local import SourceRows

pytestmark = pytest.mark.spark

MODEL = Model(timestamp="ts", segments=[Where("dear", "price > 100")], kpis={"revenue": "sum(price * 2)"})


@dataclass(frozen=True)
class Total:
    """A kernel's result that depends on every value and on the order of the rows."""

    rows: int
    sums: tuple[tuple[str, float], ...]
    firsts: tuple[float, ...]
    aside: Aside

    @classmethod
    def of(cls, chunk: Chunk) -> Total:
        batch = chunk.batch
        floats = [n for n in batch.schema.names if pa.types.is_floating(batch.schema.field(n).type)]
        sums = tuple((n, float(np.nansum(batch.column(n).to_numpy(zero_copy_only=False)))) for n in floats)
        true = float(np.sum(batch.column("where:dear").fill_null(False).to_numpy(zero_copy_only=False)))
        return cls(batch.num_rows, (*sums, ("where", true)), (batch.column("n")[0].as_py(),), chunk.aside)

    def __add__(self, other: Total) -> Total:
        sums = tuple((n, a + b) for (n, a), (_, b) in zip(self.sums, other.sums, strict=True))
        return Total(self.rows + other.rows, sums, self.firsts + other.firsts, self.aside + other.aside)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    n = 30_000
    table = pa.table({
        "n": np.arange(n), "price": rng.lognormal(4, 1, n), "carrier": rng.choice(["UA", "AA", "DL"], n),
        "ts": np.datetime64("2026-01-01", "us") + (np.arange(n) * 60_000_000).astype("timedelta64[us]"),
    })  # fmt: skip
    path = tmp_path_factory.mktemp("data") / "rows.parquet"
    pq.write_table(table.set_column(3, "ts", table.column("ts").cast(pa.timestamp("us", "UTC"))), path)
    return path


@pytest.fixture(scope="module")
def both(spark: Any, path: Path) -> tuple[SourceRows, SourceRows]:
    """The same rows on the cluster, in a partition for each worker, and here."""
    import pyarrow.parquet as pq

    frame = spark.createDataFrame(pq.read_table(path))
    return open_rows(frame, MODEL, "current"), open_rows(path, MODEL)


def test_fold_equals_local(both: tuple[SourceRows, SourceRows]) -> None:
    there, here = (rows.fold(Total.of) for rows in both)
    assert there is not None
    assert here is not None
    assert there.rows == here.rows == 30_000
    assert dict(there.sums) == pytest.approx(dict(here.sums), rel=1e-12)
    assert list(there.firsts) == sorted(there.firsts)


def test_sample_takes_the_same_rows(both: tuple[SourceRows, SourceRows]) -> None:
    there, here = (sample(rows, 5_000) for rows in both)
    assert there.rows == here.rows
    assert (there.first, there.last) == (here.first, here.last)
    assert there.table.column("n").to_pylist() == here.table.column("n").to_pylist()
    assert 1_000 < here.table.num_rows <= 5_000


def test_chunks_equal_local(both: tuple[SourceRows, SourceRows]) -> None:
    there, here = (
        pa.Table.from_batches([c.batch for c in rows.chunks(["price", "carrier"])]) for rows in both
    )
    assert there.to_pylist() == here.to_pylist()


def test_the_kernel_counts_the_same(both: tuple[SourceRows, SourceRows]) -> None:
    from watchkeeper.profiles import plan_of, profile_of

    plan = plan_of(MODEL, sample(both[1]).table, 21)
    there, here = (profile_of(rows, plan) for rows in both)
    assert there.windows.tolist() == here.windows.tolist()
    assert len(here.windows) == 21
    for by in here.slices:
        np.testing.assert_array_equal(there.slices[by].rows, here.slices[by].rows)
        for name, numbers in here.slices[by].numbers.items():
            np.testing.assert_array_equal(
                there.slices[by].numbers[name].histogram.counts, numbers.histogram.counts
            )
        for name, categories in here.slices[by].categories.items():
            np.testing.assert_array_equal(there.slices[by].categories[name].counts, categories.counts)
        np.testing.assert_allclose(
            there.slices[by].kpis["revenue"].sum, here.slices[by].kpis["revenue"].sum, rtol=1e-12
        )


def test_names_that_need_quotes(spark: Any) -> None:
    frame = spark.createDataFrame([(1.0, 2.0)], ["a.b", "back`tick"])
    rows = open_rows(frame, Model())
    assert [c.batch.to_pylist() for c in rows.chunks()] == [[{"a.b": 1.0, "back`tick": 2.0}]]


def test_head(spark: Any) -> None:
    found = head(spark.range(10), 3)
    assert found.schema.types == [pa.int64()]
    assert len(set(found.column("id").to_pylist()) & set(range(10))) == 3


def test_types_that_cannot_be_watched_are_counted(spark: Any) -> None:
    rows = open_rows(spark.createDataFrame([(1.0, [1]), (2.0, [2])], ["x", "tags"]), Model())
    chunks = list(rows.chunks())
    assert sum(count for c in chunks for count in c.aside.counts.values()) == 2
    assert "'tags'" in next(iter(chunks[0].aside.counts))


def test_windows_of_rows_are_refused(spark: Any) -> None:
    with pytest.raises(ModelError, match="a Spark frame has none; take a window of time"):
        open_rows(spark.range(10), Model(window="5 rows"))


def test_split_by_rows_is_refused(spark: Any) -> None:
    with pytest.raises(ModelError, match="needs rows in an order"):
        split(open_rows(spark.range(10), Model()), 5)


def test_missing_role(spark: Any) -> None:
    with pytest.raises(ColumnError, match="column 'idd' is not in the current frame; did you mean 'id'"):
        open_rows(spark.range(10), Model(id="idd"), "current")


def test_an_error_on_a_worker_is_one_sentence(spark: Any) -> None:
    rows = open_rows(spark.range(10), Model())
    with pytest.raises(SourceError, match=r"the frame cannot be computed: .*the kernel broke") as caught:
        rows.fold(broken)
    assert "\n" not in str(caught.value)


def broken(chunk: Chunk) -> Total:
    raise ValueError("the kernel broke")
