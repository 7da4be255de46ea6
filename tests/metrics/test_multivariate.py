"""Multivariate drift from moments: against NumPy on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.metrics.pairs import compared, value

Floats = NDArray[np.float64]


def correlated(n: int, seed: int, r: float = 0.8, p: int = 4) -> dict[str, Floats]:
    """x0 and x1 correlated by r, the others alone; nothing beyond ten scales."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    x[:, 1] = r * x[:, 0] + np.sqrt(1 - r**2) * x[:, 1]
    return {f"x{i}": x[:, i] * (i + 1) + 10 * i for i in range(p)}


def stacked(columns: dict[str, Floats]) -> Floats:
    return np.stack(list(columns.values()), axis=1)


REFERENCE = correlated(5_000, 1)


@pytest.mark.parametrize("r", [0.8, -0.2])
def test_reconstruction_error_is_that_of_principal_components(r: float) -> None:
    current = correlated(1_000, 2, r)
    before, now = stacked(REFERENCE), stacked(current)
    standard = (now - before.mean(0)) / before.std(0)
    values, vectors = np.linalg.eigh(np.corrcoef(before.T))
    kept = vectors[:, ::-1][:, : int(np.searchsorted(np.cumsum(values[::-1]) / 4, 0.65)) + 1]
    lost = standard - standard @ kept @ kept.T
    exact = np.sqrt((lost**2).sum(axis=1).mean())
    found = compared(current, REFERENCE)
    assert value(found, "reconstruction_error", None) == pytest.approx(exact, rel=1e-6)


def test_reconstruction_error_grows_when_columns_part() -> None:
    still = compared(correlated(1_000, 2), REFERENCE)["reconstruction_error", None]
    apart = compared(correlated(1_000, 2, -0.2), REFERENCE)["reconstruction_error", None]
    assert still.reference is not None
    assert still.estimate.low[0] < still.reference.value[0] < still.estimate.high[0]
    assert apart.estimate.low[0] > still.reference.value[0]


def test_the_interval_of_the_reconstruction_error_covers() -> None:
    truth = value(compared(correlated(200_000, 3), REFERENCE), "reconstruction_error", None)
    covered = 0
    for seed in range(100):
        e = compared(correlated(500, 100 + seed), REFERENCE, ["reconstruction_error"])[
            "reconstruction_error", None
        ].estimate
        covered += bool(e.low[0] <= truth <= e.high[0])
    assert covered >= 89


def test_the_pair_that_moved_most_is_named_and_shown_in_the_reference_too() -> None:
    found = compared(correlated(1_000, 2, -0.2), REFERENCE)
    pair = found["correlation", "x0 × x1"]
    assert pair.estimate.value[0] == pytest.approx(np.corrcoef(correlated(1_000, 2, -0.2)["x0"],
                                                               correlated(1_000, 2, -0.2)["x1"])[0, 1])  # fmt: skip
    assert pair.reference is not None
    assert pair.reference.value[0] == pytest.approx(np.corrcoef(REFERENCE["x0"], REFERENCE["x1"])[0, 1])
    shift = found["correlation_shift", None].estimate
    assert shift.value[0] == pytest.approx(abs(pair.estimate.value[0] - pair.reference.value[0]))
    assert shift.low[0] > 0.8


def test_at_most_ten_pairs_are_shown() -> None:
    found = compared(correlated(200, 2, p=8), correlated(2_000, 1, p=8))
    assert sum(name == "correlation" for name, _ in found) == 10


def test_two_columns_that_do_not_hang_together_leave_an_error_too() -> None:
    found = compared(correlated(500, 2, 0.0, p=2), correlated(2_000, 1, 0.0, p=2))
    assert value(found, "reconstruction_error", None) == pytest.approx(1.0, abs=0.1)


def test_columns_that_do_not_vary_do_no_harm() -> None:
    still = REFERENCE | {"still": np.full(5_000, 3.0)}
    found = compared(correlated(500, 2) | {"still": np.full(500, 3.0)}, still)
    assert np.isfinite(value(found, "reconstruction_error", None))
    assert np.isfinite(value(found, "correlation_shift", None))
