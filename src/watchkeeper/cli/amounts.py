"""Amounts as a person says them: times, bytes."""

from __future__ import annotations

__all__ = ["ago", "lasting", "size"]

UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
BYTES = ("B", "kB", "MB", "GB", "TB")


def lasting(us: int) -> str:
    """A length of time in µs.

    >>> lasting(90_000_000), lasting(5_400_000_000), lasting(0), lasting(36 * 3_600_000_000)
    ('90 seconds', '90 minutes', '0 seconds', '36 hours')
    """
    seconds = us / 1e6
    name, length = next(((name, n) for name, n in UNITS if abs(seconds) >= 2 * n), UNITS[-1])
    count = round(seconds / length)
    return f"{count:,} {name[:-1] if count == 1 else name}"


def ago(at: int, now: int) -> str:
    """When something was, both in µs since 1970.

    >>> ago(0, 7_200_000_000), ago(10**9, 0)
    ('2 hours ago', 'in 17 minutes')
    """
    return f"{lasting(now - at)} ago" if at <= now else f"in {lasting(at - now)}"


def size(count: int) -> str:
    """Bytes.

    >>> size(999), size(94_554_198), size(1_000_000)
    ('999 B', '94.6 MB', '1.0 MB')
    """
    value, unit = float(count), 0
    while value >= 1000 and unit < len(BYTES) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:,.1f} {BYTES[unit]}" if unit else f"{count} B"
