"""Sketch: distinct and repeated ids, exact up to 4,096 in a window."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.profiles.sketch import KEPT, Sketch, hash_values


def sketch(values: np.ndarray) -> Sketch:
    return Sketch.count(1, np.zeros(len(values), np.int64), hash_values(pa.array(values)))


def test_exact_while_it_holds_every_value() -> None:
    values = np.random.default_rng(0).integers(0, 3_000, 10_000)
    got = sketch(values)
    assert len(got.hash) == len(np.unique(values))
    assert got.rows.sum() == 10_000


def test_a_uniform_sample_above_with_exact_rows() -> None:
    ids = np.concatenate([np.arange(200_000), np.arange(20_000)])
    np.random.default_rng(1).shuffle(ids)
    got = sketch(ids)
    assert len(got.hash) == KEPT
    assert (got.rows == 2).mean() == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / KEPT))


def test_parts_in_any_order_are_the_whole() -> None:
    ids = np.random.default_rng(2).integers(0, 9_000, 30_000)
    whole, parts = sketch(ids), [sketch(p) for p in np.split(ids, [100, 20_000])]
    for merged in (parts[0] + parts[1] + parts[2], parts[2] + (parts[0] + parts[1])):
        np.testing.assert_array_equal(whole.hash, merged.hash)
        np.testing.assert_array_equal(whole.rows, merged.rows)


def test_windows_merge_into_their_total() -> None:
    ids, window = np.arange(3_000) % 1_000, np.arange(3_000) // 1_000
    got = Sketch.count(3, window, hash_values(pa.array(ids)))
    assert got.rows.tolist() == [1] * 3_000
    assert got.total().rows.tolist() == [3] * 1_000


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary()])
def test_texts_of_any_length_hash_by_their_bytes(kind: pa.DataType) -> None:
    words = ["", "a", "b" * 7, "b" * 8, "b" * 9, "ä" * 40, "x" * 1_000, "x" * 999 + "y"]
    hashes = hash_values(pa.array(words).cast(kind))
    assert len(np.unique(hashes)) == len(words)
    np.testing.assert_array_equal(hashes[3:5], hash_values(pa.array(words).cast(kind).slice(3, 2)))
