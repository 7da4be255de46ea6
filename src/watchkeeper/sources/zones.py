"""Zones: times on a local clock, as instants."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

__all__ = ["instants"]

Ints = NDArray[np.int64]

MINUTE = 60_000_000  # µs
DAY = 1_440 * MINUTE
KNOWN = (-719_100, 2_932_500)  # days since 1970 that a zone can express: years 1 to 9998
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)


def instants(local: Ints, timezone: str) -> Ints:
    """(n,) µs since 1970 UTC of times (µs since 1970) on the clock of a zone.

    A time that daylight saving skips counts on as if the clock had not jumped; of one that comes twice, the
    first is meant.

    >>> noon = np.array([12 * 60 * MINUTE])
    >>> (instants(noon, "America/New_York") - noon) // (60 * MINUTE)
    array([5])
    """
    if timezone == "UTC" or not local.size:
        return local
    days, place = np.unique(np.clip(local // DAY, *KNOWN), return_inverse=True)
    begin = np.array([_offset(int(day) * 1_440, timezone) for day in days])
    end = np.array([_offset(int(day + 1) * 1_440, timezone) for day in days])
    offset = begin[place]
    turning = (begin != end)[place]
    if turning.any():
        minutes, which = np.unique(local[turning] // MINUTE, return_inverse=True)
        offset[turning] = np.array([_offset(int(minute), timezone) for minute in minutes])[which]
    moved: Ints = local - offset
    return moved


@lru_cache(maxsize=1 << 16)
def _offset(minute: int, timezone: str) -> int:
    """µs that the clock is ahead of UTC at a local minute since 1970."""
    local = (EPOCH + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(timezone))
    ahead = local.utcoffset()
    return 0 if ahead is None else ahead // MICROSECOND
