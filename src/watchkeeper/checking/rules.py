"""Rules: a reference that is told by time or rows instead of a file."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from watchkeeper.errors import ModelError
from watchkeeper.model import Model, ReferenceRule

__all__ = ["end_of_first", "rule_of"]

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
    zone = ZoneInfo(model.timezone)
    local = (EPOCH + timedelta(microseconds=begin)).astimezone(zone)
    end = (
        _months_later(local, rule.count)
        if rule.unit == "month"
        else local + timedelta(**{SPANS[rule.unit]: rule.count})
    )
    border = (end.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    if border > last:
        raise ModelError(f"reference: the data end before their {said} are over; take a shorter reference")
    return border


def _months_later(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))
