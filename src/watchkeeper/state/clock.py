"""Time by the database's clock, which all processes share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

__all__ = ["micros", "moment", "now"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = {
    # to the millisecond: unixepoch('subsec') came only with SQLite 3.42
    "sqlite": "SELECT CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000",
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
}


def now(connection: Connection) -> int:
    """Microseconds since 1970 UTC."""
    return int(connection.execute(text(NOW[connection.dialect.name])).scalar_one())


def moment(at: int) -> datetime:
    """
    >>> moment(1_500_000).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return EPOCH + timedelta(microseconds=at)


def micros(at: datetime) -> int:
    """A time without a zone is one of UTC.

    >>> micros(datetime(1970, 1, 2))
    86400000000
    """
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH) // timedelta(microseconds=1)
