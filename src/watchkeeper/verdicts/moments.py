"""Moments: which window each row of a ready-made table belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.errors import ColumnError
from watchkeeper.model import Model
from watchkeeper.verdicts.windows import DAY, Windows

__all__ = ["Times", "times_of"]

Ints = NDArray[np.int64]

NAMES = ("window_start", "timestamp", "time", "datetime", "date", "day", "week", "month", "period", "window")


@dataclass(frozen=True)
class Times:
    """Where each row lies in time.

    Attributes
    ----------
    columns : names of the columns that say so
    starts : (n,) int64, µs since 1970 UTC, or a number that only orders; None where rows are in order
    ends : (n,) int64 or None where the table has none
    are_times : whether ``starts`` are moments
    """

    columns: tuple[str, ...]
    starts: Ints | None
    ends: Ints | None
    are_times: bool
    notes: tuple[str, ...] = ()

    def repeated(self, rows: int) -> Times:
        """The same times for a table that was stacked from several of the same rows."""

        def tiled(values: Ints | None) -> Ints | None:
            return None if values is None else np.tile(values, rows // max(len(values), 1))

        return Times(self.columns, tiled(self.starts), tiled(self.ends), self.are_times, self.notes)

    def windows(self, group: Ints, model: Model) -> tuple[Windows, Ints]:
        """The windows in their order, and the (n,) position of each row; ``group`` (n,) is the series of
        each row."""
        if self.starts is None:
            position = _within(group)
            return Windows(int(position.max()) + 1 if len(position) else 0), position
        starts, first, position = np.unique(self.starts, return_index=True, return_inverse=True)
        if not self.are_times:
            noun = self.columns[0].replace("_", " ")
            return Windows(len(starts), starts, starts, "numbered", noun=noun), position
        ends = _next(starts) if self.ends is None else self.ends[first]
        return Windows(len(starts), starts, ends, "time", model.timezone), position


def times_of(table: pa.Table, model: Model) -> Times:
    """Find the column that says when, and read it.

    Raises
    ------
    ColumnError
        where it holds what is no time
    """
    lower = {name.lower(): name for name in reversed(table.column_names)}
    wanted = [n for n in ((model.timestamp or "").lower(), *NAMES) if n in lower]
    name = next((lower[n] for n in wanted if not _is_empty(table[lower[n]])), None)
    if name is None:
        used = tuple(n for n in ("window_start", "window_end") if n in table.column_names)
        return Times(used, None, None, False)
    starts, are_times = _read(table, name, model)
    if "window_end" not in table.column_names or _is_empty(table["window_end"]) or not are_times:
        note = ("A window is taken to end where the next one starts.",) if are_times else ()
        return Times((name,), starts, None, are_times, note)
    return Times((name, "window_end"), starts, _read(table, "window_end", model)[0], are_times)


def _read(table: pa.Table, name: str, model: Model) -> tuple[Ints, bool]:
    """(µs since 1970 UTC, True), or (numbers that only order, False)."""
    column = table[name].combine_chunks()
    if column.null_count:
        raise ColumnError(
            f"column {name!r} has no value in {column.null_count:,} rows; every row needs its time"
        )
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        numbers = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        if (numbers == np.floor(numbers)).all():
            return numbers.astype(np.int64), False
        return np.unique(numbers, return_inverse=True)[1].astype(np.int64) + 1, False
    try:
        return _microseconds(column, model.timezone), True
    except pa.ArrowInvalid:
        example = str(column[0].as_py())
        message = (
            f"column {name!r} holds what is no time, such as {example!r}; valid are dates, times and ISO text"
        )
        raise ColumnError(message) from None


def _microseconds(column: Any, timezone: str) -> Ints:
    """Times without a zone are in the model's."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        try:
            column = column.cast(pa.timestamp("us"))
        except pa.ArrowInvalid:
            column = column.cast(pa.timestamp("us", "UTC"))
    elif not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        raise pa.ArrowInvalid(f"{kind} is no time")
    if not (pa.types.is_timestamp(column.type) and column.type.tz):
        naive = column.cast(pa.timestamp("us"))
        column = pc.assume_timezone(naive, timezone, ambiguous="earliest", nonexistent="latest")
    return np.asarray(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(zero_copy_only=False))


def _next(starts: Ints) -> Ints:
    """Where the next window starts; after the last one as far on as windows usually are apart."""
    step = int(np.median(np.diff(starts))) if len(starts) > 1 else DAY
    return np.append(starts[1:], starts[-1:] + step)


def _within(group: Ints) -> Ints:
    """(n,) how many rows of the same series come before."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group) if len(group) else np.empty(0, np.int64)
    position = np.empty(len(group), dtype=np.int64)
    position[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return position


def _is_empty(column: pa.ChunkedArray[Any]) -> bool:
    return bool(len(column) == column.null_count)
