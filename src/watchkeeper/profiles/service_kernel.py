"""The kernel of a service: batches of predictions and of events in, ``Service`` out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.profiles.seconds import LATENCY
from watchkeeper.profiles.service import Jobs, Keyed, Processes, Service, Told, Traffic, nothing
from watchkeeper.profiles.summaries import Histogram

__all__ = ["EVENT_COLUMNS", "PREDICTION_COLUMNS", "of_events", "of_predictions"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PREDICTION_COLUMNS = ("at", "version", "seconds", "weight")
EVENT_COLUMNS = (
    "at", "kind", "version", "name", "seconds", "memory", "cpu", "rows", "status", "value", "low", "high", "count",
)  # fmt: skip


def of_predictions(rows: pa.RecordBatch, starts: Ints, ends: Ints) -> Service:
    """Requests and their latency.

    Parameters
    ----------
    rows : columns ``PREDICTION_COLUMNS``; ``at`` in µs since 1970 UTC. Rows outside of the windows do not count
    starts, ends : (W,) of the windows, ascending
    """
    return _by_window(rows, starts, ends, _requests)


def of_events(rows: pa.RecordBatch, starts: Ints, ends: Ints) -> Service:
    """Errors, processes, jobs, told numbers and what was dropped; columns ``EVENT_COLUMNS``."""
    return _by_window(rows, starts, ends, _events)


def _by_window(rows: pa.RecordBatch, starts: Ints, ends: Ints, count: Callable[[_Rows], Service]) -> Service:
    """Counted on the windows that occur, which are few in one batch, then put among all."""
    at = rows["at"].to_numpy(zero_copy_only=False)
    if not len(starts):
        return Service.empty(0)
    place = np.searchsorted(starts, at, side="right") - 1
    inside = (place >= 0) & (at < ends[place])
    every = bool(inside.all())
    place = place if every else place[inside]
    some = np.bincount(place, minlength=len(starts)) > 0
    occupied = np.flatnonzero(some)
    if not occupied.size:
        return Service.empty(len(starts))
    kept = rows if every else rows.filter(pa.array(inside))
    service = count(_Rows(kept, (np.cumsum(some) - 1)[place], len(occupied)))
    return Service.join([service], [occupied], len(starts))


@dataclass(frozen=True)
class _Rows:
    """Rows and the window of each; sums over them by window and name."""

    batch: pa.RecordBatch
    window: Ints
    windows: int
    code: Ints | None = None  # of each row's name
    names: tuple[str, ...] = ("",)

    def numbers(self, column: str) -> Floats:
        """(n,) values, NaN where there is none."""
        values = pc.cast(self.batch[column], pa.float64()).to_numpy(zero_copy_only=False)
        return np.where(np.isfinite(values), values, np.nan)

    def where(self, kind: str) -> _Rows:
        chosen = np.asarray(pc.equal(self.batch["kind"], kind).to_numpy(zero_copy_only=False), dtype=bool)
        return replace(self, batch=self.batch.filter(pa.array(chosen)), window=self.window[chosen])

    def by(self, column: str) -> _Rows:
        """By the names in a column; what has none is called ""."""
        encoded = pc.fill_null(self.batch[column].cast(pa.string()), "").dictionary_encode()
        names, code = np.unique(np.array(encoded.dictionary.to_pylist(), dtype=object), return_inverse=True)
        return replace(self, code=code[encoded.indices.to_numpy(zero_copy_only=False)], names=tuple(names))

    @property
    def shape(self) -> tuple[int, int]:
        return self.windows, len(self.names)

    @property
    def cell(self) -> Ints:
        return self.window if self.code is None else self.window * len(self.names) + self.code

    def count(self, rows: NDArray[np.bool_] | None = None) -> Ints:
        """(W, K) rows, or those of them that are chosen."""
        cell = self.cell if rows is None else self.cell[rows]
        return (
            np.bincount(cell, minlength=self.windows * len(self.names)).astype(np.int64).reshape(self.shape)
        )

    def sum(self, values: Floats) -> Floats:
        """(W, K) sums of what is known."""
        sums = np.bincount(self.cell, np.nan_to_num(values), minlength=self.windows * len(self.names))
        return sums.astype(np.float64).reshape(self.shape)

    def most(self, values: Floats) -> Floats:
        """(W, K) greatest of what is known; -inf where nothing is."""
        out = np.full(self.windows * len(self.names), -np.inf)
        np.maximum.at(out, self.cell, np.where(np.isnan(values), -np.inf, values))
        return out.reshape(self.shape)


def _base(rows: _Rows) -> Service:
    service = Service.empty(rows.windows)
    first = -rows.most(-rows.numbers("at"))
    return replace(service, recorded=rows.count(), first=first)


def _requests(rows: _Rows) -> Service:
    of = rows.by("version")
    weight = rows.numbers("weight")
    weight = np.where(np.isnan(weight), 1.0, weight)
    seconds = rows.numbers("seconds")
    timed = seconds >= 0  # a clock that was set back tells nothing
    traffic = Traffic(
        requests=of.count(), weight=of.sum(weight), squares=of.sum(weight**2),
        errors=np.zeros(of.shape, dtype=np.int64), timed=of.count(timed),
        latency=_latency(of, timed, seconds[timed], weight[timed]),
    )  # fmt: skip
    return replace(_base(rows), traffic=Keyed(of.names, traffic))


def _latency(of: _Rows, timed: NDArray[np.bool_], seconds: Floats, weight: Floats) -> Histogram:
    bins = LATENCY.index(seconds)
    first, size = (int(bins.min()), int(np.ptp(bins)) + 1) if bins.size else (0, 0)
    cell = of.cell[timed] * size + bins - first
    counts = np.bincount(cell, weight, minlength=of.windows * len(of.names) * size)
    return Histogram(first, counts.astype(np.float64).reshape(*of.shape, size))


def _events(rows: _Rows) -> Service:
    dropped = rows.where("dropped")
    service = _base(rows)
    return replace(
        service,
        recorded=service.recorded - dropped.count(),
        dropped=dropped.sum(dropped.numbers("count")).astype(np.int64),
        traffic=_errors(rows.where("error").by("version")),
        processes=_processes(rows.where("process")),
        jobs=_jobs(rows.where("job").by("name")),
        told=_told(rows.where("metric").by("name")),
    )


def _errors(of: _Rows) -> Keyed[Traffic]:
    return Keyed(of.names, replace(nothing(Traffic, *of.shape), errors=of.count()))


def _processes(of: _Rows) -> Processes:
    cpu, memory = of.numbers("cpu"), of.numbers("memory")
    return Processes(
        samples=of.count(~np.isnan(cpu)), cpu=of.sum(cpu), cpu_most=of.most(cpu),
        memory_samples=of.count(~np.isnan(memory)), memory=of.sum(memory), memory_most=of.most(memory),
    )  # fmt: skip


def _jobs(of: _Rows) -> Keyed[Jobs]:
    seconds, rows = of.numbers("seconds"), of.numbers("rows")
    failed = pc.fill_null(pc.equal(of.batch["status"], "failed"), False).to_numpy(zero_copy_only=False)
    jobs = Jobs(
        runs=of.count(), failed=of.count(np.asarray(failed, dtype=bool)), seconds=of.sum(seconds),
        longest=of.most(seconds), counted=of.count(~np.isnan(rows)), rows=of.sum(rows),
        cpu=of.sum(of.numbers("cpu")), memory_most=of.most(of.numbers("memory")),
        last=of.most(of.numbers("at")),
    )  # fmt: skip
    return Keyed(of.names, jobs)


def _told(of: _Rows) -> Keyed[Told]:
    value, low, high, count = (of.numbers(name) for name in ("value", "low", "high", "count"))
    weight = np.where(np.isnan(count), 1.0, np.maximum(count, 0.0)) * ~np.isnan(value)
    bounded = ~np.isnan(low) & ~np.isnan(high)
    told = Told(
        records=of.count(), counted=of.count(~np.isnan(count)), bounded=of.count(bounded),
        weight=of.sum(weight), value=of.sum(weight * value),
        below=of.sum((weight * (value - low)) ** 2), above=of.sum((weight * (high - value)) ** 2),
    )  # fmt: skip
    return Keyed(of.names, told)
