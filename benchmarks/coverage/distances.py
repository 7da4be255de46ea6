"""Distances between two samples: no drift, shift, scale and a mixture, of four shapes, and of categories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage.cell import Cell, held
from watchkeeper.metrics import intervals

Floats = NDArray[np.float64]
SIZES = ((10_000, 200), (100_000, 200), (1_000, 1_000), (10_000, 1_000), (10_000, 10_000))


def cells(repetitions: int, seed: int = 4, every: int = 1) -> Iterator[Cell]:
    """Every distance by shape, drift and the two numbers of rows; one situation in ``every``."""
    rng = np.random.default_rng(seed)
    numbers = [
        (f"{shape}, {drift}", distribution, cdf, size)
        for shape, distribution in _shapes().items()
        for drift, cdf in _drifts(distribution).items()
        for size in SIZES
    ]
    for number in numbers[::every]:
        yield from _numbers(rng, *number, repetitions)
    for (situation, q, p), size in list(product(_categories(), SIZES))[::every]:
        yield from _divergences(rng, situation, p, q, size, repetitions)


def _shapes() -> dict[str, Any]:
    from scipy.stats import gamma, lognorm, norm, t

    return {"normal": norm, "gamma 0.7": gamma(0.7), "t3": t(3), "lognormal": lognorm(1)}


def _drifts(distribution: Any) -> dict[str, Callable[[Floats], Floats]]:
    from scipy.stats import norm

    centre, spread = distribution.ppf(0.5), distribution.ppf(0.75) - distribution.ppf(0.25)
    drifts: dict[str, Callable[[Floats], Floats]] = {"none": distribution.cdf}
    for shift in (0.03, 0.15, 0.5):
        drifts[f"shift {shift} IQR"] = lambda x, s=shift: distribution.cdf(x - s * spread)
    for scale in (1.2, 2.0):
        drifts[f"scale {scale}"] = lambda x, s=scale: distribution.cdf(centre + (x - centre) / s)
    drifts["5 % mixed in at 2 IQR"] = lambda x: (
        0.95 * distribution.cdf(x) + 0.05 * norm.cdf((x - centre - 2 * spread) / (0.2 * spread)))  # fmt: skip
    return drifts


def _categories() -> Iterator[tuple[str, Floats, Floats]]:
    """Name, reference and current probabilities."""
    for k in (2, 5, 50, 250):
        for name, exponent in (("equal", 0.0), ("Zipf", 1.0)):
            q = np.arange(1, k + 1) ** -exponent
            q /= q.sum()
            yield f"{k} categories {name}, none", q, q
            for points in (0.02, 0.1):
                p = q * (1 - points)
                p[min(k - 1, 2)] += points
                yield f"{k} categories {name}, {points:.0%} moved to one", q, p


def _numbers(
    rng: np.random.Generator, situation: str, distribution: Any, cdf: Callable[[Floats], Floats],
    size: tuple[int, int], repetitions: int,
) -> Iterator[Cell]:  # fmt: skip
    """KS and Wasserstein on a fine grid, the divergences on the reference's twentieths."""
    centre, spread = distribution.ppf(0.5), distribution.ppf(0.75) - distribution.ppf(0.25)
    edges = centre + spread * np.sinh(np.arange(-60, 61) / 16)
    q, p = (np.diff(np.concatenate([[0.0], f(edges), [1.0]])).clip(0) for f in (distribution.cdf, cdf))
    yield from _cumulative(rng, situation, p, q, edges, size, repetitions)
    twentieths = distribution.ppf(np.arange(1, 20) / 20)
    p = np.diff(np.concatenate([[0.0], cdf(twentieths), [1.0]]))
    yield from _divergences(rng, situation, p, np.full(20, 0.05), size, repetitions)


def _cumulative(
    rng: np.random.Generator, situation: str, p: Floats, q: Floats, edges: Floats,
    size: tuple[int, int], repetitions: int,
) -> Iterator[Cell]:  # fmt: skip
    a, b = (
        rng.multinomial(size[1], p / p.sum(), repetitions),
        rng.multinomial(size[0], q / q.sum(), repetitions),
    )
    name = f"{situation}, reference {size[0]:,}"
    truth = float(np.abs(np.cumsum(p - q))[:-1].max())
    _, low, high, _ = intervals.kolmogorov_smirnov(a, b)
    yield Cell("kolmogorov_smirnov", name, size[1], held(low, high, truth))
    position = np.concatenate([edges[:1], edges])
    truth = float((np.abs(np.cumsum(p - q))[:-1] * np.diff(position)).sum())
    _, low, high, _ = intervals.wasserstein(a, b, position)
    yield Cell("wasserstein", name, size[1], held(low, high, truth), must=False)


def _divergences(
    rng: np.random.Generator, situation: str, p: Floats, q: Floats, size: tuple[int, int], repetitions: int
) -> Iterator[Cell]:
    a, b = rng.multinomial(size[1], p, repetitions), rng.multinomial(size[0], q, repetitions)
    for metric, function in {
        "jensen_shannon": intervals.jensen_shannon,
        "hellinger": intervals.hellinger,
        "population_stability_index": intervals.psi,
        "total_variation": intervals.total_variation,
    }.items():
        if metric == "population_stability_index" and ((p > 0) != (q > 0)).any():
            continue  # infinite
        truth = float(function(p * 1e12, q * 1e12)[0])
        _, low, high, _ = function(a, b)
        name = f"{situation}, reference {size[0]:,}"
        yield Cell(metric, name, size[1], held(low, high, truth), must=metric == "jensen_shannon")
