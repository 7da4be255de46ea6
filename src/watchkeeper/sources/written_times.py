"""Written times: text that says when, in the spellings that people and programs use."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.sources.engine import quoted_text, scratch

__all__ = ["day_first", "read_times"]

CLOCKS = ("", " %H:%M:%S", " %H:%M:%S.%f", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S", "T%H:%M")
DAYS = (
    "%Y/%m/%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%b %d %Y", "%B %d, %Y", "%a, %d %b %Y", "%d-%b-%Y",
)  # fmt: skip
ODD = (
    "%Y%m%dT%H%M%S",
    "%d/%b/%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
)  # ISO basic, web servers' logs, C's asctime
ORDER = r"^\s*(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-]\d{4}"
ZONED = r"^(?P<clock>.*(?::\d|\dT\d{4}).*?)\s*(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)$"
NAMED = r"[A-Za-z]{3,}$"  # a zone by name, "EST" or "Europe/Berlin": DuckDB would read the clock and drop it
MINUTE = 60_000_000  # µs


def read_times(text: pa.Array, day_first: bool) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Texts by what they say: (timestamp[us] on the local clock, timestamp[us, UTC], a number); null elsewhere.

    An offset is taken off before DuckDB reads the clock: its cast to TIMESTAMP ignores what follows.
    """
    spelled = pc.replace_substring_regex(pc.utf8_trim_whitespace(text), r"(?i)\s*(UTC|GMT)$", "Z")
    spelled = pc.replace_substring_regex(spelled, r"(:\d\d),(\d)", r"\1.\2")
    usable = pc.and_(
        pc.match_substring_regex(spelled, r"\d"), pc.invert(pc.match_substring_regex(spelled, NAMED))
    )
    spelled = pc.if_else(usable, spelled, pa.scalar(None, pa.string()))
    parts = pc.extract_regex(spelled, ZONED)
    zoned = parts.is_valid()
    stamps, numbers = _parsed(pc.if_else(zoned, pc.struct_field(parts, "clock"), spelled), day_first)
    ahead = _microseconds(pc.struct_field(parts, "offset"))
    instants = pc.subtract(stamps.view(pa.int64()), ahead).view(pa.timestamp("us", "UTC"))
    local = pc.if_else(zoned, pa.scalar(None, stamps.type), stamps)
    return local, instants, pc.if_else(stamps.is_null(), numbers, pa.scalar(None, pa.float64()))


def _parsed(text: pa.Array, day_first: bool) -> tuple[pa.Array, pa.Array]:
    """(timestamp[us], float64): each text read as either; null where it is not that."""
    connection = scratch()
    formats = ", ".join(quoted_text(f) for f in _formats(day_first))
    connection.register("given", pa.table({"t": text}))
    try:
        read = connection.sql(
            f"""SELECT coalesce(try_cast(t AS TIMESTAMP), try_strptime(t, [{formats}])) AS stamp,
                try_cast(t AS DOUBLE) AS number FROM given"""
        ).to_arrow_table()
    finally:
        connection.unregister("given")
    return read.column("stamp").combine_chunks().cast(pa.timestamp("us")), read.column(
        "number"
    ).combine_chunks()


def _microseconds(offsets: pa.Array) -> pa.Array:
    """What +05:30 adds to UTC, in µs; null where there is no offset."""
    encoded = offsets.dictionary_encode()
    ahead = []
    for text in encoded.dictionary.to_pylist():
        digits = text[1:].replace(":", "").ljust(4, "0")
        minutes = 0 if text in "Zz" else int(digits[:2]) * 60 + int(digits[2:])
        ahead.append((-minutes if text[0] == "-" else minutes) * MINUTE)
    return pa.array(ahead, pa.int64()).take(encoded.indices)


def _formats(day_first: bool) -> list[str]:
    """Spellings beyond ISO 8601."""
    numeric = ("%d/%m/%Y", "%d-%m-%Y") if day_first else ("%m/%d/%Y", "%m-%d-%Y")
    return [day + clock for day in (*DAYS, *numeric) for clock in CLOCKS] + list(ODD)


def day_first(text: pa.Array) -> bool | None:
    """Whether dates such as 31/01/2026 begin with the day; None where none of them tells.

    >>> day_first(pa.array(["03/04/2026", "31/01/2026"])), day_first(pa.array(["03/04/2026"]))
    (True, None)
    """
    parts = pc.extract_regex(text.drop_null(), ORDER).drop_null()
    if not len(parts):
        return None
    first, second = (pc.max(parts.field(name).cast(pa.int32())).as_py() for name in ("first", "second"))
    if first > 12:
        return True
    return False if second > 12 else None
