"""Rules: a reference that is told by time or rows instead of a file."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from watchkeeper.errors import ModelError
from watchkeeper.model import Model, ReferenceRule
from watchkeeper.model.span import Unit

__all__ = ["end_of_first", "later", "rule_of"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SPANS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}


def rule_of(reference: Any) -> ReferenceRule | None:
    """The rule that a text states; None for a path or a frame.

    Raises
    ------
    ModelError
        for the rules that need more history than the data of one check
    """
    rule = ReferenceRule.parse(reference) if isinstance(reference, str) else None
    if rule is None or rule.kind == "path":
        return None
    if rule.kind != "first":
        raise ModelError(
            f"reference: {reference!r} needs the history of a workspace, and a check has only its data; "
            "give a path, or take their beginning: 'first 4w'"
        )
    return rule


def end_of_first(rule: ReferenceRule, model: Model, first: int | None, last: int | None) -> int:
    """Where the reference ends that begins with the data, µs since 1970 UTC.

    Counted from the start of the first window in the model's time zone: four weeks are 28 local days.

    Raises
    ------
    ModelError
        without timestamps, or where nothing is left to compare with
    """
    said = f"first {rule.count} {rule.unit}{'s' * (rule.count > 1)}"
    if model.timestamp is None or first is None or last is None:
        raise ModelError(
            f"reference: {said!r} goes by time; set timestamp, or give a path or 'first 1000 rows'"
        )
    begin = int(model.parsed_window.starts(first, first, model.timezone)[0])
    border = later(begin, rule.count, rule.unit, model.timezone)
    if border > last:
        raise ModelError(f"reference: the data end before their {said} are over; take a shorter reference")
    return border


def later(moment: int, count: int, unit: Unit, timezone: str) -> int:
    """The moment so many days, weeks, months or hours later (earlier where negative) by the clock on the wall.

    >>> later(0, -1, "week", "UTC")
    -604800000000
    """
    local = (EPOCH + timedelta(microseconds=moment)).astimezone(ZoneInfo(timezone))
    end = _months_later(local, count) if unit == "month" else local + timedelta(**{SPANS[unit]: count})
    return (end.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def _months_later(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))
