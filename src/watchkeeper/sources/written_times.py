"""Written times: text that says when, in the spellings that people and programs use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.sources.engine import quoted_text, scratch

if TYPE_CHECKING:
    import duckdb

__all__ = ["day_first", "read_times"]

CLOCKS = ("", " %H:%M:%S", " %H:%M:%S.%f", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S", "T%H:%M")
DAYS = (
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%B %d, %Y",
    "%a, %d %b %Y",
    "%d-%b-%Y",
)
ODD = (
    "%Y%m%dT%H%M%S",
    "%d/%b/%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
)  # ISO basic, web servers' logs, C's asctime
ORDER = r"^\s*(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-]\d{4}"
OFFSET = r"(?i)(\d\s*Z|\d\s*[+-]\d{2}(:?\d{2})?)$"


def read_times(text: pa.Array, day_first: bool) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Texts by what they say: (timestamp[us] on the local clock, timestamp[us, UTC], a number); null elsewhere.

    An offset is never dropped: DuckDB's cast to TIMESTAMP ignores it, so that texts with one are read apart.
    """
    connection = scratch()
    text = pc.if_else(pc.match_substring_regex(text, r"\d"), text, pa.scalar(None, pa.string()))
    table = pa.table({"raw": text})
    formats = f"[{', '.join(quoted_text(f) for f in _formats(day_first))}]"
    query = f"""
        WITH spelled AS (
            SELECT regexp_replace(regexp_replace(trim(raw), '(?i)\\s*(UTC|GMT)$', 'Z'), '(:\\d\\d),(\\d)', '\\1.\\2') AS t
            FROM given
        ), parts AS (
            SELECT t, regexp_matches(t, ':\\d|\\dT\\d{{4}}') AND regexp_matches(t, {quoted_text(OFFSET)}) AS zoned,
                trim(regexp_replace(t, '(?i)\\s*(Z|[+-]\\d{{2}}(:?\\d{{2}})?)$', '')) AS clock,
                regexp_extract(t, '(?i)([+-]\\d{{2}}(:?\\d{{2}})?)$') AS ahead
            FROM spelled
        ), times AS (
            SELECT zoned, t, ahead,
                CASE WHEN zoned THEN coalesce(try_cast(clock AS TIMESTAMP), try_strptime(clock, {formats}))
                     ELSE coalesce(try_cast(t AS TIMESTAMP), try_strptime(t, {formats})) END AS stamp
            FROM parts
        )
        SELECT CASE WHEN NOT zoned THEN stamp END AS clock,
            CASE WHEN zoned THEN epoch_us(stamp) - CASE WHEN ahead = '' THEN 0 ELSE
                (CASE WHEN ahead[1] = '-' THEN -1 ELSE 1 END) * (
                    try_cast(ahead[2:3] AS BIGINT) * 60
                    + coalesce(try_cast(right(replace(ahead, ':', '')[4:], 2) AS BIGINT), 0)) * 60000000 END END AS instant,
            CASE WHEN stamp IS NULL THEN try_cast(t AS DOUBLE) END AS number
        FROM times"""
    read = _run(connection, table, query)
    instant = read.column("instant").combine_chunks().cast(pa.int64()).view(pa.timestamp("us", "UTC"))
    local = read.column("clock").combine_chunks().cast(pa.timestamp("us"))
    return local, instant, read.column("number").combine_chunks()


def _run(connection: duckdb.DuckDBPyConnection, table: pa.Table, query: str) -> pa.Table:
    connection.register("given", table)
    try:
        return connection.sql(query).to_arrow_table()
    finally:
        connection.unregister("given")


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
