"""Mean absolute error and root mean squared error: errors of light, heavy and contaminated tails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage.cell import Cell, held
from watchkeeper.metrics.intervals import mean, root_mean_square

ROWS = (200, 1_000, 10_000)
Draw = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]


def _gross(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float64]:
    return rng.standard_normal(size) * np.where(rng.random(size) < 0.02, 10.0, 1.0)


ROOT = np.sqrt(2 / np.pi)  # E|e| of a standard normal
# draw, true MAE, true MSE, MAE must hold from, RMSE must hold from (rows)
ERRORS: dict[str, tuple[Draw, float, float, int, int]] = {
    "normal": (lambda rng, size: rng.standard_normal(size), ROOT, 1.0, 0, 0),
    "normal, biased by 1": (lambda rng, size: rng.standard_normal(size) + 1, 1.1666310, 2.0, 0, 0),
    "Laplace": (lambda rng, size: rng.laplace(size=size), 1.0, 2.0, 0, 1_000),
    "mixture of sd 1 and 3": (
        lambda rng, size: rng.standard_normal(size) * np.where(rng.random(size) < 0.2, 3.0, 1.0),
        1.4 * ROOT,
        2.6,
        0,
        1 << 30,
    ),  # fmt: skip
    "t, 5 df": (lambda rng, size: rng.standard_t(5, size), 0.9490, 5 / 3, 0, 1 << 30),
    "t, 3 df": (lambda rng, size: rng.standard_t(3, size), 2 * np.sqrt(3) / np.pi, 3.0, 0, 1 << 30),
    "lognormal": (
        lambda rng, size: np.exp(rng.standard_normal(size)),
        np.exp(0.5),
        np.exp(2.0),
        1_000,
        1 << 30,
    ),  # fmt: skip
    "2 % gross errors": (_gross, 1.18 * ROOT, 2.98, 1_000, 1 << 30),
}


def cells(repetitions: int, seed: int = 2) -> Iterator[Cell]:
    """Both metrics for every distribution of errors and number of rows."""
    rng = np.random.default_rng(seed)
    for n in ROWS:
        for name, (draw, mae, mse, mae_from, rmse_from) in ERRORS.items():
            a, b, c = _moments(rng, draw, n, repetitions)
            yield Cell(
                "mean_absolute_error",
                name,
                n,
                held(*mean(a, (b - a * a) * n / (n - 1), n, positive=True), mae),
                n >= mae_from,
            )
            yield Cell(
                "root_mean_squared_error",
                name,
                n,
                held(*root_mean_square(b, c, n), np.sqrt(mse)),
                n >= rmse_from,
            )


def _moments(rng: np.random.Generator, draw: Draw, n: int, repetitions: int) -> NDArray[np.float64]:
    """(3, repetitions) means of \\|e\\|, e² and e⁴, in batches that fit into the cache."""
    batch = max(2_000_000 // n, 1)
    parts = []
    for start in range(0, repetitions, batch):
        e = np.abs(draw(rng, (min(batch, repetitions - start), n)))
        square = e * e
        parts.append([e.mean(1), square.mean(1), (square * square).mean(1)])
    return np.concatenate(parts, axis=1)
