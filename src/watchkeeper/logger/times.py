"""Times as a block holds them: microseconds since 1970, UTC."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

__all__ = ["micros"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# A bare number tells its unit by its size: from 1973 to 5138 the three ranges do not meet.
UNITS = ((1e11, 1_000_000.0), (1e14, 1_000.0), (1e17, 1.0), (math.inf, 0.001))
LIMIT = 2**63


def micros(value: Any, name: str = "timestamp") -> int | None:
    """Microseconds since 1970 UTC; None for None and for "not a time" (NaT, NaN).

    Parameters
    ----------
    value : datetime (without a zone: UTC), date (its midnight in UTC), ISO 8601 text, NumPy's datetime64, pandas'
        Timestamp; a number is seconds below 1e11, milliseconds below 1e14, microseconds below 1e17, then nanoseconds
    name : for the message

    Raises
    ------
    ValueError
        for what is no time

    >>> micros("2026-01-01T00:00:00Z") == micros(date(2026, 1, 1)) == micros(1_767_225_600) == micros(1_767_225_600_000)
    True
    """
    try:
        result = _micros(value)
    except (ValueError, TypeError, OverflowError, AttributeError):
        raise ValueError(f"{name} is not a time", value) from None
    if result is not None and not -LIMIT <= result < LIMIT:
        raise ValueError(f"{name} is not a time", value)
    return result


def _micros(value: Any) -> int | None:
    if value is None or value != value:
        return None
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return (aware - EPOCH) // MICROSECOND
    if isinstance(value, date):
        return (value.toordinal() - EPOCH.toordinal()) * 86_400_000_000
    if isinstance(value, str):
        return _micros(datetime.fromisoformat(value.strip()))
    if getattr(getattr(value, "dtype", None), "kind", "") == "M":
        whole = value.astype("datetime64[us]").item()
        return whole if isinstance(whole, int) else _micros(whole)  # NumPy gives years above 9999 as integers
    if isinstance(value, bool):
        raise ValueError
    return _of_number(value.item() if hasattr(value, "item") else value)


def _of_number(value: Any) -> int:
    if not isinstance(value, int | float):
        raise TypeError
    scale = next((scale for limit, scale in UNITS if abs(value) < limit), 0.0)
    if not scale:
        raise ValueError
    if isinstance(value, int):
        return value * int(scale) if scale >= 1 else value // 1000
    return round(value * scale)
