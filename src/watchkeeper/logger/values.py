"""Values as a block holds them: numbers, text, booleans, None; and a note of what is none of these."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final

__all__ = ["PLAIN", "id_text", "number", "plain", "scores", "text"]

PLAIN: Final = frozenset((bool, int, float, str, type(None)))  # what MessagePack has itself
LEAST, MOST = -(2**63), 2**64 - 1  # the integers that MessagePack has
LENGTH = 200  # characters kept of what is no value

_short = reprlib.Repr()
_short.maxlevel, _short.maxstring, _short.maxother, _short.maxlong = 2, LENGTH, LENGTH, LENGTH


def plain(value: Any) -> Any:
    """A number, text, boolean or None; ``{"type": ..., "text": ...}`` of anything else.

    Scalars of NumPy, pandas, PyTorch and pyarrow become Python's, an array of one element that element; Decimals and
    fractions floats; dates and times ISO text, durations seconds; enums their value; integers beyond 64 bits text.
    Never an error.

    >>> plain(Decimal("0.25")), plain(date(2026, 1, 31)), plain(b"UA"), plain(2**70)
    (0.25, '2026-01-31', 'UA', '1180591620717411303424')
    >>> plain([1, 2])
    {'type': 'list', 'text': '[1, 2]'}
    """
    try:
        return _plain(value)
    except Exception:  # somebody else's class may do anything
        return {"type": type(value).__name__, "text": ""}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value).encode("utf-8", "backslashreplace").decode()  # half a surrogate pair is no text
    if isinstance(value, int):
        return int(value) if LEAST <= value <= MOST else str(int(value))
    if isinstance(value, float | Decimal) or type(value).__name__ == "Fraction":
        return float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date | time):
        return None if value != value else value.isoformat()  # pandas' NaT is a datetime
    return str(value) if type(value).__name__ == "UUID" else _foreign(value)


def _foreign(value: Any) -> Any:
    """Other libraries' scalars, without an import of any."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("M", "m") and getattr(value, "shape", None) == ():
        return None if value != value else str(value)
    if hasattr(value, "dtype") and hasattr(value, "item") and _is_one(value):
        inner = value.item()
        return (
            float(inner) if type(inner) is type(value) else _plain(inner)
        )  # long doubles stay what they are
    if hasattr(value, "as_py"):
        return _plain(value.as_py())
    if type(value).__name__ == "NAType":
        return None
    return {"type": type(value).__name__, "text": _short.repr(value)[:LENGTH]}


def _is_one(value: Any) -> bool:
    length = 1
    for side in getattr(value, "shape", (0,)):
        length *= side
    return length == 1


def text(value: Any) -> str | None:
    """Text, or None where there is no value: whole floats as integers, so that a column with gaps keeps its ids.

    >>> text(7), text(7.0), text("UA-7"), text(float("nan"))
    ('7', '7', 'UA-7', None)
    """
    value = plain(value)
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value["text"] if isinstance(value, dict) else str(value)


def id_text(value: Any) -> str | None:
    """An id as text; None where there is none.

    Raises
    ------
    ValueError
        for what is no id, such as a list
    """
    value = plain(value)
    if isinstance(value, dict):
        raise ValueError("the id is neither text nor a number", value["text"])
    return text(value)


def number(name: str, value: Any) -> float | None:
    """A float, or None.

    Raises
    ------
    ValueError
        for anything else: text is not read as a number
    """
    value = plain(value)
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return float(value)
    raise ValueError(f"{name} is not a number", value)


def scores(value: Any) -> float | dict[str, float | None] | None:
    """A probability, or one for each class, by the class's text."""
    if isinstance(value, Mapping):
        return {text(c) or "": number("score", s) for c, s in value.items()}
    return number("score", value)
