"""Covariance: columns that no longer go together, each by itself as before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.trust.delays import ALPHA, FEATURE, LATE, SHOWN
from watchkeeper.evidence import Earned, earn
from watchkeeper.metrics import METRICS, Estimate
from watchkeeper.metrics.multivariate import divergence
from watchkeeper.metrics.read import read

Floats = NDArray[np.float64]

COLUMNS, ROWS = 20, 1000
WEIGHT = FEATURE * 20 / 21  # it counts as one more column


def correlations(rng: np.random.Generator, windows: int, together: Floats) -> Floats:
    """(W, p, p) of normal columns, the first two correlated by ``together`` (W,)."""
    x = rng.standard_normal((windows, ROWS, COLUMNS))
    r = together[:, None]
    x[:, :, 1] = r * x[:, :, 0] + np.sqrt(1 - r**2) * x[:, :, 1]
    x -= x.mean(axis=1, keepdims=True)
    covariance = x.transpose(0, 2, 1) @ x
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    return np.asarray(covariance / deviation[:, :, None] / deviation[:, None, :])


def earned(rng: np.random.Generator, reference: int, together: Floats) -> Earned:
    """Of one stream; ``together`` (G + T,)."""
    found = correlations(rng, len(together), together)
    values = divergence(found, found[:reference].mean(axis=0))
    nothing, count = np.full(len(values), np.nan), np.full(len(values), ROWS)
    before, after = (
        Estimate(values[part], nothing[part], nothing[part], count[part])
        for part in (slice(reference), slice(reference, None))
    )
    readings = read(METRICS["correlation_divergence"], before, after)
    assert readings is not None
    (one,) = earn([readings], [ALPHA * WEIGHT])
    assert one is not None
    return one


def table(streams: int = 100, lifetimes: int = 200, seed: int = 21) -> list[str]:
    """Lines of markdown."""
    rng = np.random.default_rng(seed)
    lines = []
    for start in (0, LATE):
        together = np.zeros(100 + start + 20)
        together[100 + start :] = 0.5
        delays = []
        for _ in range(streams):
            one = earned(rng, 100, together)
            hit = np.flatnonzero((one.alarm | one.far)[start:])
            delays.append(hit[0] + 1 if len(hit) else np.inf)
        lines.append(
            f"| correlation 0 → 0.5 of one pair of {COLUMNS} columns, at {start + 1} | {np.median(delays):.0f} |"
        )
        print(lines[-1], flush=True)
    for reference in (30, 100):
        alarming = 0
        logs = []
        for _ in range(lifetimes):
            one = earned(rng, reference, np.zeros(reference + 200))
            alarming += bool((one.alarm | one.far).any())
            logs.append(one.log.max())
        lines.append(f"| no change, {reference} reference windows | {alarming} of {lifetimes} |")
        print(lines[-1], np.quantile(logs, [0.5, 0.9, 0.99, 1]).round(2), flush=True)
    return lines


if __name__ == "__main__":
    print(SHOWN and table(30, 100))
