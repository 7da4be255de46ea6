"""Silence: a job that did not come in a window in which, by its rhythm so far, it was due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model import Model
from watchkeeper.profiles import Service
from watchkeeper.running.touched import Spans
from watchkeeper.verdicts import Windows

__all__ = ["Silences", "due", "silences"]

Flags = NDArray[np.bool_]
RHYTHM = 5  # gaps between runs that are looked back at: of a job on weekdays one is the weekend


@dataclass(frozen=True)
class Silences:
    """What jobs did not do.

    Attributes
    ----------
    verdicts : job → position of a window in which it was due and did not come → why
    notes : one sentence for each such job
    """

    verdicts: dict[str, dict[int, str]]
    notes: tuple[str, ...]


def due(came: Flags) -> Flags:
    """(W,) where a job was due and did not come: as long ago as the longest of its last gaps.

    >>> due(np.array([1, 1, 1, 0, 1, 0, 0, 1], dtype=bool)).nonzero()[0].tolist()
    [3, 6]
    """
    missing = np.zeros(len(came), dtype=bool)
    runs: list[int] = []
    for i, came_here in enumerate(came.tolist()):
        if came_here:
            runs.append(i)
        elif len(runs) > 1:
            missing[i] = i - runs[-1] >= np.diff(runs[-RHYTHM - 1 :]).max()
    return missing


def silences(history: tuple[Spans, Service], group: Spans, closed: int, model: Model) -> Silences:
    """What was due and did not come.

    Parameters
    ----------
    history : windows up to the last of the group, without gaps as far as they are known, and the service in them
    group : windows in question
    closed : those that end by then are over
    """
    windows, service = history
    place = np.searchsorted(group.starts, windows.starts)
    inside = np.isin(windows.starts, group.starts) & (windows.ends <= closed)
    shown = Windows.of((group.starts, group.ends), model)
    verdicts: dict[str, dict[int, str]] = {}
    notes: list[str] = []
    for column, name in enumerate(service.jobs.names):
        runs, last = service.jobs.sums.runs[:, column], service.jobs.sums.last[:, column]
        found = np.flatnonzero(due(runs > 0) & inside)
        if len(found):
            begun = np.maximum.accumulate(last)[found]
            last_begun = [f"it last began {_moment(int(at), model)}" for at in begun]
            when = [(int(place[i]), shown.phrase(int(place[i]))) for i in found]
            verdicts[name] = {
                i: f"{name} did not run {phrase}; {since}."
                for (i, phrase), since in zip(when, last_begun, strict=True)
            }
            often = f" in {len(found):,} windows in which it was due, last" if len(found) > 1 else ""
            notes.append(f"{name} did not run{often} {when[-1][1]}; {last_begun[-1]}.")
    return Silences(verdicts, tuple(notes))


def _moment(at: int, model: Model) -> str:
    moment = Windows.of((np.array([at]), np.array([at])), model).since(0)
    return f"at {moment}" if " on " in moment else f"on {moment}"
