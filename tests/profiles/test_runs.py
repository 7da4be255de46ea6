"""Runs: lengths of runs of one value, whatever the pieces that they arrive in."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from watchkeeper.profiles.cells import Cells
from watchkeeper.profiles.runs import BUCKETS, Runs

ROW = st.tuples(st.integers(0, 3), st.sampled_from([0.0, 1.0, 2.0, float("nan")]))
SHAPE = (2, 2)


def counted(rows: list[tuple[int, float]]) -> Runs:
    cell = np.array([c for c, _ in rows], dtype=np.int64)
    values = np.array([v for _, v in rows], dtype=np.float64)
    order = np.argsort(cell, kind="stable")
    return Runs.count(Cells.sorted(SHAPE, cell[order], None), values[order])


def by_hand(rows: list[tuple[int, float]]) -> NDArray[np.int64]:
    out = np.zeros((4, BUCKETS), dtype=np.int64)
    for cell in range(4):
        values = [v for c, v in rows if c == cell]
        names = [f"nan{i}" if v != v else v for i, v in enumerate(values)]
        for _, run in groupby(names):
            length = len(list(run))
            out[cell, length.bit_length() - 1] += length
    return out.reshape(*SHAPE, BUCKETS)


@given(st.lists(ROW, max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_lengths_are_those_of_the_rows_in_order(rows: list[tuple[int, float]], a: int, b: int) -> None:
    first, second = sorted((min(a, len(rows)), min(b, len(rows))))
    parts = [counted(rows[:first]), counted(rows[first:second]), counted(rows[second:])]
    expected = by_hand(rows)
    np.testing.assert_array_equal(counted(rows).lengths, expected)
    np.testing.assert_array_equal(((parts[0] + parts[1]) + parts[2]).lengths, expected)
    np.testing.assert_array_equal((parts[0] + (parts[1] + parts[2])).lengths, expected)


def test_a_run_over_the_border_of_two_windows_is_one_run_of_their_total() -> None:
    windows = counted([(0, 1.0), (0, 5.0), (0, 5.0), (2, 5.0), (2, 5.0), (2, 2.0)])
    assert windows.lengths[:, 0, 1].tolist() == [2, 2]
    assert windows.total().lengths[0, 0, 2] == 4


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0]), max_size=6), min_size=1, max_size=9))
def test_the_total_of_windows_is_that_of_their_rows(windows: list[list[float]]) -> None:
    def of(parts: list[list[float]]) -> Runs:
        cell = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
        values = np.array([v for part in parts for v in part], dtype=np.float64)
        return Runs.count(Cells.sorted((len(parts), 1), cell, None), values)

    whole = of([[v for part in windows for v in part]])
    np.testing.assert_array_equal(of(windows).total().lengths, whole.lengths)


def test_parts_in_windows_apart_join_without_touching_others() -> None:
    a, b = counted([(0, 1.0), (0, 1.0)]), counted([(0, 1.0), (2, 3.0)])
    joined = Runs.join([a, b], [np.array([0, 2]), np.array([2, 3])], 5)
    assert joined.lengths[:, 0, :3].tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert joined.lengths.sum() == 4
