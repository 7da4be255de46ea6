"""Mean absolute error and root mean squared error: errors of light, heavy and contaminated tails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage.cell import Cell, held
from watchkeeper.metrics.intervals import mean, root_mean_square

ROWS = (200, 1_000, 10_000)
Draw = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]


def _gross(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float64]:
    return rng.standard_normal(size) * np.where(rng.random(size) < 0.02, 10.0, 1.0)


def _mixture(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float64]:
    return rng.standard_normal(size) * np.where(rng.random(size) < 0.2, 3.0, 1.0)


@dataclass(frozen=True)
class Errors:
    """A distribution of errors, its true values, and from how many rows the bar is for them (None: never)."""

    draw: Draw
    mae: float
    mse: float
    mae_from: int
    rmse_from: int | None


ROOT = float(np.sqrt(2 / np.pi))  # E|e| of a standard normal
ERRORS = {
    "normal": Errors(lambda rng, size: rng.standard_normal(size), ROOT, 1.0, 0, 0),
    "normal, biased by 1": Errors(lambda rng, size: rng.standard_normal(size) + 1, 1.1666310, 2.0, 0, 0),
    "Laplace": Errors(lambda rng, size: rng.laplace(size=size), 1.0, 2.0, 0, 1_000),
    "mixture of sd 1 and 3": Errors(_mixture, 1.4 * ROOT, 2.6, 0, None),
    "t, 5 df": Errors(lambda rng, size: rng.standard_t(5, size), 0.9490, 5 / 3, 0, None),
    "t, 3 df": Errors(lambda rng, size: rng.standard_t(3, size), 2 * 3**0.5 / np.pi, 3.0, 0, None),
    "lognormal": Errors(lambda rng, size: rng.lognormal(size=size), np.exp(0.5), np.exp(2.0), 0, None),
    "2 % gross errors": Errors(_gross, 1.18 * ROOT, 2.98, 1_000, None),
}


def cells(repetitions: int, seed: int = 2, every: int = 1) -> Iterator[Cell]:
    """Both metrics for every distribution of errors and number of rows; one situation in ``every``."""
    rng = np.random.default_rng(seed)
    for n, (name, errors) in list(product(ROWS, ERRORS.items()))[::every]:
        a, b, c = _moments(rng, errors.draw, n, repetitions)
        absolute = held(*mean(a, (b - a * a) * n / (n - 1), n, positive=True), errors.mae)
        squared = held(*root_mean_square(b, c, n), errors.mse**0.5)
        yield Cell("mean_absolute_error", name, n, absolute, n >= errors.mae_from)
        must = errors.rmse_from is not None and n >= errors.rmse_from
        yield Cell("root_mean_squared_error", name, n, squared, must)


def _moments(rng: np.random.Generator, draw: Draw, n: int, repetitions: int) -> NDArray[np.float64]:
    """(3, repetitions) means of \\|e\\|, e² and e⁴, in batches that fit into the cache."""
    batch = max(2_000_000 // n, 1)
    parts = []
    for start in range(0, repetitions, batch):
        e = np.abs(draw(rng, (min(batch, repetitions - start), n)))
        square = e * e
        parts.append([e.mean(1), square.mean(1), (square * square).mean(1)])
    return np.concatenate(parts, axis=1)
