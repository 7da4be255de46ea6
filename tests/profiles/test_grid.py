"""Grids: every number has one bin, bins are ordered, and the shape of a distribution survives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from watchkeeper.profiles.grid import LogLinearGrid, ValueGrid, grid_of

FINITE = st.floats(-1e300, 1e300)


@given(st.lists(FINITE, min_size=1, max_size=50), st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_every_number_lies_between_the_ends_of_its_bin(
    values: list[float], centre: float, scale: float
) -> None:
    grid = LogLinearGrid(centre, scale)
    x = np.array(values)
    index = grid.index(x)
    assert ((index >= 0) & (index < grid.size)).all()
    slack = 1e-9 * (np.abs(x) + abs(centre) + scale)
    assert (grid.lower[index] <= x + slack).all()
    assert (grid.upper[index] >= x - slack).all()


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5, unique=True),
    st.lists(FINITE, max_size=50),
    st.floats(-1e3, 1e3),
    st.floats(1e-3, 1e3),
)
def test_atoms_have_bins_of_their_own_and_their_neighbours_too(
    atoms: list[float], others: list[float], centre: float, scale: float
) -> None:
    atoms = sorted({0.0 + a for a in atoms})
    grid = LogLinearGrid(centre, scale, atoms=tuple(atoms))
    x = np.sort(np.array([*atoms, *np.nextafter(atoms, -np.inf), *np.nextafter(atoms, np.inf), *others]))
    index = grid.index(x)
    assert ((index >= 0) & (index < grid.size)).all()
    assert (np.diff(index) >= 0).all()
    alone = np.isin(index, grid.index(np.array(atoms)))
    np.testing.assert_array_equal(alone, np.isin(x, atoms))
    assert (grid.lower[index] == grid.upper[index])[alone].all()


@given(st.lists(FINITE, min_size=2, max_size=50), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_bins_are_ordered_as_their_numbers(values: list[float], centre: float, scale: float) -> None:
    x = np.sort(np.array(values))
    assert (np.diff(LogLinearGrid(centre, scale).index(x)) >= 0).all()


@given(st.lists(FINITE, min_size=1, max_size=50), st.integers(1, 5))
def test_a_coarser_grid_is_a_right_shift_of_a_finer_one(values: list[float], bits: int) -> None:
    fine, coarse = LogLinearGrid(0.0, 1.0, 6), LogLinearGrid(0.0, 1.0, bits)
    x = np.array(values)
    shifted = (fine.index(x) - fine.half) >> (6 - bits)
    inside = np.abs(x) < 1e5  # beyond, the outermost bins hold what is left
    np.testing.assert_array_equal(shifted[inside], (coarse.index(x) - coarse.half)[inside])


@given(st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=30), st.lists(FINITE, max_size=30))
def test_known_values_have_bins_of_their_own(known: list[float], others: list[float]) -> None:
    grid = ValueGrid.of(np.unique(known))
    x = np.array(known + others)
    index = grid.index(x)
    exact = grid.lower[index] == grid.upper[index]
    far = np.abs(x[:, None] - known).min(axis=1) > 1e-9
    np.testing.assert_array_equal(exact | ~far, np.isin(x, known) | ~far)
    slack = 1e-9 * (np.abs(x) + 100)
    assert (grid.lower[index] <= x + slack).all()
    assert (grid.upper[index] >= x - slack).all()


@pytest.mark.parametrize(
    "values",
    [
        stats.norm.rvs(size=200_000, random_state=1),
        stats.lognorm.rvs(3, size=200_000, random_state=2),
        stats.gamma.rvs(0.3, size=200_000, random_state=9),
        stats.t.rvs(2, size=200_000, random_state=3),
        stats.cauchy.rvs(size=200_000, random_state=4),
        np.concatenate(
            [stats.norm.rvs(-5, 0.1, 100_000, random_state=5), stats.norm.rvs(5, 1, 100_000, random_state=6)]
        ),
        stats.norm.rvs(290, 5, 200_000, random_state=7),
        stats.norm.rvs(2013, 0.01, 200_000, random_state=8),
    ],
    ids=["normal", "lognormal", "gamma", "t2", "cauchy", "bimodal", "kelvin", "year"],
)
def test_kolmogorov_smirnov_on_the_grid_is_the_exact_one(values: np.ndarray) -> None:
    before, now = values[::2], values[1::2] * 1.05 + 0.02 * np.subtract(*np.quantile(values, [0.75, 0.25]))
    grid = grid_of(before[:50_000])
    counts = [np.bincount(grid.index(x), minlength=grid.size) / x.size for x in (before, now)]
    binned = np.abs(np.cumsum(counts[0] - counts[1])).max()
    assert binned == pytest.approx(stats.ks_2samp(before, now).statistic, abs=0.003)


@pytest.mark.parametrize("values", [[], [5.0] * 10, [1e308, -1e308] * 200, [0.1 * i for i in range(1000)]])
def test_any_sample_gives_a_grid(values: list[float]) -> None:
    grid = grid_of(np.array(values))
    assert grid.size == len(grid.lower) == len(grid.upper)
    index = grid.index(np.array([0.0, *values]))
    assert ((index >= 0) & (index < grid.size)).all()


def test_a_constant_with_rare_exceptions_has_a_scale() -> None:
    x = np.concatenate([np.zeros(100_000), np.arange(1, 400) / 7.0])
    grid = grid_of(x)
    assert isinstance(grid, LogLinearGrid)
    assert np.isfinite(grid.scale)
    assert grid.scale > 0


def test_what_many_rows_share_says_nothing_of_the_spread() -> None:
    x = np.concatenate([np.full(40_000, -999.0), stats.norm.rvs(3, 1, 60_000, random_state=1)])
    grid = grid_of(x)
    assert isinstance(grid, LogLinearGrid)
    assert grid.atoms == (-999.0,)
    assert grid.centre == pytest.approx(3, abs=0.3)
    assert grid.scale < 2


def test_negative_zero_shares_the_bin_of_zero() -> None:
    for grid in (LogLinearGrid(0.0, 2.0), LogLinearGrid(-0.0, 2.0), ValueGrid.of(np.array([0.0, 1.0]))):
        assert len(set(grid.index(np.array([0.0, -0.0])).tolist())) == 1
