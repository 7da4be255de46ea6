"""Timestamps: whatever says when, as timestamp[us, UTC]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t
from numpy.typing import NDArray

from watchkeeper.rows import Aside
from watchkeeper.sources.kinds import is_text
from watchkeeper.sources.written_times import read_times
from watchkeeper.sources.zones import DAY, instants

__all__ = ["INSTANT", "Clock"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

INSTANT = pa.timestamp("us", "UTC")
UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
MAGNITUDES = (
    1e11,
    1e14,
    1e17,
)  # below: seconds (to the year 5138), milliseconds, microseconds; above: nanoseconds
LIMIT = 2.0**63
YEARS = (
    -59_011_459_200_000_000,
    253_402_300_800_000_000,
)  # µs since 1970: from the year 100, and of windows, to 9999


@dataclass(frozen=True)
class Clock:
    """How times are understood.

    Attributes
    ----------
    timezone : of times without an offset; an IANA name
    day_first : whether 03/04/2026 is in April
    """

    timezone: str = "UTC"
    day_first: bool = False

    def read(self, array: pa.Array) -> tuple[pa.Array, Aside]:
        """(timestamp[us, UTC] with null where there is none, what was missing or not understood).

        Takes dates, timestamps with and without zone, ISO 8601 and other common spellings, and Unix time in
        seconds, milli-, micro- or nanoseconds, told apart by their size, value by value.

        >>> stamps, aside = Clock().read(pa.array(["2026-03-01", "2026-03-01T02:00+02:00", "1772323200", "soon"]))
        >>> [str(s) for s in stamps.to_pylist()][:2], stamps[2] == stamps[0]
        (['2026-03-01 00:00:00+00:00', '2026-03-01 00:00:00+00:00'], True)
        >>> aside
        Aside(counts={'timestamp not understood': 1}, examples={'timestamp not understood': 'soon'})
        """
        stamps = _in_the_calendar(self._instants(array))
        return stamps, _lost(array, stamps)

    def _instants(self, array: pa.Array) -> pa.Array:
        type_ = array.type
        if t.is_dictionary(type_):
            return self._instants(array.dictionary_decode())
        if t.is_timestamp(type_):
            whole = _whole(array, type_.unit)
            return whole.view(INSTANT) if type_.tz is not None else self._local(whole)
        if t.is_date(type_):
            return self._local(array.cast(pa.date32()).view(pa.int32()).cast(pa.int64()), DAY)
        if t.is_integer(type_) or t.is_floating(type_) or t.is_decimal(type_):
            return self._of_numbers(array)
        if is_text(type_):
            return self._of_texts(array)
        return pa.nulls(len(array), INSTANT)

    def _local(self, whole: pa.Array, unit: int = 1) -> pa.Array:
        if self.timezone == "UTC" and unit == 1:
            return whole.view(INSTANT)
        values = whole.fill_null(0).to_numpy(zero_copy_only=False) * unit
        return _stamps(instants(values, self.timezone), whole.is_valid().to_numpy(zero_copy_only=False))

    def _of_numbers(self, array: pa.Array) -> pa.Array:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        if t.is_integer(array.type) and not t.is_uint64(array.type):
            values = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
            local, dated = _written_as_digits(values)
            instant = _unix_ints(values)
        else:
            floats = array.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
            valid = valid & np.isfinite(floats) & (np.abs(floats) < LIMIT)
            floats = np.where(valid, floats, 0.0)
            local, dated = _written_as_digits(floats.astype(np.int64))
            dated &= floats == np.floor(floats)
            instant = _unix_floats(floats)
        if dated.any():
            instant[dated] = instants(local[dated], self.timezone)
        return _stamps(instant, valid)

    def _of_texts(self, array: pa.Array) -> pa.Array:
        text = array.cast(pa.string())
        for type_ in (pa.timestamp("us"), INSTANT):
            try:
                return self._instants(text.cast(type_))
            except pa.ArrowInvalid:
                continue
        local, instant, number = read_times(text, self.day_first)
        stamps = pc.coalesce(instant, self._instants(local), self._instants(number))
        return stamps.cast(INSTANT)


def _whole(array: pa.Array, unit: str) -> pa.Array:
    """µs since 1970 as int64; what lies beyond their reach is null."""
    whole = array.view(pa.int64())
    if unit == "ns":
        return _floor_divided(whole)
    factor = UNITS[unit]
    if factor == 1:
        return whole
    bound = (2**63 - 1) // factor
    inside = pc.and_(pc.less_equal(whole, bound), pc.greater_equal(whole, -bound))
    return pc.multiply(pc.if_else(inside, whole, pa.scalar(None, pa.int64())), factor)


def _floor_divided(nanoseconds: pa.Array) -> pa.Array:
    values = nanoseconds.fill_null(0).to_numpy(zero_copy_only=False) // 1_000
    return pa.array(values, mask=nanoseconds.is_null().to_numpy(zero_copy_only=False))


def _in_the_calendar(stamps: pa.Array) -> pa.Array:
    """Without what no window can hold or no calendar write: years before 100 and after 9999."""
    whole = stamps.view(pa.int64())
    ends = pc.min_max(whole)
    if ends["min"].as_py() is None or (ends["min"].as_py() >= YEARS[0] and ends["max"].as_py() < YEARS[1]):
        return stamps
    inside = pc.and_(pc.greater_equal(whole, YEARS[0]), pc.less(whole, YEARS[1]))
    return pc.if_else(inside, whole, pa.scalar(None, pa.int64())).view(INSTANT)


def _stamps(values: Ints, valid: NDArray[np.bool_]) -> pa.Array:
    mask = None if valid.all() else ~valid
    return pa.array(values, pa.int64(), mask=mask).view(INSTANT)


def _unix_ints(values: Ints) -> Ints:
    size = np.abs(values.astype(np.float64))
    short, milli, micro = (size < limit for limit in MAGNITUDES)
    with np.errstate(over="ignore"):
        return np.select([short, milli, micro], [values * 1_000_000, values * 1_000, values], values // 1_000)


def _unix_floats(values: Floats) -> Ints:
    size = np.abs(values)
    short, milli, micro = (size < limit for limit in MAGNITUDES)
    return np.rint(
        np.select([short, milli, micro], [values * 1e6, values * 1e3, values], values / 1e3)
    ).astype(np.int64)


def _written_as_digits(values: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """(µs since 1970 on the local clock, which values are 20260131 or 20260131235959): as Unix time these would
    lie in August 1970 or after the year 2500."""
    long = values >= 10**13
    day, clock = np.where(long, values // 10**6, values), np.where(long, values % 10**6, 0)
    year, month, date = day // 10_000, day // 100 % 100, day % 100
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    real = (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12) & (date >= 1) & (date <= 31)
    real &= (hour < 24) & (minute < 60) & (second < 60)
    if not real.any():
        return values, real
    months = np.where(real, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    real &= date <= after - first
    return (first + date - 1) * DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000, real


def _lost(array: pa.Array, stamps: pa.Array) -> Aside:
    """Counts of what has no instant, with an example."""
    if not stamps.null_count:
        return Aside()
    empty = array.is_null()
    if is_text(array.type):
        empty = pc.or_(
            empty, pc.fill_null(pc.equal(pc.utf8_trim_whitespace(array.cast(pa.string())), ""), True)
        )
    elif t.is_floating(array.type):
        empty = array.is_null(nan_is_null=True)
    missing = int(pc.sum(empty).as_py() or 0)
    wrong = pc.and_(stamps.is_null(), pc.invert(empty))
    unclear = int(pc.sum(wrong).as_py() or 0)
    counts = {"timestamp missing": missing} if missing else {}
    if not unclear:
        return Aside(counts)
    first = array.filter(wrong)[0]
    try:
        example = str(first.as_py())
    except (ValueError, OverflowError):  # beyond what Python's calendar can write
        example = str(first.value)
    return Aside({**counts, "timestamp not understood": unclear}, {"timestamp not understood": example[:80]})
