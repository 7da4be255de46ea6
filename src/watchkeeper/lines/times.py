"""Times as log lines write them, as µs since 1970 UTC: what :mod:`logging`, ISO 8601 and web servers write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["WRITTEN", "beginning", "first_time", "last_time", "microseconds", "time_of_line"]

DAY = r"\d{4}[-/]\d\d[-/]\d\d"
CLOCK = r"[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?+)?+"
ZONE = r"(?: ?(?:Z|UTC|GMT)\b|[+-]\d\d:?\d\d\b|[+-]\d\d\b| [+-]\d{4}\b)"
WEB = r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?+"
UNIX = r"\d{9,19}(?:\.\d{1,9})?+"
INSTANT = (
    rf"{DAY}{CLOCK}{ZONE}?+|{WEB}"  # bounded everywhere: a search costs no more than so much a character
)
WRITTEN = rf"(?<!\d)(?:{INSTANT}|{DAY}|{UNIX})(?!\d)"
TIME = re.compile(WRITTEN)
AT_START = re.compile(rf"[\[(\s]{{0,4}}+({INSTANT})(?!\d)")
LONGEST = 48  # characters of a written time, and some

SPACED = re.compile(r"\s*(?:(?:UTC|GMT|Z)|([+-]\d\d):?(\d\d)?)$")
FRACTION = {",", "."}
OFFSET = {"+", "-", "U", "G", "Z"}  # what an offset begins with, after a space
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SIZES = (
    (1e11, 1_000_000),
    (1e14, 1_000),
    (1e17, 1),
)  # below: seconds, milliseconds, microseconds; above: nanoseconds


def microseconds(text: str, timezone: str = "UTC") -> int:
    """µs since 1970 UTC; a time without an offset is read on the clock of ``timezone``.

    Raises
    ------
    ValueError
        for what is no time

    >>> microseconds("1970-01-01 00:00:01,5"), microseconds("1970-01-01T01:00:01+01:00"), microseconds("1700000000")
    (1500000, 1000000, 1700000000000000)
    >>> microseconds("1970-01-01 01:00:01", "Europe/Berlin")
    1000000
    """
    size = len(text)
    if size == 19:  # most lines: the same second as the line before
        return _read(text, timezone)
    if size == 23 and text[19] in ",." and text[20:].isdecimal():
        return _read(text[:19], timezone) + int(text[20:]) * 1_000
    return _read(text.strip(" \t[]()"), timezone)


@lru_cache(maxsize=1 << 12)
def _read(text: str, timezone: str) -> int:
    if text.partition(".")[0].isdecimal():
        return _unix(text)
    if text[2:3] == "/":
        text = _web(text)
    zone = SPACED.search(text) if len(text) > 16 else None
    if zone:
        text = text[: zone.start()] + (f"{zone[1]}:{zone[2] or '00'}" if zone[1] else "+00:00")
    moment = datetime.fromisoformat(text.replace("/", "-").replace(",", "."))
    if moment.tzinfo is None:  # of a time that comes twice, the first; a skipped one counts on
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return (moment - EPOCH) // MICROSECOND


def _unix(text: str) -> int:
    """
    >>> _unix("1700000000.25"), _unix("1700000000250")
    (1700000000250000, 1700000000250000)
    """
    if not TIME.fullmatch(text):
        raise ValueError(text)
    number = float(text)
    unit = next((unit for limit, unit in SIZES if number < limit), None)
    if "." in text:
        return round(number * (unit or 1e-3))
    return int(text) * unit if unit else int(text) // 1_000


def _web(text: str) -> str:
    """
    >>> _web("04/Aug/2023:09:15:50 +0200")
    '2023-08-04T09:15:50 +0200'
    """
    day, month, year = text[:2], text[3:6], text[7:11]
    return f"{year}-{MONTHS.index(month) + 1:02}-{day}T{text[12:]}"


def time_of_line(text: str, timezone: str = "UTC") -> int | None:
    """The time that a line begins with, if it does.

    >>> time_of_line("[1970-01-01 00:00:01] loaded"), time_of_line("1970 passengers")
    (1000000, None)
    """
    if not ("0" <= text[:1] <= "9" or text[:1] in "[( "):
        return None
    try:
        if common := _common(text):
            return microseconds(text[:common], timezone)
        found = AT_START.match(text)
        return microseconds(found[1], timezone) if found else None
    except ValueError:  # the 30th of February
        return None


def _common(text: str) -> int:
    """The length of a time as :mod:`logging` writes it, which most lines begin with; 0 where one must look closer.

    >>> _common("2026-03-01 08:00:00,123 [INFO]"), _common("2026-03-01 08:00:00 +0100"), _common("2026-03-01")
    (23, 0, 0)
    """
    if text[16:17] != ":" or text[4:5] != "-":
        return 0
    end = 23 if text[19:20] in FRACTION and text[20:23].isdecimal() else 19
    after = text[end : end + 2]
    return end if not after or (after[0] in " ]" and after[1:] not in OFFSET) else 0


def first_time(text: str, start: int) -> int:
    """Where the first time from ``start`` on ends; -1 where there is none."""
    if not start and (common := _common(text)):
        return common
    found = TIME.search(text, start)
    return found.end() if found else -1


def beginning(text: str) -> str:
    """The time that a text begins with; the text itself where it does not.

    >>> beginning("2026-03-01 08:00 UTC in Oslo")
    '2026-03-01 08:00 UTC'
    """
    found = TIME.match(text)
    return found[0] if found else text


def last_time(text: str) -> str:
    """The time that a text ends with; the text itself where it does not.

    >>> last_time("INFO:root:2026-03-01 08:00:00,123")
    '2026-03-01 08:00:00,123'
    """
    if _common(text) == len(text):
        return text
    begin = max(0, len(text) - LONGEST)
    for found in TIME.finditer(text, begin):
        if found.end() == len(text):
            return found[0]
    return text
