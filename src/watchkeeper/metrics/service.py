"""Metrics of the service: requests, errors, latency, memory, jobs, and numbers that somebody else computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics.estimate import Context, Estimate, Floats, Metric
from watchkeeper.metrics.intervals import quantile, wilson
from watchkeeper.metrics.share import exact, ratio
from watchkeeper.metrics.watched import Watched
from watchkeeper.profiles import Service

__all__ = ["LOGGED", "METRICS", "OF_VERSIONS", "computed", "told_name"]

Found = Iterator[tuple[str | None, Estimate]]
QUANTILES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}
LOGGED = "logged_"  # before the name of a number that has the name of a metric of ours


def _of_rows(_context: Context) -> tuple[()]:
    """Rows do not tell it: it is computed from what loggers recorded beside them."""
    return ()


def _asked(service: Service) -> NDArray[np.int64]:
    """Requests, answered or not."""
    return service.traffic.sums.requests + service.traffic.sums.errors


def _request_rate(of: Watched) -> Found:
    if not of.has(_asked):
        return
    traffic = of.traffic
    requests = (traffic.weight + traffic.errors)[:, 0]
    count = (traffic.requests + traffic.errors)[:, 0]
    yield None, exact(ratio(requests, of.covered), count)


def _error_rate(of: Watched) -> Found:
    if not of.has(_asked):
        return
    traffic = of.traffic
    errors, all_ = traffic.errors[:, 0], (traffic.weight + traffic.errors)[:, 0]
    value = ratio(errors, all_)
    worth = ratio(all_**2, (traffic.squares + traffic.errors)[:, 0])  # requests of equal weight (Kish)
    low, high = wilson(value * worth, worth, of.confidence)
    yield None, Estimate(value, low, high, (traffic.requests + traffic.errors)[:, 0])


def _latency(q: float, of: Watched) -> Found:
    if of.has(lambda service: service.traffic.sums.timed):
        counts, lower, upper = of.latency
        value, low, high = quantile(counts, lower, upper, q, of.confidence)
        yield None, Estimate(value, np.fmax(low, 0.0), high, of.traffic.timed[:, 0])


def _memory(of: Watched) -> Found:
    processes = of.service.processes
    if of.has(lambda service: service.processes.memory_samples):
        yield None, exact(_known(processes.memory_most[:, 0]), processes.memory_samples[:, 0])


def _cpu(of: Watched) -> Found:
    processes = of.service.processes
    if of.has(lambda service: service.processes.samples):
        yield None, exact(ratio(processes.cpu, processes.samples)[:, 0], processes.samples[:, 0])


def _job_count(of: Watched) -> Found:
    jobs = of.service.jobs
    for i, name in enumerate(jobs.names):
        yield name, exact(jobs.sums.runs[:, i].astype(np.float64), jobs.sums.runs[:, i])


def _job_most(field: str, of: Watched) -> Found:
    jobs = of.service.jobs
    for i, name in enumerate(jobs.names):
        yield name, exact(_known(getattr(jobs.sums, field)[:, i]), jobs.sums.runs[:, i])


def _job_cpu(of: Watched) -> Found:
    jobs = of.service.jobs
    for i, name in enumerate(jobs.names):
        yield name, exact(ratio(jobs.sums.cpu[:, i], jobs.sums.runs[:, i]), jobs.sums.runs[:, i])


def _job_failed_rate(of: Watched) -> Found:
    jobs = of.service.jobs
    for i, name in enumerate(jobs.names):
        failed, runs = jobs.sums.failed[:, i], jobs.sums.runs[:, i]
        yield name, Estimate(ratio(failed, runs), *wilson(failed, runs, of.confidence), runs)


def _job_rows(of: Watched) -> Found:
    jobs = of.service.jobs
    for i, name in enumerate(jobs.names):
        counted = jobs.sums.counted[:, i]
        if counted.any():
            yield name, exact(np.where(counted > 0, jobs.sums.rows[:, i], np.nan), jobs.sums.runs[:, i])


def _model_age(of: Watched) -> Found:
    if np.isfinite(of.age).any():
        count = np.maximum(of.service.recorded[:, 0], 1)
        yield None, exact(of.age, np.where(np.isfinite(of.age), count, 0))


def _dropped_rate(of: Watched) -> Found:
    dropped, all_ = of.service.dropped[:, 0], (of.service.dropped + of.service.recorded)[:, 0]
    yield None, Estimate(ratio(dropped, all_), *wilson(dropped, all_, of.confidence), all_)


def _known(extreme: Floats) -> Floats:
    """Greatest values, NaN where nothing was."""
    return np.where(np.isfinite(extreme), extreme, np.nan)


def _metric(name: str, summary: str, **meaning: object) -> Metric:
    return Metric(name, "service", summary, _of_rows, **meaning)  # type: ignore[arg-type]


_LATENCY = "Of the requests that were answered, {} took at most so long; `seconds` of their predictions."
METRICS: tuple[Metric, ...] = (
    _metric("request_rate", "Requests per second, failed ones included, of the part of the window in which something "
            "could have been recorded. With `sample` each record stands for as many as were not kept."),
    _metric("error_rate", "Share of the requests that failed: errors among errors and predictions, with Wilson's "
            "interval.", better="low", unit="rate", effect=0.01),
    _metric("latency_p50", _LATENCY.format("half"), better="low", unit="seconds", effect=0.25, relative=True),
    _metric("latency_p95", _LATENCY.format("95 %") + " Within 1 % of the exact value, with Woodruff's interval.",
            better="low", unit="seconds", effect=0.25, relative=True, source='numpy.quantile(method="inverted_cdf")'),
    _metric("latency_p99", _LATENCY.format("99 %"), better="low", unit="seconds", effect=0.25, relative=True),
    _metric("memory", "The most bytes of memory that one process had, of samples once a minute.",
            better="low", unit="bytes"),
    _metric("cpu", "Cores that one process kept busy, on average over processes and minutes.",
            better="low"),
    _metric("job_count", "Runs of a batch job that began in the window.", better="high", unit="count"),
    _metric("job_duration", "The longest run of a batch job that began in the window. Without one where one was "
            "due: no data.", better="low", unit="seconds"),
    _metric("job_failed_rate", "Share of the runs of a batch job that ended with an exception, with Wilson's "
            "interval.", better="low", unit="rate"),
    _metric("job_rows", "Rows that the runs of a batch job handled.", unit="count"),
    _metric("job_memory", "The most bytes of memory that the process of a batch job had while it ran.", better="low",
            unit="bytes"),
    _metric("job_cpu", "Cores that a batch job kept busy while it ran, on average over its runs.", better="low"),
    _metric("model_age", "Time from the training of the version that served until the window's end.", better="low",
            unit="seconds"),
    _metric("dropped_rate", "Share of the records that loggers could not keep: a full queue or disk, values that no "
            "record can be made of.", better="low", unit="rate", effect=0.01),
)  # fmt: skip
COMPUTE: dict[str, Callable[[Watched], Found]] = {
    "request_rate": _request_rate, "error_rate": _error_rate,
    **{name: partial(_latency, q) for name, q in QUANTILES.items()},
    "memory": _memory, "cpu": _cpu, "job_count": _job_count, "job_duration": partial(_job_most, "longest"),
    "job_failed_rate": _job_failed_rate, "job_rows": _job_rows,
    "job_memory": partial(_job_most, "memory_most"), "job_cpu": _job_cpu, "model_age": _model_age,
    "dropped_rate": _dropped_rate,
}  # fmt: skip
OF_VERSIONS = ("request_rate", "error_rate", *QUANTILES)


def computed(of: Watched, known: dict[str, Metric]) -> Iterator[tuple[Metric, str | None, Estimate]]:
    """Every number of a service.

    Parameters
    ----------
    known : all metrics by their names, which no told number may take
    """
    for metric in METRICS:
        for column, estimate in COMPUTE[metric.name](of):
            yield metric, column, estimate
    told = of.service.told
    for i, name in enumerate(told.names):
        yield _told_metric(name, known), None, _told(of, i)


def told_name(name: str, known: dict[str, Metric]) -> str:
    """What a number that ``log.metric`` told is called: a name of ours gets ``logged_`` before it.

    >>> told_name("queue_length", {}), told_name("error_rate", {"error_rate": METRICS[1]})
    ('queue_length', 'logged_error_rate')
    """
    return f"{LOGGED}{name}" if name in known else name


def _told_metric(name: str, known: dict[str, Metric]) -> Metric:
    like = known.get(name)
    summary = f"{name}, as log.metric told it: the mean of the window's records, each by its count."
    meaning = {} if like is None else {"better": like.better, "unit": like.unit}
    return _metric(told_name(name, known), summary, **meaning)


def _told(of: Watched, i: int) -> Estimate:
    """The mean by counts, and the interval that follows from those of independent records."""
    told = of.service.told.sums
    weight, records = told.weight[:, i], told.records[:, i]
    value = ratio(told.value[:, i], weight)
    with np.errstate(invalid="ignore"):
        below, above = (ratio(np.sqrt(part[:, i]), weight) for part in (told.below, told.above))
    bounded = (told.bounded[:, i] == records) & (records > 0)
    low, high = np.where(bounded, value - below, np.nan), np.where(bounded, value + above, np.nan)
    count = np.where(told.counted[:, i] == records, np.rint(weight).astype(np.int64), -1)  # -1: not known
    return Estimate(value, low, high, count)
