"""Streams: windows of a deployed model, simulated as counts, so that thousands of lifetimes take minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial.distance import jensenshannon

from watchkeeper.evidence import (
    NUMBER_WEIGHTS,
    Readings,
    category_scores,
    normal_place,
    number_scores,
    rate_scores,
)

Floats = NDArray[np.float64]
BINS = 20
TAILS = np.array([1e-5, 1e-4, 1e-3, 0.01])  # finer bins, in which a far window shows how far it is
DISTRIBUTIONS: dict[str, stats.rv_continuous] = {
    "normal": stats.norm(),
    "t3": stats.t(3),
    "gamma": stats.gamma(2),
}


@dataclass(frozen=True)
class Stream:
    """How windows come about.

    Attributes
    ----------
    effects : standard deviation of a window's own shift, in those of the rows
    autocorrelation : of the effects, lag 1
    rows, labelled : of a window, and those of them with a label
    """

    distribution: str = "normal"
    reference: int = 100
    windows: int = 200
    effects: float = 0.0
    autocorrelation: float = 0.0
    rows: int = 1000
    labelled: int = 500

    @property
    def name(self) -> str:
        day = f", day effects of {self.effects} sd" if self.effects else ""
        ar = f", AR(1) {self.autocorrelation}" if self.autocorrelation else ""
        return f"{self.distribution}{day}{ar}, {self.reference} reference windows"

    def moved(self, by: Callable[[Floats], Floats] | None) -> Floats:
        """(G + T,) the shift that each window is under."""
        every = np.zeros(self.reference + self.windows)
        if by is not None:
            every[self.reference :] = by(np.arange(1, self.windows + 1))
        return every

    def shifts(self, rng: np.random.Generator, series: int) -> Floats:
        """(S, G + T) the windows' own effects, in sd of the rows."""
        shape = (series, self.reference + self.windows)
        noise = rng.standard_normal(shape)
        if self.autocorrelation:
            rho = self.autocorrelation
            for i in range(1, shape[1]):
                noise[:, i] = rho * noise[:, i - 1] + np.sqrt(1 - rho**2) * noise[:, i]
        return self.effects * noise


def numbers(
    stream: Stream, rng: np.random.Generator, series: int, shift: Floats | float = 0.0
) -> list[Readings]:
    """Numeric features, ``shift`` in sd of the rows."""
    return [number_readings(c, stream.reference) for c in binned(stream, rng, series, shift)]


def binned(stream: Stream, rng: np.random.Generator, series: int, shift: Floats | float = 0.0) -> Floats:
    """(S, G + T, bins) of numeric features: each window's counts on bins of equal shares."""
    law = DISTRIBUTIONS[stream.distribution]
    edges = law.ppf(np.concatenate([TAILS, np.arange(1, BINS) / BINS, 1 - TAILS[::-1]]))
    moved = (stream.shifts(rng, series) + shift) * law.std()
    below = law.cdf(edges - moved[..., None])
    zero, one = np.zeros((*moved.shape, 1)), np.ones((*moved.shape, 1))
    counts = rng.multinomial(stream.rows, np.diff(np.concatenate([zero, below, one], axis=2), axis=2))
    return np.asarray(counts.astype(np.float64))


def number_readings(counts: Floats, reference: int) -> Readings:
    """As the product reads a column."""
    whole = counts[:reference].sum(axis=0)
    scores, variance = number_scores(whole, counts)
    rows = counts.sum(axis=1)
    share, known = counts / rows[:, None], whole / whole.sum()
    distance = jensenshannon(share, np.broadcast_to(known, share.shape), base=2, axis=1) * np.sqrt(rows)
    places = np.stack([normal_place(whole, counts), distance])
    return Readings(scores, rows, variance, NUMBER_WEIGHTS, reference, places=places)


def accuracies(
    stream: Stream, rng: np.random.Generator, series: int, right: Floats | float = 0.9
) -> list[Readings]:
    """Accuracy on the labelled rows; the windows' effects move it on the probit scale."""
    share = stats.norm.cdf(stats.norm.ppf(right) + stream.shifts(rng, series))
    return rates(stream, rng, share, stream.labelled)


def rates(stream: Stream, rng: np.random.Generator, share: Floats, rows: int) -> list[Readings]:
    hits = rng.binomial(rows, share).astype(np.float64)
    every = np.full(share.shape[1], float(rows))
    scores = rate_scores(hits, every)
    return [Readings(s[None], every, np.array([0.25]), np.ones(1), stream.reference) for s in scores]


def categories(stream: Stream, rng: np.random.Generator, series: int, shares: Floats) -> list[Readings]:
    """A categorical feature; ``shares`` (G + T, C)."""
    counts = rng.multinomial(stream.rows, np.broadcast_to(shares, (series, *shares.shape))).astype(np.float64)
    size = shares.shape[1]
    unit, weights = np.full(size, 0.25), np.full(size, 1 / size)
    return [
        Readings(category_scores(c, c.sum(axis=1)), c.sum(axis=1), unit, weights, stream.reference)
        for c in counts
    ]


def watched(readings: list[Readings], windows: slice) -> list[Readings]:
    """Only some of all windows, as if the others had not been."""
    return [replace(r, values=r.values[:, windows], rows=r.rows[windows]) for r in readings]
