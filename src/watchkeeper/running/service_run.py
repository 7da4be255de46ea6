"""Service run: the service of one model, from what its journal has that is new to series beside those of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.judging import Beside
from watchkeeper.journal import Journal, times
from watchkeeper.journal.service import (
    Release,
    ServiceStore,
    event_times,
    first_beat,
    has_service,
    releases,
    service_of,
)
from watchkeeper.metrics import METRICS, Watched, age_of, measure_service, told_name
from watchkeeper.model import Model
from watchkeeper.profiles import Keyed, Service
from watchkeeper.profiles.summaries import Summary
from watchkeeper.running.silence import silences
from watchkeeper.running.touched import Spans, spans_of

__all__ = ["ServiceRun"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TOGETHER = 256  # windows that are counted at once: of hours some 100 kB each
MOST_GAPS = 10_000  # windows in which nothing was recorded
SECOND = 1_000_000  # µs
RHYTHM = 60  # windows before, by which a job or a told number is known
S = TypeVar("S", bound=Summary)


@dataclass
class ServiceRun:
    """The service of one model within one run.

    Attributes
    ----------
    number : of the run
    done, upto : the batches after the one up to the other are new
    before, now : up to which moment rows counted at the last run, and do now; µs since 1970 UTC
    closed : windows that end by then are closed
    """

    journal: Journal
    model: Model
    number: int
    done: int
    upto: int
    before: int | None
    now: int
    closed: int

    @cached_property
    def exists(self) -> bool:
        return has_service(self.journal, self.done)

    @property
    def store(self) -> ServiceStore:
        return ServiceStore(self.journal, f"{self.model.window} {self.model.timezone}")

    @property
    def windows(self) -> Spans:
        """All windows that are kept."""
        return spans_of(self.store.windows(), self.model)

    def update(self, touched: Spans) -> Spans:
        """Count the windows anew that something new fell into, and those that passed in silence; gives all of them.

        Parameters
        ----------
        touched : windows with new predictions
        """
        if not self.exists:
            return touched
        known = self.windows
        found = touched.with_(self._touched() if len(known) else self._everything())
        found = found.with_(self._silent(known.with_(found)))
        for part in found.parts(TOGETHER):
            service = service_of(self.journal, part.starts, part.ends, self.now)
            self.store.put(part.starts, service, self.number)
        return found

    def _touched(self) -> Spans:
        events = event_times(self.journal, self.done, self.upto, self.before, self.now)
        return spans_of(events, self.model)

    def _everything(self) -> Spans:
        events = event_times(self.journal, 0, self.upto, None, self.now)
        predictions = times(self.journal, 0, self.upto)
        return spans_of(np.concatenate([events, predictions[predictions <= self.now]]), self.model)

    def _silent(self, known: Spans) -> Spans:
        """Closed windows since the first job or process reported that nothing fell into."""
        first = first_beat(self.journal)
        if first is None or first >= self.closed:
            return known.only(np.zeros(len(known), dtype=bool))
        edges = self.model.parsed_window.starts(first, self.closed, self.model.timezone)
        every = Spans(edges[:-1], edges[1:])
        silent = every.only((every.ends <= self.closed) & ~np.isin(every.starts, known.starts))
        return silent if len(silent) <= MOST_GAPS else silent.only(np.zeros(len(silent), dtype=bool))

    # series

    def beside(self, group: Spans, reference: tuple[int, int] | None) -> Beside | None:
        """The series of these windows; None where nobody logs a service.

        Parameters
        ----------
        reference : in which windows it is normal: those that start from the one up to the other
        """
        if not self.exists:
            return None
        history = self._history(group)
        now = self._watched(group)
        now = replace(now, service=_knowing(now.service, history[1]), before=history[1])
        before = None if reference is None else self._reference(*reference)
        jobs = silences(history, group, self.closed, self.model)
        notes = (*jobs.notes, *_renamed(now.service))
        return Beside(lambda confidence: measure_service(now, before, confidence), jobs.verdicts, notes)

    def _watched(self, group: Spans) -> Watched:
        service = self.store.get(group.starts)
        ends = np.minimum(group.ends, self.now)
        age = age_of(service, ends, self._trained, [(r.at, r.version) for r in self._releases])
        return Watched(service, self._covered(service, group.starts, ends), age)

    def _covered(self, service: Service, starts: Ints, ends: Ints) -> Floats:
        """(W,) seconds; of the very first window since its first record."""
        known = self.store.windows()
        begins = np.where(starts == (known[0] if len(known) else -1), service.first[:, 0], starts)
        return np.maximum(ends - np.where(np.isfinite(begins), begins, starts), SECOND) / SECOND

    def _reference(self, start: int, end: int) -> Watched | None:
        known = self.windows
        chosen = known.only((known.starts >= start) & (known.starts < end))
        return self._watched(chosen) if len(chosen) else None

    def _history(self, group: Spans) -> tuple[Spans, Service]:
        """The windows, and as many before them as tell a job's rhythm."""
        known = self.windows
        first = max(int(np.searchsorted(known.starts, group.starts[0])) - RHYTHM, 0)
        last = int(np.searchsorted(known.starts, group.starts[-1], side="right"))
        chosen = Spans(known.starts[first:last], known.ends[first:last])
        return chosen, self.store.get(chosen.starts)

    @cached_property
    def _releases(self) -> list[Release]:
        return releases(self.journal)

    @property
    def _trained(self) -> dict[str, int]:
        """Version → when it was trained, µs since 1970 UTC: as it was released, or as the model says."""
        told = {r.version: r.trained for r in self._releases if r.trained is not None}
        given = {v: int(at.timestamp() * SECOND) for v, at in self.model.parsed_trained.items()}
        return told | given


def _knowing(service: Service, history: Service) -> Service:
    """With the jobs and told numbers of the windows before, which may be missed in these."""
    return replace(
        service, jobs=_wider(service.jobs, history.jobs.names), told=_wider(service.told, history.told.names)
    )


def _wider(keyed: Keyed[S], names: tuple[str, ...]) -> Keyed[S]:
    every = tuple(sorted({*keyed.names, *names}))
    return Keyed(every, keyed.over(every))


def _renamed(service: Service) -> Iterator[str]:
    """A note for each told number that has a name of ours."""
    for name in service.told.names:
        other = told_name(name, METRICS)
        if other != name:
            yield f"{name!r} is a metric of Watchkeeper's own: what log.metric told under this name is {other!r} here."
