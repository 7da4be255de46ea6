"""Dates: how a page writes the windows."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchkeeper.charts.lines import Windows

__all__ = ["period_of", "window_name"]


def window_name(windows: Windows, i: int) -> str:
    """The start of a window: ``3 May 2013``, with the hour where windows are shorter than a day."""
    if windows.starts is None:
        return f"window {i + 1:,} of {windows.count:,}" if windows.count > 1 else "all rows"
    start: datetime = windows.starts[i].astype("datetime64[us]").item()
    return _day(start) + (f" {start:%H:%M}" if windows.hourly else "")


def period_of(windows: Windows, first: int = 0, last: int = -1) -> str:
    """From the start of one window to the last day of another: ``1 April 2013 – 28 February 2014``."""
    if windows.count == 0:
        return ""
    last = last % windows.count
    if windows.starts is None or windows.ends is None:
        return f"windows {first + 1:,} – {last + 1:,}" if windows.count > 1 else "all rows"
    start: datetime = windows.starts[first].astype("datetime64[us]").item()
    end: datetime | None = windows.ends[last].astype("datetime64[us]").item()
    if end is None:
        return f"from {_day(start)}"
    end -= timedelta(microseconds=1)
    return _day(start) if start.date() == end.date() else f"{_day(start)} – {_day(end)}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"
