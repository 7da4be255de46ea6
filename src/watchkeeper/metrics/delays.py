"""Delays of outcomes: how long after its prediction the truth became known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from watchkeeper.metrics.estimate import Context, Estimate, Metric
from watchkeeper.metrics.intervals import quantile
from watchkeeper.metrics.share import row_count_of, worth
from watchkeeper.profiles.seconds import DELAY

__all__ = ["METRICS"]

QUANTILES = {"outcome_delay_p50": ("Half", 0.5), "outcome_delay_p95": ("95 %", 0.95)}


def _delay(q: float, context: Context) -> Iterator[tuple[str | None, Estimate]]:
    delays = context.slice.delays
    if delays is None or not delays.histogram.counts.any():
        return
    counts, first = delays.histogram.counts, delays.histogram.first
    held = counts.any(axis=(0, 1))
    lower, upper = (ends[held] for ends in DELAY.ends(first, counts.shape[2]))
    value, low, high = quantile(worth(counts[..., held], context.slice), lower, upper, q, context.confidence)
    rows = row_count_of(counts.sum(axis=2), context.slice)
    yield None, Estimate(value, np.fmax(low, 0.0), high, rows)


METRICS = tuple(
    Metric(name, "performance", f"{share} of the outcomes became known within so long after their prediction: "
           "`known_at` minus its timestamp, of several outcomes the first. Within 1 % of the exact value, with "
           "Woodruff's interval. Those that came along with their prediction do not count.",
           partial(_delay, q), "low", "seconds",
           tasks=("binary", "multiclass", "regression"), source='numpy.quantile(method="inverted_cdf")')
    for name, (share, q) in QUANTILES.items()
)  # fmt: skip
