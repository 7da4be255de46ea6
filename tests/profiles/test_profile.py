"""What must hold of profiles whatever the rows: merge, order, split, serialisation."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.profiles.frames import DAY, FAR, START, chunks, column, model, plan, profile, table
from watchkeeper.model import Model
from watchkeeper.profiles import Profile, plan_of
from watchkeeper.profiles.arrow import from_arrow, to_arrow
from watchkeeper.profiles.kernel import Kernel
from watchkeeper.profiles.summaries import Histogram
from watchkeeper.rows import Chunk

ROWS = table(3_000, seed=1)
PLAN = plan(ROWS)
WHOLE = profile(ROWS, PLAN)
HOUR = DAY // 24
ORDERED = ("runs", "first", "last")  # summaries that depend on the order of the rows


def leaves(part: Any, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(part, np.ndarray):
        yield path, part
    elif isinstance(part, Histogram):
        first, counts = part.first, part.counts
        used = np.flatnonzero(counts.sum(axis=(0, 1)))
        yield path, np.stack([used + first, counts.sum(axis=(0, 1))[used]])
        yield path, counts[:, :, used]
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from leaves(value, f"{path}/{key}")
    elif is_dataclass(part):
        for f in fields(part):
            yield from leaves(getattr(part, f.name), f"{path}.{f.name}")


def assert_same(a: Profile, b: Profile, skip: tuple[str, ...] = ()) -> None:
    """Counts equal exactly, sums to 1e-12 of what was added."""
    np.testing.assert_array_equal(a.windows, b.windows)
    for by in a.slices:
        left, right = dict(leaves(a.slices[by])), dict(leaves(b.slices[by]))
        assert left.keys() == right.keys()
        for path, x in left.items():
            if any(word in path for word in skip) or path.startswith(".segmentation"):
                continue
            if x.dtype.kind in "iu":
                np.testing.assert_array_equal(x, right[path], err_msg=f"{by} {path}")
            else:
                np.testing.assert_allclose(x, right[path], rtol=1e-11, atol=1e-9, err_msg=f"{by} {path}")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3_000), max_size=6))
def test_any_split_of_the_rows_adds_up(cuts: list[int]) -> None:
    assert_same(profile(ROWS, PLAN, cuts), WHOLE)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_order_of_the_rows_counts_alike(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(ROWS.num_rows)
    assert_same(profile(ROWS.take(pa.array(order)), PLAN, [1_000, 1_100]), WHOLE, skip=ORDERED)


def test_adding_is_associative() -> None:
    a, b, c = (Kernel(PLAN, FAR)(chunk) for chunk in chunks(ROWS, [700, 1_900]))
    assert_same((a + b) + c, a + (b + c))


def test_profiles_of_different_plans_do_not_add() -> None:
    other = profile(ROWS.slice(0, 100), plan(ROWS.slice(0, 100)))
    with pytest.raises(ValueError, match="different plans"):
        WHOLE + other


@pytest.mark.parametrize("weighted", [False, True])
def test_arrow_and_back(weighted: bool) -> None:
    rows = table(2_000, seed=3, weighted=weighted)
    made = plan(rows, model(weight="w") if weighted else None)
    before = profile(rows, made)
    stored = to_arrow(before)
    after = from_arrow(stored, made)
    assert_same(before, after)
    assert after.aside == before.aside
    doubled = from_arrow(to_arrow(after + before), made)
    np.testing.assert_array_equal(doubled.everything.rows, 2 * before.everything.rows)


def test_windows_are_days_and_hold_their_rows() -> None:
    days = (column(ROWS, "ts").astype("int64") - START) // DAY
    np.testing.assert_array_equal(WHOLE.windows, START + np.unique(days) * DAY)
    np.testing.assert_array_equal(WHOLE.everything.rows[:, 0], np.bincount(days))


def test_numbers_match_numpy() -> None:
    days = (column(ROWS, "ts").astype("int64") - START) // DAY
    x = ROWS.column("x").combine_chunks()
    null = x.is_null().to_numpy(zero_copy_only=False)
    values = x.to_numpy(zero_copy_only=False)
    got = WHOLE.everything.numbers["x"]
    for day in range(4):
        mine = values[(days == day) & ~null]
        finite = mine[np.isfinite(mine)]
        assert got.missing[day, 0] == (null & (days == day)).sum()
        assert got.nan[day, 0] == np.isnan(mine).sum()
        assert got.infinite[day, 0] == np.isinf(mine).sum()
        assert got.valid[day, 0] == finite.size == got.histogram.counts[day].sum()
        assert got.minimum[day, 0] == finite.min()
        assert got.maximum[day, 0] == finite.max()
        assert got.sum[day, 0] == pytest.approx(finite.sum(), abs=1e-12 * np.abs(finite).sum())


def test_segments_add_up_to_all_rows() -> None:
    every = WHOLE.everything
    for by in ("city", "city × x", "rich"):
        part = WHOLE.slices[by]
        np.testing.assert_array_equal(part.rows.sum(axis=1, keepdims=True), every.rows)
        np.testing.assert_array_equal(part.confusion.true.sum(axis=1), every.confusion.true[:, 0])
        for name, numbers in part.numbers.items():
            np.testing.assert_array_equal(numbers.valid.sum(axis=1), every.numbers[name].valid[:, 0])


def test_crossed_segments_are_named_by_both() -> None:
    values = WHOLE.slices["city × x"].values
    assert "Ulm × < 0" in values
    assert values[-1] == "other"


def test_weights_are_summed_and_rows_are_counted() -> None:
    rows = table(1_000, seed=5, weighted=True)
    got = profile(rows, plan(rows, model(weight="w"))).everything
    w = column(rows, "w")
    assert got.rows.sum() == 1_000
    assert got.weight.sum() == pytest.approx(w.sum())
    assert got.weight_squares.sum() == pytest.approx((w**2).sum())
    known = rows.column("label").is_valid().to_numpy()
    assert got.confusion.true.sum() == pytest.approx(w[known].sum())


def test_future_and_missing_timestamps_are_set_aside() -> None:
    rows = table(100, seed=6)
    stamps = rows.column("ts").to_pylist()
    stamps[3] = None
    changed = rows.set_column(0, "ts", pa.array(stamps, pa.timestamp("us", "UTC")))
    batch = changed.combine_chunks().to_batches()[0]
    late = int(np.sort(column(rows, "ts").astype("int64"))[-2])
    got = Kernel(plan(rows), late - 5 * 60_000_000)(Chunk(batch, 0))
    assert got.aside.counts == {"timestamp in the future": 1}
    assert got.everything.rows.sum() == 98


def test_row_windows_follow_the_order_of_the_rows() -> None:
    rows = table(2_500, seed=7)
    got = profile(rows, plan(rows, model(window="1000 rows")), [300, 1_700])
    np.testing.assert_array_equal(got.windows, [0, 1_000, 2_000])
    np.testing.assert_array_equal(got.everything.rows[:, 0], [1_000, 1_000, 500])


def test_memory_follows_windows_times_bins_and_no_more() -> None:
    rng, n, windows = np.random.default_rng(6), 40_000, 2_000
    times = rng.integers(START, START + windows * HOUR, n)
    rows = pa.table({
        "ts": pa.array(times, pa.timestamp("us", "UTC")),
        **{f"x{i}": pa.array(rng.normal(size=n)) for i in range(6)},
    })  # fmt: skip
    hourly = plan_of(Model(timestamp="ts", window="1h"), rows.slice(0, 5_000))
    kernel, parts = Kernel(hourly, now=FAR), [Chunk(b, 0) for b in rows.to_batches(max_chunksize=n // 4)]
    tracemalloc.start()
    whole = Profile.join([kernel(part) for part in parts])
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    bins = sum(numbers.histogram.counts.shape[2] for numbers in whole.everything.numbers.values())
    runs = sum(runs.closed.nbytes for runs in whole.everything.runs.values())
    assert whole.everything.rows.sum() == n
    assert held < 2 * (windows * bins + runs)  # a byte a bin, where a window has 20 rows
    assert peak < 8 * (windows * bins + runs)


@pytest.mark.parametrize("rows", [127, 128, 40_000])
def test_narrow_counts_never_overflow(rows: int) -> None:
    part = Histogram(0, np.full((1, 1, 2), rows))
    whole = sum([part] * 9, part)
    assert whole.counts.ravel().tolist() == [10 * rows] * 2
    assert whole.total().counts.ravel().tolist() == [10 * rows] * 2
