"""When: which column is the timestamp, and how long a window should be."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.model.inference.fact import Fact
from watchkeeper.model.inference.guess import Guess
from watchkeeper.model.inference.names import rank

__all__ = ["guess_time", "guess_window"]

Ints = NDArray[np.int64]

UNIX = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
EARLIEST, LATEST = 631_152_000, 4_102_444_800  # 1990 and 2100, in Unix seconds
DAY = 86_400_000_000  # µs
WRITTEN = re.compile(r"\d{1,2}(?P<mark>[./-])\d{1,2}(?P=mark)\d{4}(?:\s|$)")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
LENGTHS = {"1h": DAY // 24, "6h": DAY // 4, "1d": DAY, "1w": 7 * DAY, "1mo": 30 * DAY}
ENOUGH = 500  # rows in a window: a rate of 0.9 is then known to ±0.03
LITTLE = 100  # rows that will do where there would be fewer than four windows otherwise
OTHER_TIMES = re.compile(r".*(?:birth|dob|update|modified|expir|due|end|until|valid|sched|signup|joined).*")


def guess_time(guess: Guess) -> None:
    """Set ``timestamp``, and ``timezone`` where the column has one; further times are no features."""
    if given := guess.fixed("timestamp"):
        guess.take("timestamp", given, "given")
        return
    found = [
        (order, fact, how)
        for fact in guess.candidates
        if (order := _order(fact)) and (how := times_of(fact)[1])
    ]
    found.sort(key=lambda f: f[0])
    if not found:
        years = [f.name for f in guess.free if f.key in ("year", "month") and f.whole]
        hint = f"; {years[0]!r} alone is too coarse for windows" if years else ""
        guess.suggest("timestamp", "COLUMN", f"no column holds timestamps{hint}")
        return
    _, fact, how = found[0]
    times = times_of(fact)[0]
    span = f"{_day(times.min())} to {_day(times.max())}" if times is not None and times.size else "no value"
    guess.take("timestamp", fact, f"{how}, {span}")
    zone = getattr(fact.array.type, "tz", None)
    if zone and re.fullmatch(r"[A-Za-z_]+/[A-Za-z_/+-]+\d*", zone) and zone != "Etc/UTC":
        guess.set("timezone", zone, f"the zone of {fact.name!r}")
    for _, other, _ in found[1:]:
        if other.kind == "time":
            guess.excluded[other.name] = "another time: as a number it only ever grows"


def _order(fact: Fact) -> tuple[int, ...] | None:
    """Sorts candidates: by name, then by type; None for columns that cannot be the timestamp."""
    named = rank("timestamp", fact.key)
    if (
        fact.known == 0
        or (fact.kind == "number" and named is None)
        or fact.kind not in ("time", "text", "number")
    ):
        return None
    odd = bool(OTHER_TIMES.fullmatch(fact.key))
    return int(odd), fact.kind != "time", 200 if named is None else named, fact.missing


def times_of(fact: Fact) -> tuple[Ints | None, str]:
    """(µs since 1970 of the known values, how they are written), or (None, "")."""
    if fact.kind == "time":
        type_ = "dates" if pa.types.is_date(fact.array.type) else "timestamps"
        return _microseconds(fact.array), type_
    if fact.kind == "text":
        return _from_text(fact)
    values = fact.finite
    if not values.size:
        return None, ""
    for unit, factor in UNIX.items():
        seconds = np.quantile(values, [0.01, 0.99]) * factor / 1e6
        if seconds[0] >= EARLIEST and seconds[1] <= LATEST:
            return (values * factor).astype(np.int64), f"Unix {unit}"
    return None, ""


def _microseconds(array: pa.Array) -> Ints:
    import pyarrow.compute as pc

    known = pc.cast(array.drop_null(), pa.timestamp("us", getattr(array.type, "tz", None)), safe=False)
    return np.asarray(known.cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def _from_text(fact: Fact) -> tuple[Ints | None, str]:
    import pyarrow.compute as pc

    known = fact.array.drop_null()
    if len(known) and (written := WRITTEN.match(str(known[0]))):
        return _from_dates(known, written["mark"])
    if not len(known) or not str(known[0])[:4].isdigit() or len(str(known[0])) < 8:
        return None, ""
    for zone in (None, "UTC"):
        try:
            times = pc.cast(known, pa.timestamp("us", zone))
            return _microseconds(times), "ISO text" + (" with zone" if zone else "")
        except pa.ArrowInvalid:
            continue
    return None, ""


def _from_dates(known: pa.Array, mark: str) -> tuple[Ints | None, str]:
    """31.01.2026 and 1/31/2026, with or without a clock; 03/04/2026 is in March, as it is read."""
    import pyarrow.compute as pc

    days = ("%d.%m.%Y",) if mark == "." else (f"%m{mark}%d{mark}%Y", f"%d{mark}%m{mark}%Y")
    for style in (day + clock for day in days for clock in CLOCKS):
        if pc.strptime(known[:1], style, "us", error_is_null=True).null_count:
            continue
        times = pc.strptime(known, style, "us", error_is_null=True)
        if not times.null_count:
            order = {"%d": "day first", "%m": "month first"}[style[:2]]
            return _microseconds(times), f"dates as text, {order}"
    return None, ""


def _day(microseconds: int) -> str:
    return str(np.datetime64(int(microseconds), "us").astype("datetime64[D]"))


def guess_window(guess: Guess, partial: bool) -> None:
    """Set ``window``: the shortest that holds enough rows; ``partial``: these are not all rows."""
    fact = guess.fact("timestamp")
    times = times_of(fact)[0] if fact else None
    if times is None or times.size < 2:
        guess.set("window", None, "no timestamp: all rows together; '1000 rows' would go by their order")
        return
    daily = bool((times % DAY == 0).all())
    fits = {w: _rows(times, length) for w, length in LENGTHS.items() if not daily or length >= DAY}
    window = next((w for w, rows in fits.items() if rows >= ENOUGH), "1mo")
    if times.max() - times.min() < 4 * LENGTHS[window]:
        window = next((w for w, rows in fits.items() if rows >= LITTLE), window)
    if partial and LENGTHS[window] > DAY and not _in_order(times):
        guess.set(
            "window",
            "1d",
            "a guess: the rows are not in the order of time, and only the first were looked at",
        )
        return
    rows = fits[window]
    more = "" if rows >= ENOUGH else "; few, so that only large changes can be told from chance"
    guess.set("window", window, f"about {rows:,} rows each{more}")


def _rows(times: Ints, length: int) -> int:
    """The usual number of rows in a window: the median of those that have any."""
    return int(np.median(np.unique(times // length, return_counts=True)[1]))


def _in_order(times: Ints) -> bool:
    """Whether the rows go with time, a little disorder apart: twentieths of them mostly follow each other."""
    means = np.array([part.mean() for part in np.array_split(times, 20)])
    return float((np.diff(means) >= 0).mean()) > 0.75
