"""Service: windows of a service, counted from predictions and events, and kept as the last run counted them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.reading import joined, once
from watchkeeper.journal.table import Table
from watchkeeper.profiles import (
    EVENT_COLUMNS,
    PREDICTION_COLUMNS,
    PROFILE,
    Service,
    of_events,
    of_predictions,
    service_from_arrow,
    service_to_arrow,
)

__all__ = ["Release", "ServiceStore", "event_times", "first_beat", "has_service", "releases", "service_of"]

Ints = NDArray[np.int64]
Count = Callable[[pa.RecordBatch, Ints, Ints], Service]
ROWS = 500_000  # of a batch
COLUMNS = ", ".join(PROFILE.names)


@dataclass(frozen=True)
class Release:
    """A version that was released, and when it was trained; µs since 1970 UTC."""

    at: int
    version: str
    trained: int | None


def has_service(journal: Journal, done: int) -> bool:
    """Whether anybody logs more than what was predicted: events, or how long answers took.

    Of batches up to ``done`` a run has looked, and kept windows of the service where it found it.
    """
    if journal.events.exists or journal.tables["service"].exists:
        return True
    table = journal.predictions
    if not journal.view("timed_prediction", table, table.files(after=done)):
        return False
    return journal.row("SELECT 1 FROM timed_prediction WHERE seconds IS NOT NULL LIMIT 1") is not None


def event_times(journal: Journal, done: int, upto: int, after: int | None, now: int) -> Ints:
    """(n,) µs since 1970 UTC of events that are new: of batches after ``done`` up to ``upto``, or later than ``after``
    and no longer than ``now``, as a clock that is ahead tells them.
    """
    table = journal.events
    files = {*table.files(after=done), *(table.files(after, now + 1) if after is not None else ())}
    if not journal.view("new_event", table, sorted(files)):
        return np.zeros(0, dtype=np.int64)
    come = "" if after is None else f" OR us > {after}"
    new = f"(batch > {done} AND batch <= {upto})"
    sql = f"SELECT DISTINCT epoch_us(timestamp) AS us FROM new_event WHERE ({new}{come}) AND us <= {now}"
    found: Ints = journal.rows(sql)["us"].to_numpy()
    return found


def first_beat(journal: Journal) -> int | None:
    """When the first job or process reported, which they do again: from then on silence tells something."""
    if not journal.view("every_event", journal.events):
        return None
    found = journal.row("SELECT epoch_us(min(timestamp)) FROM every_event WHERE kind IN ('job', 'process')")
    return None if found is None or found[0] is None else int(found[0])


def releases(journal: Journal) -> list[Release]:
    """Every release, ascending."""
    if not journal.view("every_event", journal.events):
        return []
    rows = journal.rows(
        "SELECT epoch_us(timestamp) AS at, version, epoch_us(trained_at) AS trained FROM every_event"
        " WHERE kind = 'release' AND version IS NOT NULL ORDER BY 1, 2"
    )
    return [Release(**row) for row in rows.to_pylist()]


def service_of(journal: Journal, starts: Ints, ends: Ints, now: int) -> Service:
    """The service in these windows, from its rows.

    Parameters
    ----------
    starts, ends : (W,) of the windows, ascending, µs since 1970 UTC
    now : later rows do not count
    """
    parts = [Service.empty(len(starts))]
    for batch, count in _batches(journal, starts, ends, now):
        parts.append(count(batch, starts, ends))
        if len(parts) > 8:
            parts = [_sum(parts)]
    return _sum(parts)


def _sum(parts: Sequence[Service]) -> Service:
    every = np.arange(len(parts[0]))
    return Service.join(parts, [every] * len(parts), len(every))


def _batches(journal: Journal, starts: Ints, ends: Ints, now: int) -> Iterator[tuple[pa.RecordBatch, Count]]:
    spans = joined(list(zip(starts.tolist(), ends.tolist(), strict=True)))
    where = " OR ".join(f"epoch_us(timestamp) BETWEEN {a} AND {min(b - 1, now)}" for a, b in spans)
    if journal.view("window_prediction", journal.predictions, _files(journal.predictions, spans)):
        sql = f"SELECT {_selected(PREDICTION_COLUMNS)} FROM ({once(journal, where)})"
        yield from ((batch, of_predictions) for batch in _read(journal, sql))
    if journal.view("window_event", journal.events, _files(journal.events, spans)):
        sql = f"SELECT {_selected(EVENT_COLUMNS)} FROM window_event WHERE {where}"
        yield from ((batch, of_events) for batch in _read(journal, sql))


def _files(table: Table, spans: Sequence[tuple[int, int]]) -> list[str]:
    return sorted({file for start, end in spans for file in table.files(start, end)})


def _selected(columns: Sequence[str]) -> str:
    return ", ".join("epoch_us(timestamp) AS at" if name == "at" else f'"{name}"' for name in columns)


def _read(journal: Journal, sql: str) -> Iterator[pa.RecordBatch]:
    yield from journal.connection.query(sql).to_arrow_reader(ROWS)


@dataclass(frozen=True)
class ServiceStore:
    """Windows of a service, kept.

    Attributes
    ----------
    series : which windows these are, by length and time zone; those of another series stay beside them
    """

    journal: Journal
    series: str

    @property
    def _table(self) -> Table:
        return self.journal.tables["service"]

    def put(self, starts: Ints, service: Service, run: int) -> None:
        """Keep windows; of each the greatest run counts."""
        rows = service_to_arrow(service, starts)
        for name, value in (("series", pa.scalar(self.series)), ("run", pa.scalar(run, pa.int64()))):
            rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
        if rows.num_rows:
            self._table.append(rows)

    def windows(self) -> Ints:
        """(W,) starts of the windows that are kept, ascending."""
        if not self.journal.view("service", self._table):
            return np.zeros(0, dtype=np.int64)
        sql = "SELECT DISTINCT window_start FROM service WHERE series = $series ORDER BY 1"
        found: Ints = self.journal.rows(sql, {"series": self.series})["window_start"].to_numpy()
        return found

    def get(self, starts: Ints) -> Service:
        """Exactly these windows, ascending; those that are not kept are empty."""
        nothing = Service.empty(len(starts))
        within = {"window_start": (int(starts.min(initial=0)), int(starts.max(initial=0)))}
        if not len(starts) or not self.journal.view("service", self._table, self._table.files(within=within)):
            return nothing
        bounds = f"series = $series AND window_start IN ({', '.join(map(str, starts.tolist()))})"
        rows = f"SELECT * FROM service WHERE {bounds}"
        last = f"SELECT window_start, max(run) AS run FROM ({rows}) GROUP BY window_start"
        sql = f"SELECT {COLUMNS} FROM ({rows}) SEMI JOIN ({last}) USING (window_start, run)"
        table = self.journal.rows(sql, {"series": self.series}).cast(PROFILE)
        if not table.num_rows:
            return nothing
        known, service = service_from_arrow(table)
        return Service.join([service], [np.searchsorted(starts, known)], len(starts))
