"""Accuracy, precision, recall and F1: multinomial confusion counts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from benchmarks.coverage.cell import Cell, held
from watchkeeper.metrics.intervals import f1, wilson

ROWS = (200, 1_000, 10_000)
# prevalence, sensitivity, specificity
CLASSIFIERS = ((0.5, 0.8, 0.9), (0.2, 0.7, 0.9), (0.05, 0.6, 0.97), (0.5, 0.95, 0.95), (0.3, 0.5, 0.6))


def cells(repetitions: int, seed: int = 1, every: int = 1) -> Iterator[Cell]:
    """Accuracy by exact summation over the binomial, the rest by simulation; one situation in ``every``."""
    rng = np.random.default_rng(seed)
    for n, p in list(product(ROWS, (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)))[::every]:
        yield Cell("accuracy", f"p = {p}", n, _exact(n, p), must=p <= 0.95)
    for n, classifier in list(product(ROWS, CLASSIFIERS))[::every]:
        yield from _classifier(rng, n, classifier, repetitions)


def _exact(n: int, p: float) -> float:
    from scipy.stats import binom

    k = np.arange(n + 1)
    low, high = wilson(k, n)
    return float(binom.pmf(k, n, p)[(low <= p) & (p <= high)].sum())


def _classifier(
    rng: np.random.Generator, n: int, classifier: tuple[float, float, float], repetitions: int
) -> Iterator[Cell]:
    prevalence, sensitivity, specificity = classifier
    tp, fn = prevalence * sensitivity, prevalence * (1 - sensitivity)
    fp, tn = (1 - prevalence) * (1 - specificity), (1 - prevalence) * specificity
    a, b, c, _ = rng.multinomial(n, (tp, fn, fp, tn), repetitions).T
    situation = f"prevalence {prevalence}, sensitivity {sensitivity}, specificity {specificity}"
    precision = tp / (tp + fp)
    yield Cell("precision", situation, n, held(*wilson(a, a + c), precision), n * (tp + fp) >= 40)
    yield Cell("recall", situation, n, held(*wilson(a, a + b), sensitivity), n * prevalence >= 40)
    yield Cell("f1", situation, n, held(*f1(a, c, b), 2 * tp / (2 * tp + fn + fp)))
