"""Local days: when midnight is, in UTC, in a zone with daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import ModelError

__all__ = ["days_between", "midnights", "wall_times"]

Ints = NDArray[np.int64]

DAY = 86_400_000_000  # µs
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = (-712_000, 2_890_000)  # days since 1970, inside what datetime can express with room for a window
MICROSECOND = timedelta(microseconds=1)


def days_between(first: int, last: int, timezone: str) -> tuple[int, int]:
    """The local days (since 1970-01-01) that two instants (µs since 1970 UTC) fall on."""
    if first > last:
        raise ModelError(f"window: the first timestamp ({first}) lies after the last ({last})")
    for instant in (first, last):
        if not YEARS[0] <= instant // DAY <= YEARS[1]:
            raise ModelError(f"timestamp: {instant} µs since 1970 lies outside the years 21 to 9881")
    zone = ZoneInfo(timezone)
    local = ((EPOCH + timedelta(microseconds=i)).astimezone(zone).date() for i in (first, last))
    day, final = (d.toordinal() - EPOCH.toordinal() for d in local)
    return day, final


def midnights(days: Ints, timezone: str) -> Ints:
    """(n,) µs since 1970 UTC at which each local day (since 1970-01-01) begins.

    A midnight that daylight saving skips is the moment of the jump; of one that comes twice, the first.
    """
    if timezone == "UTC" or days.size == 0:
        return days * DAY
    begin = int(days.min())
    table = _table(begin - begin % 512, int(days.max()) // 512 * 512 + 512, timezone)
    return table[days - (begin - begin % 512)]


@lru_cache(maxsize=64)
def _table(begin: int, end: int, timezone: str) -> Ints:
    """Midnights of all days in [begin, end), a table that repeated calls share."""
    zone = ZoneInfo(timezone)
    first = datetime(1970, 1, 1, tzinfo=zone)
    offsets = (_offset(first + timedelta(days=d)) for d in range(begin, end))
    shift = np.fromiter(offsets, dtype=np.int64, count=end - begin)
    return np.arange(begin, end, dtype=np.int64) * DAY - shift


def wall_times(days: Ints, step: int, timezone: str) -> Ints:
    """µs since 1970 UTC of every multiple of ``step`` µs on the local clock of each of a few days."""
    zone = ZoneInfo(timezone)
    first = datetime(1970, 1, 1, tzinfo=zone)
    wall = [int(d) * DAY + t for d in days for t in range(0, DAY, step)]
    return np.array([w - _offset(first + timedelta(microseconds=w)) for w in wall], dtype=np.int64)


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    return 0 if offset is None else offset // MICROSECOND
