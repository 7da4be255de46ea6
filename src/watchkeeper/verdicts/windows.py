"""Windows: which stretch of time, or of rows, each position of a series stands for, and how to say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model import Model

__all__ = ["Windows"]

Ints = NDArray[np.int64]

HOUR = 3_600_000_000  # µs
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of a check.

    Attributes
    ----------
    count : W, number of windows
    starts, ends : (W,) int64, µs since 1970 UTC; row positions (end exclusive) where ``kind`` is "rows"; the
        numbers themselves where it is "numbered"; None where windows have no name
    kind : what the windows are
    noun : what one is called, where it is no time: "week" 9
    timezone : in which times are written

    >>> windows = Windows.of((np.array([0]), np.array([86_400_000_000])))
    >>> windows.phrase(0)
    'on 1 January 1970'
    """

    count: int
    starts: Ints | None = None
    ends: Ints | None = None
    kind: Literal["time", "rows", "numbered", "none"] = "none"
    timezone: str = "UTC"
    noun: str = "window"

    @classmethod
    def of(cls, windows: Windows | int | tuple[Ints, Ints] | None, model: Model | None = None) -> Windows:
        """Windows from their number, or from their starts and ends as the model's ``window`` means them."""
        if isinstance(windows, Windows):
            return windows
        if windows is None or isinstance(windows, int):
            return cls(1 if windows is None else windows)
        kind = "time" if model is None else model.parsed_window.kind
        if kind == "none":
            return cls(len(windows[0]))
        starts, ends = (np.asarray(edge, dtype=np.int64) for edge in windows)
        return cls(len(starts), starts, ends, kind, "UTC" if model is None else model.timezone)

    def start(self, position: int) -> datetime | None:
        """When a window starts, UTC; None where windows are no times."""
        if self.kind != "time" or self.starts is None:
            return None
        return EPOCH + timedelta(microseconds=int(self.starts[position]))

    def phrase(self, position: int) -> str:
        """Where in time a window lies: "on 10 July 2013", "in July 2013", "in rows 5,000 to 5,999", or ""."""
        if self.starts is None or self.ends is None or self.kind in ("numbered", "none"):
            return f"in {self.since(position)}" if self.count > 1 else ""
        first, last = int(self.starts[position]), int(self.ends[position])
        if self.kind == "rows":
            return f"in rows {first:,} to {last - 1:,}"
        return _time_phrase(self._local(first), last - first, self._local(last))

    def since(self, position: int) -> str:
        """The beginning of a window as a moment: "10 July 2013", "14:00 on 10 July 2013", "row 5,000"."""
        if self.starts is None or self.ends is None or self.kind in ("numbered", "none"):
            return f"{self.noun} {position + 1 if self.starts is None else int(self.starts[position])}"
        if self.kind == "rows":
            return f"row {int(self.starts[position]):,}"
        local = self._local(int(self.starts[position]))
        month = int(self.ends[position] - self.starts[position]) > 27 * DAY and local.day == 1
        return _month(local) if month else _moment(local)

    def _local(self, microseconds: int) -> datetime:
        return (EPOCH + timedelta(microseconds=microseconds)).astimezone(ZoneInfo(self.timezone))


def _date(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def _month(at: datetime) -> str:
    return f"{MONTHS[at.month - 1]} {at.year}"


def _moment(at: datetime) -> str:
    midnight = at.hour == at.minute == at.second == 0
    return _date(at) if midnight else f"{at:%H:%M} on {_date(at)}"


def _time_phrase(start: datetime, length: int, end: datetime) -> str:
    """By its length: 23 to 25 hours are a day with its change of the clock, 27 days and more a month."""
    if length < 23 * HOUR:
        return f"from {start:%H:%M} to {end:%H:%M} on {_date(start)}"
    if length <= 25 * HOUR:
        return f"on {_date(start)}" if start.hour == 0 else f"in the day from {_moment(start)}"
    if abs(length - 7 * DAY) <= HOUR:
        return f"in the week of {_date(start)}"
    if start.day == 1 and end.day == 1 and 27 * DAY < length < 32 * DAY:
        return f"in {_month(start)}"
    return f"from {_moment(start)} to {_moment(end)}"
