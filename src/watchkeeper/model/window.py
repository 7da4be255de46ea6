"""Windows: the periods that are judged at once, and where they begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import ModelError
from watchkeeper.model.calendar import days_between, midnights, wall_times
from watchkeeper.model.span import SHORT, Unit, span_of

__all__ = ["Window"]

Ints = NDArray[np.int64]

MINUTE = 60_000_000  # µs
DAY = 1_440 * MINUTE
MONDAY = 4  # days from 1970-01-01 to the first Monday, from which periods of several days are counted
MOST = 5_000_000  # boundaries: 9 years of minutes; more is a wrong timestamp or a wrong window
LONGEST = 3_660  # days
VALID = "'30min', '1h', '6h', '1d', '1w', '1mo', '1000 rows' or None"


@dataclass(frozen=True)
class Window:
    """How long a window is, and where windows begin.

    Days begin at local midnight, weeks on Monday, months on the first. Periods of several days or weeks are
    counted from Monday 1970-01-05, of several months from January (``3mo`` are quarters). Hours and minutes
    must divide a day and begin at local midnight: up to one hour by the time that passes (a day of 23 or 25
    hours has 23 or 25 windows of ``1h``), above by the clock on the wall (``6h``: 0, 6, 12, 18 o'clock; one
    window of such a day is 5 or 7 hours long).

    Attributes
    ----------
    kind : "time", "rows" (every ``count`` rows, in their order), or "none" (all rows together)

    >>> Window.parse("6h")
    Window(kind='time', count=6, unit='hour')
    >>> [str(Window.parse(t)) for t in ("1 week", "1000 rows", None)]
    ['1w', '1000 rows', 'None']
    """

    kind: Literal["time", "rows", "none"]
    count: int = 0
    unit: Unit = "day"

    @classmethod
    def parse(cls, text: str | None) -> Window:
        """Read ``"1h"``, ``"6h"``, ``"30min"``, ``"1d"``, ``"1w"``, ``"1mo"``, ``"1000 rows"`` or None.

        Raises
        ------
        ModelError
            where the text is no window, or hours or minutes do not divide a day
        """
        if text is None:
            return cls("none")
        span = span_of(text) if isinstance(text, str) else None
        if span is None:
            hint = (
                " ('m' could be minutes, 'min', or months, 'mo')" if str(text).strip().endswith("m") else ""
            )
            raise ModelError(f"window: {text!r} is not a window{hint}; valid are {VALID}")
        count, unit = span
        minutes = count * {"minute": 1, "hour": 60}.get(unit, 1440)
        if unit in ("minute", "hour") and 1440 % minutes:
            raise ModelError(f"window: {text!r} does not divide a day into equal parts; use {VALID}")
        days = count * {"minute": 0, "hour": 0, "week": 7, "month": 30}.get(unit, 1)
        if unit != "row" and days > LONGEST:
            raise ModelError(f"window: {text!r} is longer than ten years; use None for all rows together")
        return cls("rows" if unit == "row" else "time", count, unit)

    def __str__(self) -> str:
        return "None" if self.kind == "none" else f"{self.count}{SHORT[self.unit]}"

    def starts(self, first: int, last: int, timezone: str = "UTC") -> Ints:
        """Boundaries of the windows that cover first..last, the end of the last one included.

        Parameters
        ----------
        first, last : µs since 1970 UTC; for "rows" positions of rows
        timezone : an IANA name, in which midnight is meant

        Returns
        -------
        (W + 1,) int64, ascending: window i is [b[i], b[i + 1]); b[0] <= first, b[-1] > last.
        For "none" [0, the greatest int64].

        Raises
        ------
        ModelError
            outside the years 21 to 9881, or for more than 5 million windows

        >>> Window.parse("1d").starts(0, 86_400_000_000).tolist()
        [0, 86400000000, 172800000000]
        """
        if self.kind == "none":
            return np.array([0, np.iinfo(np.int64).max])
        if self.kind == "rows":
            begin = first // self.count * self.count
            return np.arange(begin, last + self.count + 1, self.count, dtype=np.int64)
        days = days_between(first, last, timezone)
        self._bounded(first, last)
        every = self._boundaries(*days, timezone)
        left = np.searchsorted(every, first, side="right") - 1
        return every[left : np.searchsorted(every, last, side="right") + 1]

    def end(self, start: int, timezone: str = "UTC") -> int:
        """The end of the window that begins (or lies) here: the start of the next one."""
        return int(self.starts(start, start, timezone)[1])

    def seasons(self, starts: Ints, timezone: str = "UTC") -> dict[str, Ints]:
        """What recurs in windows that start here: which "weekday" (0 Monday) each is, and which "hour" of the day.

        Only of days, and of parts of one; longer windows hold whole weeks, or drift through them.
        """
        within = self.unit in ("minute", "hour")
        if self.kind != "time" or not (within or (self.unit == "day" and self.count == 1)):
            return {}
        first, last = days_between(int(starts.min()), int(starts.max()), timezone)
        days = np.arange(first, last + 1)
        begins = midnights(days, timezone)
        day = np.searchsorted(begins, starts, side="right") - 1
        found = {"weekday": (days[day] - MONDAY) % 7}
        if within:
            found["hour"] = (starts - begins[day]) // (60 * MINUTE)
        return found

    def _bounded(self, first: int, last: int) -> None:
        length = self.count * {"minute": MINUTE, "hour": 60 * MINUTE, "week": 7 * DAY, "month": 28 * DAY}.get(
            self.unit, DAY
        )
        if (last - first) // length > MOST:
            years = (last - first) / DAY / 365.25
            raise ModelError(
                f"window: '{self}' over {years:,.0f} years makes {(last - first) // length:,} windows, "
                f"more than {MOST:,}; take a longer window, or look for wrong timestamps"
            )

    def _boundaries(self, first: int, last: int, timezone: str) -> Ints:
        """All boundaries from before local day ``first`` to after ``last`` (days since 1970-01-01)."""
        if self.unit in ("minute", "hour"):
            return self._within_days(first, last, timezone)
        if self.unit == "month":
            return np.unique(midnights(self._months(first, last), timezone))
        step = self.count * (7 if self.unit == "week" else 1)
        begin = (first - MONDAY) // step * step + MONDAY
        return np.unique(midnights(np.arange(begin, last + step + 1, step), timezone))

    def _months(self, first: int, last: int) -> Ints:
        months = np.array([first, last], dtype="datetime64[D]").astype("datetime64[M]").astype(np.int64)
        begin = int(months[0]) // self.count * self.count
        steps = np.arange(begin, int(months[1]) + self.count + 1, self.count)
        return steps.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)

    def _within_days(self, first: int, last: int, timezone: str) -> Ints:
        step = self.count * (MINUTE if self.unit == "minute" else 60 * MINUTE)
        begins = midnights(np.arange(first, last + 2), timezone)
        lengths = np.diff(begins)
        counts = -(-lengths // step)  # a last part of a day may be shorter
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        every = np.repeat(begins[:-1], counts) + within * step
        if step > 60 * MINUTE and (odd := lengths != DAY).any():
            days = np.flatnonzero(odd) + first
            every = np.concatenate([every[~np.repeat(odd, counts)], wall_times(days, step, timezone)])
        return np.unique(np.append(every, begins[-1]))
