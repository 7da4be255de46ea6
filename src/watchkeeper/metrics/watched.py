"""Watched: a service's windows as metrics see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import Keyed, Service, Traffic
from watchkeeper.profiles.seconds import LATENCY

__all__ = ["Watched", "age_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Watched:
    """A service, and what its windows alone do not tell.

    Attributes
    ----------
    covered : (W,) seconds of each window in which something could have been recorded
    age : (W,) seconds since the model was trained that served at the window's end; NaN where that is not known
    before : windows before these: what was recorded there is missed where it does not come
    """

    service: Service
    covered: Floats
    age: Floats = field(default_factory=lambda: np.empty(0))
    before: Service | None = None
    confidence: float = 0.95

    def total(self) -> Watched:
        """All windows as one."""
        return replace(self, service=self.service.total(), covered=self.covered.sum(keepdims=True))

    def of(self, version: str) -> Watched:
        """Only the requests to one version."""
        traffic = self.service.traffic
        column = traffic.names.index(version)
        mine = traffic.sums.among(column)
        return replace(self, service=replace(self.service, traffic=Keyed((version,), mine)), before=None)

    def has(self, what: Callable[[Service], NDArray[Any]]) -> bool:
        """Whether any of it is there, in these windows or before."""
        return any(bool(what(s).any()) for s in (self.service, self.before) if s is not None)

    @property
    def traffic(self) -> Traffic:
        """Requests to all versions together: arrays (W, 1)."""
        return self.service.traffic.sums.among(slice(None))

    @property
    def latency(self) -> tuple[Floats, Floats, Floats]:
        """(W, B) requests by latency, as rows of equal weight; (B,) the ends of the bins in seconds."""
        traffic = self.traffic
        counts, first = traffic.latency.counts[:, 0], traffic.latency.first
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(traffic.squares > 0, traffic.weight / traffic.squares, 0.0)
        held = np.flatnonzero(counts.any(axis=0))
        held = held if held.size else np.arange(1)
        lower, upper = LATENCY.ends(first, max(counts.shape[1], 1))
        counts = counts if counts.shape[1] else np.zeros((len(counts), 1))
        return counts[:, held] * factor, lower[held], upper[held]


def age_of(
    service: Service, ends: Ints, trained: Mapping[str, int], releases: Sequence[tuple[int, str]]
) -> Floats:
    """(W,) seconds from the training of the version that served until the window's end; NaN where nobody knows.

    The version that answered most requests of the window counts; where requests name none, the one that was released
    last.

    Parameters
    ----------
    ends : (W,) of the windows, or now where it is still open; µs since 1970 UTC
    trained : version → when, µs since 1970 UTC
    releases : (when, version), ascending
    """
    serving = [_serving(service, i, int(end), releases) for i, end in enumerate(ends)]
    since = np.array([trained.get(version, np.nan) for version in serving], dtype=np.float64)
    age = (ends - since) / 1e6
    return np.where(age >= 0, age, np.nan)


def _serving(service: Service, window: int, end: int, releases: Sequence[tuple[int, str]]) -> str:
    traffic = service.traffic
    named = [
        (int(n), name)
        for n, name in zip(traffic.sums.requests[window], traffic.names, strict=True)
        if name and n
    ]
    if named:
        return max(named)[1]
    return next((version for at, version in reversed(releases) if at < end), "")
