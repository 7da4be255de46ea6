"""Service: how the service behind a model behaved, window by window; as mergeable as the profile of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.summaries import GREATEST, LEAST, Histogram, Positions, Summary

__all__ = ["Jobs", "Keyed", "Processes", "Service", "Told", "Traffic"]

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
S = TypeVar("S", bound=Summary)


@dataclass(frozen=True)
class Keyed(Generic[S]):
    """One summary for each name; arrays are (W, K), names ascending. Parts that know other names join as well."""

    names: tuple[str, ...]
    sums: S

    @classmethod
    def join(cls, parts: Sequence[Keyed[S]], positions: Sequence[Positions], windows: int) -> Keyed[S]:
        """All parts in one: window i of a part is window ``positions[part][i]`` of ``windows``."""
        names = tuple(sorted({name for part in parts for name in part.names}))
        wide = [part.over(names) for part in parts]
        return cls(names, type(wide[0]).join(wide, positions, windows))

    def over(self, names: tuple[str, ...]) -> S:
        """The summary with a column for each of these names, which hold the own ones."""
        if names == self.names:
            return self.sums
        columns = np.searchsorted(np.array(names, dtype=object), np.array(self.names, dtype=object))
        wide = {
            f.name: _widened(getattr(self.sums, f.name), columns, len(names), f.metadata.get("empty", 0))
            for f in fields(self.sums)
        }
        return replace(self.sums, **wide)

    def total(self) -> Keyed[S]:
        """All windows added into one."""
        return Keyed(self.names, self.sums.total())

    def take(self, positions: NDArray[np.intp]) -> Keyed[S]:
        """Only these windows."""
        return Keyed(self.names, self.sums.take(positions))


def _widened(part: Any, columns: NDArray[np.intp], count: int, empty: float) -> Any:
    if isinstance(part, Histogram):
        return Histogram(part.first, _widened(part.counts, columns, count, 0))
    out = np.full((len(part), count, *part.shape[2:]), empty, dtype=part.dtype)
    out[:, columns] = part
    return out


@dataclass(frozen=True)
class Traffic(Summary):
    """Requests to one version of the model. A prediction that weighs 10 stands for ten requests of a sample."""

    requests: Counts  # (W, K) predictions
    weight: Floats  # (W, K) Σw
    squares: Floats  # (W, K) Σw²
    errors: Counts  # (W, K) requests that failed
    timed: Counts  # (W, K) predictions with a latency
    latency: Histogram  # (W, K, bins of the latency grid) Σw of predictions with a latency

    def among(self, columns: int | slice) -> Traffic:
        """Some versions together: arrays (W, 1)."""
        chosen = slice(columns, columns + 1) if isinstance(columns, int) else columns
        changes = {
            f.name: getattr(self, f.name)[:, chosen].sum(axis=1, keepdims=True)
            for f in fields(self)
            if f.name != "latency"
        }
        counts = self.latency.counts[:, chosen].sum(axis=1, keepdims=True)
        return Traffic(**changes, latency=Histogram(self.latency.first, counts))


@dataclass(frozen=True)
class Processes(Summary):
    """Samples of what each process uses, one a minute."""

    samples: Counts  # (W, 1) with a number of cores
    cpu: Floats  # (W, 1) Σ cores
    cpu_most: Floats = field(metadata=GREATEST)
    memory_samples: Counts  # (W, 1) with a number of bytes
    memory: Floats  # (W, 1) Σ bytes
    memory_most: Floats = field(metadata=GREATEST)


@dataclass(frozen=True)
class Jobs(Summary):
    """Runs of one batch job, in the window in which they began."""

    runs: Counts  # (W, K)
    failed: Counts  # (W, K)
    seconds: Floats  # (W, K) Σ
    longest: Floats = field(metadata=GREATEST)  # seconds
    counted: Counts  # (W, K) runs that told their rows
    rows: Floats  # (W, K) Σ
    cpu: Floats  # (W, K) Σ cores
    memory_most: Floats = field(metadata=GREATEST)  # bytes
    last: Floats = field(metadata=GREATEST)  # µs since 1970 UTC of the last beginning


@dataclass(frozen=True)
class Told(Summary):
    """A number that somebody else computed; each record weighs as many rows as it says, else one."""

    records: Counts  # (W, K)
    counted: Counts  # (W, K) records that said their rows
    bounded: Counts  # (W, K) records with an interval
    weight: Floats  # (W, K) Σw
    value: Floats  # (W, K) Σ w·x
    below: Floats  # (W, K) Σ w²·(x − low)²
    above: Floats  # (W, K) Σ w²·(high − x)²


@dataclass(frozen=True)
class Service(Summary):
    """Everything that is known of a service but its rows' contents.

    Attributes
    ----------
    recorded : (W, 1) records of every kind but outcomes
    dropped : (W, 1) records that loggers could not keep
    first : (W, 1) when the earliest record was, µs since 1970 UTC
    """

    recorded: Counts
    dropped: Counts
    first: Floats = field(metadata=LEAST)
    traffic: Keyed[Traffic]
    processes: Processes
    jobs: Keyed[Jobs]
    told: Keyed[Told]

    @classmethod
    def empty(cls, windows: int) -> Service:
        """Of windows in which nothing was recorded.

        >>> Service.empty(2).total().recorded.tolist()
        [[0]]
        """
        return cls(
            **_empty_arrays(cls, windows, 1),
            traffic=Keyed((), nothing(Traffic, windows, 0)),
            processes=nothing(Processes, windows, 1),
            jobs=Keyed((), nothing(Jobs, windows, 0)),
            told=Keyed((), nothing(Told, windows, 0)),
        )

    def __len__(self) -> int:
        return len(self.recorded)


def nothing(kind: type[S], windows: int, names: int) -> S:
    """A summary of no rows: arrays (windows, names)."""
    return kind(**_empty_arrays(kind, windows, names))


def _empty_arrays(kind: type[Summary], windows: int, names: int) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for f in fields(kind):
        if f.type == "Histogram":
            arrays[f.name] = Histogram(0, np.zeros((windows, names, 0)))
        elif f.type in ("Counts", "Floats"):
            dtype = np.int64 if f.type == "Counts" else np.float64
            arrays[f.name] = np.full((windows, names), f.metadata.get("empty", 0), dtype=dtype)
    return arrays
