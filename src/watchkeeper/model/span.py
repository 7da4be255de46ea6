"""Spans: "6h", "4w", "1000 rows"; and how the reference is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from watchkeeper.errors import ModelError

__all__ = ["ReferenceRule", "Unit", "microseconds_of", "span_of"]

Unit = Literal["minute", "hour", "day", "week", "month", "row"]

WORDS: dict[Unit, str] = {
    "minute": "min mins minute minutes",
    "hour": "h hour hours",
    "day": "d day days",
    "week": "w week weeks",
    "month": "mo month months",
    "row": "row rows",
}
UNITS: dict[str, Unit] = {word: unit for unit, words in WORDS.items() for word in words.split()}
SPAN = re.compile(r"(\d+)\s*([A-Za-z]+)")
MINUTE = 60_000_000  # µs
LENGTHS: dict[Unit, int] = {
    "minute": MINUTE,
    "hour": 60 * MINUTE,
    "day": 1_440 * MINUTE,
    "week": 7 * 1_440 * MINUTE,
}
LONGEST = 36_525 * 1_440 * MINUTE
SHORT: dict[Unit, str] = {
    "minute": "min",
    "hour": "h",
    "day": "d",
    "week": "w",
    "month": "mo",
    "row": " rows",
}


def span_of(text: str) -> tuple[int, Unit] | None:
    """(count, unit), or None where the text is no span.

    >>> span_of("6h"), span_of("1000 rows"), span_of("2 weeks")
    ((6, 'hour'), (1000, 'row'), (2, 'week'))
    """
    found = SPAN.fullmatch(text.strip())
    if found is None or int(found[1]) == 0 or found[2].lower() not in UNITS:
        return None
    return int(found[1]), UNITS[found[2].lower()]


def microseconds_of(key: str, text: object) -> int:
    """A span of time in microseconds.

    Raises
    ------
    ModelError
        where it is none, or one of months, which differ in length

    >>> microseconds_of("grace", "90d") == 90 * 86_400_000_000
    True
    """
    span = span_of(text) if isinstance(text, str) else None
    if span is None or span[1] not in LENGTHS:
        hint = "; months differ in length, write days" if span and span[1] == "month" else ""
        raise ModelError(f"{key}: a time such as '30min', '1h', '90d' or '4w' is needed, got {text!r}{hint}")
    count, unit = span
    if count * LENGTHS[unit] > LONGEST:
        raise ModelError(f"{key}: {text!r} is longer than a hundred years")
    return count * LENGTHS[unit]


@dataclass(frozen=True)
class ReferenceRule:
    """Where "normal" comes from, read from the model's ``reference``.

    Attributes
    ----------
    kind : "path": a file of its own; "first": the first rows or time of the data itself; "previous": the time
        just before each window; "last_year": the same window a year before
    path : of "path"
    count, unit : of "first" and "previous"

    >>> ReferenceRule.parse("first 4w")
    ReferenceRule(kind='first', path=None, count=4, unit='week')
    """

    kind: Literal["path", "first", "previous", "last_year"]
    path: str | None = None
    count: int = 0
    unit: Unit = "row"

    @classmethod
    def parse(cls, text: str) -> ReferenceRule:
        """Read a path, "first 4w", "first 1000 rows", "previous 4w" or "same window last year"."""
        words = " ".join(text.split()).lower()
        if words == "same window last year":
            return cls("last_year")
        first, _, rest = words.partition(" ")
        if first not in ("first", "previous", "same", "last"):
            return cls("path", text)
        span = span_of(rest)
        if first == "first" and span:
            return cls("first", None, *span)
        if first == "previous" and span and span[1] != "row":
            return cls("previous", None, *span)
        raise ModelError(
            f"reference: {text!r} is not known; give a path, 'first 4w', 'first 1000 rows', 'previous 4w' "
            "or 'same window last year'"
        )
