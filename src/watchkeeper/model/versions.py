"""Versions of a model: when each was trained, and the reference that each may have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from watchkeeper.errors import ModelError
from watchkeeper.model.validation import text_or_path

__all__ = ["DEFAULT", "moment_of", "references", "trained"]

DEFAULT = "default"  # the reference of versions that have none of their own


def trained(value: object) -> dict[str, str]:
    """Version → when it was trained, as ISO text."""
    return {name: _iso(f"trained: {name!r}", when) for name, when in _named("trained", value).items()}


def references(value: object) -> str | dict[str, str]:
    """A reference, or one for each version."""
    if not isinstance(value, Mapping):
        return text_or_path("reference", value)
    named = _named("reference", value)
    if not named:
        raise ModelError(
            "reference: a mapping gives versions their references, {'2': b.parquet, default: first 4w}"
        )
    return {name: text_or_path(f"reference: {name!r}", rule) for name, rule in named.items()}


def moment_of(text: str, timezone: str) -> datetime:
    """The time in UTC; one without a zone is read in the model's.

    >>> moment_of("2026-03-01", "Europe/Berlin").isoformat()
    '2026-02-28T23:00:00+00:00'
    """
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _named(key: str, value: object) -> dict[str, object]:
    """Versions are text; a whole number is read as one, where 1.10 would lose its last digit."""
    if not isinstance(value, Mapping):
        raise ModelError(f"{key}: a mapping of versions is needed, got {value!r}")
    named: dict[str, object] = {}
    for version, inner in value.items():
        whole = isinstance(version, int) and not isinstance(version, bool)
        if not whole and not (isinstance(version, str) and version.strip()):
            raise ModelError(f"{key}: a version is text, write it in quotes; got {version!r}")
        if str(version) in named:
            raise ModelError(f"{key}: version {str(version)!r} is there twice")
        named[str(version)] = inner
    return named


def _iso(key: str, when: object) -> str:
    try:
        if isinstance(when, datetime | date):
            text = when.isoformat()
        else:
            text = str(when).strip() if isinstance(when, str) else ""
        moment_of(text, "UTC")
        return text
    except (ValueError, OverflowError):
        raise ModelError(
            f"{key}: a date or a time such as 2026-03-01 or '2026-03-01T12:00' is needed, got {when!r}"
        ) from None
