"""Area under the ROC curve and average precision: normal scores of equal and unequal spread, and a mixture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage.cell import Cell, held
from watchkeeper.metrics.intervals import auc, average_precision

ROWS = (200, 1_000, 10_000)
BINS = 256
Floats = NDArray[np.float64]


def cells(repetitions: int, seed: int = 3, every: int = 1) -> Iterator[Cell]:
    """Both metrics by rows, share of positives, and how the classes differ; one situation in ``every``.

    Ten rows or more of the rarer class.
    """
    rng = np.random.default_rng(seed)
    sizes = [(n, share) for n, share in product(ROWS, (0.5, 0.2, 0.05, 0.01)) if n * share >= 10]
    for (n, share), situation in list(product(sizes, situations()))[::every]:
        yield from _cell(rng, n, share, *situation, repetitions)


def situations() -> Iterator[tuple[str, Floats, Floats]]:
    """Name and the two classes' probabilities of the score's bins, ascending."""
    from scipy.stats import norm

    edges = norm.ppf(np.arange(1, BINS) / BINS) * 2 + 0.7
    zeros = _bins(norm.cdf(edges))
    for target in (0.5, 0.6, 0.8, 0.9, 0.95):
        yield f"AUC {target}, shift", _bins(norm.cdf(edges - np.sqrt(2) * norm.ppf(target))), zeros
    for target in (0.6, 0.8, 0.95):
        yield f"AUC {target}, scale 2", _bins(norm.cdf((edges - np.sqrt(5) * norm.ppf(target)) / 2)), zeros
    yield "mixture", _bins(0.6 * norm.cdf(edges - 2.5) + 0.4 * norm.cdf(edges)), zeros


def _bins(distribution: Floats) -> Floats:
    return np.diff(np.concatenate([[0.0], distribution, [1.0]]))


def _cell(
    rng: np.random.Generator,
    n: int,
    share: float,
    situation: str,
    ones: Floats,
    zeros: Floats,
    repetitions: int,
) -> Iterator[Cell]:
    m = np.clip(rng.binomial(n, share, repetitions), 10, n - 10)
    a, b = rng.multinomial(m, ones), rng.multinomial(n - m, zeros)
    cell = np.repeat(np.arange(repetitions), BINS)
    true_auc = float((ones * (np.cumsum(zeros) - zeros / 2)).sum())
    hits, misses = (np.cumsum(part[::-1])[::-1] for part in (share * ones, (1 - share) * zeros))
    true_precision = float((ones * hits / (hits + misses)).sum())
    situation = f"{situation}, {share:.0%} positive"
    _, low, high = auc(cell, a.ravel(), b.ravel(), repetitions)
    yield Cell("roc_auc", situation, n, held(low, high, true_auc))
    _, low, high = average_precision(cell, a.ravel(), b.ravel(), repetitions)
    yield Cell("average_precision", situation, n, held(low, high, true_precision), must=False)
