"""Maturity: when a window is closed, and when its truth has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Series
from watchkeeper.model import Model
from watchkeeper.model.expression import mentions
from watchkeeper.running.touched import Spans

__all__ = ["Delays", "Maturity"]

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
STEPS = 8  # bins of a delay in each doubling
ENOUGH = 0.95  # of the delays that were seen: a window is mature when so much of its truth has come


@dataclass(frozen=True)
class Delays:
    """How late truth came so far: counts by a logarithmic bin of the delay in seconds."""

    counts: dict[int, int]

    @classmethod
    def of(cls, stored: object) -> Delays:
        """From what ``stored`` gave."""
        return cls({int(k): int(v) for k, v in stored.items()} if isinstance(stored, dict) else {})

    @property
    def stored(self) -> dict[str, int]:
        return {str(k): v for k, v in sorted(self.counts.items())}

    def plus(self, delays: Ints) -> Delays:
        """With these (n,) delays in µs."""
        seconds = np.maximum(delays, 0) / 1e6
        bins, counts = np.unique(np.ceil(STEPS * np.log2(1 + seconds)).astype(int), return_counts=True)
        total = dict(self.counts)
        for key, count in zip(bins.tolist(), counts.tolist(), strict=True):
            total[key] = total.get(key, 0) + count
        return Delays(total)

    def quantile(self, share: float = ENOUGH) -> int | None:
        """µs within which this share of the truth came, rounded up by at most a tenth; None before any.

        >>> Delays({}).plus(np.array([0, 0, 0, 10**9])).quantile(0.5)
        0
        """
        total = sum(self.counts.values())
        if not total:
            return None
        bins = sorted(self.counts)
        reached = np.cumsum([self.counts[b] for b in bins]) >= share * total
        return int(1e6 * (2 ** (bins[int(np.argmax(reached))] / STEPS) - 1))


@dataclass(frozen=True)
class Maturity:
    """Up to when windows are judged.

    Attributes
    ----------
    closed, mature : windows that end by then are closed, and have their truth; µs since 1970 UTC
    """

    closed: int
    mature: int

    @classmethod
    def at(cls, now: int, model: Model, delays: Delays) -> Maturity:
        """At this moment, by the model's ``grace`` and ``truth``, else by the delays seen so far."""
        grace = model.grace_us
        within = None if model.parsed_truth is None else model.parsed_truth.within_us
        late = within if within is not None else delays.quantile() or 0
        return cls(now - grace, now - max(grace, late))

    def reached_since(self, before: Maturity | None, windows: Spans) -> Spans:
        """Those that closed or matured since then."""
        if before is None:
            return windows
        ends = windows.ends
        closed = (ends > before.closed) & (ends <= self.closed)
        return windows.only(closed | ((ends > before.mature) & (ends <= self.mature)))

    def withheld(self, windows: Spans, model: Model) -> Callable[[Series], Flags]:
        """In which windows a series has no verdict yet."""
        still_open, young = windows.ends > self.closed, windows.ends > self.mature
        return lambda series: young if needs_truth(series, model) else still_open


def needs_truth(series: Series, model: Model) -> bool:
    """Whether a number rests on what happened."""
    metric = series.metric
    if metric.family in ("performance", "calibration") or metric.name in ("cost", "outcome_coverage"):
        return True
    if series.column is not None and series.column == model.outcome:
        return True
    kpi = model.parsed_kpis.get(metric.name)
    return kpi is not None and model.outcome is not None and mentions(kpi[1], model.outcome)
