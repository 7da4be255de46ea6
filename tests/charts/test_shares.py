"""Distributions in few bins: nothing is lost, and what is left out is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.charts.shares import BARS, BINS, category_shares, number_shares
from watchkeeper.profiles.grid import grid_of
from watchkeeper.profiles.plan import CategoryColumn, NumberColumn
from watchkeeper.profiles.summaries import Categories, Histogram, Numbers


def numbers(column: NumberColumn, values: np.ndarray) -> Numbers:
    counts = np.bincount(column.grid.index(values), minlength=column.grid.size)[None, None]
    zero = np.zeros((1, 1), np.int64)
    low, high = (np.full((1, 1), f(values)) for f in (np.min, np.max))
    return Numbers(
        zero + len(values), zero, zero, zero, zero, Histogram(0, counts), minimum=low, maximum=high
    )


def column(values: np.ndarray) -> NumberColumn:
    return NumberColumn("x", grid_of(values), 0.0, 1.0, tuple(range(1, 12)))


def test_bins_equal_a_plain_histogram_of_the_values() -> None:
    values = np.random.default_rng(0).normal(100, 15, 200_000)
    c = column(values[:5000])
    shares = number_shares(c, None, numbers(c, values))
    edges = np.array([row["x"] for row in shares.rows])
    exact, _ = np.histogram(values, edges)
    np.testing.assert_allclose([r["c"] for r in shares.rows[:-1]], exact / len(values), atol=2e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400),
)
def test_shares_add_up_to_what_the_note_does_not_name(before: list[float], now: list[float]) -> None:
    reference, current = np.array(before), np.array(now)
    c = column(reference)
    shares = number_shares(c, numbers(c, reference), numbers(c, current))
    assert 0 < len(shares.rows) <= BINS + 2
    for field in ("r", "c"):
        total = sum(row[field] for row in shares.rows)
        assert total <= 1 + 1e-9
        assert total > 0.975
        assert total > 0.9995 or "Outside the picture" in shares.note


def test_few_values_are_bars_of_their_own() -> None:
    values = np.repeat([1.0, 2.0, 3.0], [50, 30, 20])
    c = column(values)
    shares = number_shares(c, None, numbers(c, values))
    assert shares.discrete
    assert [row["c"] for row in shares.rows] == pytest.approx([0.5, 0.3, 0.2])


def test_many_whole_numbers_make_no_comb() -> None:
    values = np.arange(100).repeat(10).astype(float)
    c = column(values)
    shares = number_shares(c, None, numbers(c, values))
    inner = [row["c"] for row in shares.rows[1:-2]]
    assert np.ptp(inner) < 1e-9


def test_values_in_the_outermost_bins_without_known_extremes() -> None:
    values = np.random.default_rng(0).normal(3400, 9, 1000)
    c = column(values)
    known = numbers(c, values)
    blind = Numbers(known.valid, known.missing, known.nan, known.infinite, known.retyped, known.histogram)
    shares = number_shares(c, blind, blind)
    assert not shares.discrete
    assert len(shares.rows) == BINS + 1
    assert sum(row["c"] for row in shares.rows) > 0.975


def test_what_the_reference_never_held_is_said() -> None:
    reference, current = np.arange(50.0).repeat(4), np.r_[np.arange(50.0), np.full(50, 90.0)]
    c = column(reference)
    shares = number_shares(c, numbers(c, reference), numbers(c, current))
    assert "50.0 % above everything in the reference" in shares.note


def test_no_values_at_all() -> None:
    c = column(np.arange(300.0))
    empty = Histogram(0, np.zeros((1, 1, c.grid.size), np.int64))
    zero = np.zeros((1, 1), np.int64)
    assert number_shares(c, None, Numbers(zero, zero, zero, zero, zero, empty)).rows == []


def test_most_frequent_categories_and_the_others_together() -> None:
    names = tuple(f"v{i:02d}" for i in range(30))
    counts = np.r_[np.arange(30, 0, -1), 5][None, None]
    shares = category_shares(
        CategoryColumn("c", names, True), None, Categories(counts, *np.zeros((2, 1, 1), int))
    )
    assert len(shares.rows) == BARS
    assert shares.rows[0]["name"] == "v00"
    assert shares.rows[-1]["name"] == "20 others"
    assert sum(row["c"] for row in shares.rows) == pytest.approx(1)
