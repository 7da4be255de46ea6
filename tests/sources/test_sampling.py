"""Sampling and streaming: the same rows, whatever the batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.model import Model
from watchkeeper.rows import BATCH_ROWS
from watchkeeper.sources import open_rows, sample
from watchkeeper.sources.prepare import Preparation
from watchkeeper.sources.sampling import Sampler, mixed
from watchkeeper.sources.streaming import prefetched, resized

PLAIN = Preparation({"i": "number"})


def batch(start: int, stop: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"i": np.arange(start, stop)})


def taken(sampler: Sampler) -> list[float]:
    found: list[float] = sampler.finished().table.column("i").to_pylist() if sampler.batches else []
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3_000), st.integers(1, 500), st.lists(st.integers(0, 3_000), max_size=8), st.booleans())
def test_any_split_gives_the_same_sample(n: int, size: int, cuts: list[int], known: bool) -> None:
    edges = sorted({0, n, *(c for c in cuts if c < n)})
    whole, parts = Sampler.of(PLAIN, size, None), Sampler.of(PLAIN, size, n if known else None)
    whole.add(0, batch(0, n))
    merged = Sampler.of(PLAIN, size, None)
    for start, stop in itertools.pairwise(edges):
        parts.add(start, batch(start, stop))
        alone = Sampler.of(PLAIN, size, None)
        alone.add(start, batch(start, stop))
        merged += alone
    assert taken(whole) == taken(parts) == taken(merged)
    assert len(taken(whole)) <= size
    assert whole.rows == parts.rows == merged.rows == n
    assert n > size or taken(whole) == list(range(n))


def test_a_sample_is_as_large_as_it_can_be_and_even() -> None:
    sampler = Sampler.of(PLAIN, 10_000, None)
    for start in range(0, 200_000, 7_000):
        sampler.add(start, batch(start, min(start + 7_000, 200_000)))
    rows = np.array(taken(sampler))
    assert 5_000 < len(rows) <= 10_000
    counts, _ = np.histogram(rows, bins=10, range=(0, 200_000))
    assert np.abs(counts - len(rows) / 10).max() < 5 * np.sqrt(len(rows) / 10)


def test_mixed_is_splitmix64() -> None:
    assert (
        hex(int(mixed(np.array([0], np.uint64))[0])) == "0xe220a8397b1dcdaf"
    )  # the generator's first from seed 0


def test_sample_knows_rows_and_times(tmp_path: Path) -> None:
    n = 400_000
    times = np.datetime64("2026-01-01", "us") + np.arange(n)[::-1].astype("timedelta64[s]").astype(
        "timedelta64[us]"
    )
    pq.write_table(pa.table({"x": np.arange(n), "ts": times}), tmp_path / "a.parquet")
    found = sample(open_rows(tmp_path / "a.parquet", Model(timestamp="ts")), 1_000)
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    assert (found.rows, found.first, found.last) == (n, first, first + (n - 1) * 1_000_000)
    assert 250 < found.table.num_rows <= 1_000
    kept = found.table.column("x").to_pylist()
    assert kept == sorted(kept)
    assert found.table.column("ts").type == pa.timestamp("us", "UTC")


def test_a_sample_of_few_rows_is_all_of_them() -> None:
    found = sample(open_rows({"x": [1, None, 3], "c": ["a", "b", None]}, Model()))
    assert found.table.to_pylist() == [{"x": 1.0, "c": "a"}, {"x": None, "c": "b"}, {"x": 3.0, "c": None}]
    assert (found.rows, found.first, found.last) == (3, None, None)


def test_a_sample_where_only_some_batches_have_misfits() -> None:
    table = pa.table({"x": ["1"] * 200_000 + ["oops"]})
    found = sample(open_rows(table, Model(), kinds={"x": "number"}), 300_000)
    assert found.table.column("misfit:x").to_pylist().count(True) == 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from([0, 1, 5, 1_000, 60_000, 70_000, BATCH_ROWS, BATCH_ROWS + 1, 300_000]), max_size=8
    )
)
def test_resized(sizes: list[int]) -> None:
    edges = list(itertools.accumulate(sizes, initial=0))
    batches = [batch(a, b) for a, b in itertools.pairwise(edges)]
    found = list(resized(batches))
    assert [v for b in found for v in b.column("i").to_numpy()] == list(range(edges[-1]))
    assert all(0 < b.num_rows <= BATCH_ROWS for b in found)
    assert all(a.num_rows + b.num_rows > BATCH_ROWS // 2 for a, b in itertools.pairwise(found))


def test_resized_unites_dictionaries() -> None:
    words = [
        pa.RecordBatch.from_pydict({"c": pa.array(w).dictionary_encode()})
        for w in (["a", "b"], ["c", "a"], ["b"])
    ]
    (one,) = resized(words)
    assert one.column("c").to_pylist() == ["a", "b", "c", "a", "b"]


def test_prefetched_passes_errors_on() -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield batch(0, 1)
        raise ValueError("broken")

    stream = prefetched(broken())
    assert next(stream).num_rows == 1
    with pytest.raises(ValueError, match="broken"):
        next(stream)


def test_prefetched_stops_reading_when_nobody_listens() -> None:
    read: list[int] = []

    def endless() -> Iterator[pa.RecordBatch]:
        for i in itertools.count():
            read.append(i)
            yield batch(i, i + 1)

    stream = prefetched(endless())
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert len(read) < 10
