"""Replay: the year as it happened, told to a workspace by the service that predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.demo.flights import FEATURES, landings

if TYPE_CHECKING:
    import pyarrow as pa

    from watchkeeper.model import Model
    from watchkeeper.running import Run

__all__ = ["replay"]

Ints = NDArray[np.int64]
HOUR = 3_600_000_000  # µs
DAY = 24 * HOUR
AT = 9 * HOUR  # UTC: five in the morning in New York, when the day's last flight is down
LIVE = (
    "2013-12-25"  # from here on the workspace is brought up to date every morning; what lies before at once
)
DAYS = 275  # from April on
Progress = Callable[[str, int, int | None], None]


def replay(folder: Path, model: Model, flights: pa.Table, progress: Progress, daily: bool = False) -> Run:
    """Log each prediction at its hour and each outcome after landing, and run every morning; gives the last run.

    Parameters
    ----------
    flights : scored, in the order of their departure
    daily : whether every morning of the year; else those of its last week, the first of which catches up
    """
    from watchkeeper.logger import Logger
    from watchkeeper.running import run

    live = int(np.datetime64(LIVE, "us").astype(np.int64))
    last = None
    with Logger(folder, model=model.name) as log:
        for day, (morning, told) in enumerate(_days(flights)):
            for event in told:
                event.tell(log)
            progress("living through the year", day, DAYS)
            if daily or morning > live:
                log.flush()
                last = run(folder, now=morning)
    assert last is not None
    return last


@dataclass(frozen=True)
class _Prediction:
    row: dict[str, Any]
    at: int

    def tell(self, log: Any) -> None:
        row = self.row
        features = {name: row[name] for name in FEATURES}
        log.prediction(id=row["flight_id"], features=features, score=row["probability"], timestamp=self.at)


@dataclass(frozen=True)
class _Outcome:
    row: dict[str, Any]
    at: int

    def tell(self, log: Any) -> None:
        log.outcome(id=self.row["flight_id"], actual=self.row["late"], known_at=self.at)


def _days(flights: pa.Table) -> Iterator[tuple[int, list[_Prediction | _Outcome]]]:
    """(morning, what happened since the one before, in its order)."""
    rows = flights.to_pylist()
    hours = flights["time_hour"].cast("timestamp[us]").cast("int64").to_numpy()
    down = dict(zip(*(column.to_pylist() for column in _landings().columns), strict=True))
    events: list[_Prediction | _Outcome] = [
        _Prediction(row, int(at)) for row, at in zip(rows, hours, strict=True)
    ]
    known = [row for row in rows if row["late"] is not None and row["flight_id"] in down]
    events += [_Outcome(row, down[row["flight_id"]]) for row in known]
    events.sort(key=lambda event: event.at)
    begin, today = 0, int(events[0].at // DAY)
    for i, event in enumerate(events):
        if event.at >= (today + 1) * DAY + AT:
            yield (today + 1) * DAY + AT, events[begin:i]
            begin, today = i, int((event.at - AT) // DAY)
    yield (today + 1) * DAY + AT, events[begin:]


def _landings() -> pa.Table:
    found = landings()
    return found.set_column(1, "landed", found["landed"].cast("timestamp[us]").cast("int64"))
