"""A service's windows as Arrow tables of the schema of profiles, and back; what is empty takes no room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.profiles.arrow import PROFILE
from watchkeeper.profiles.service import Jobs, Keyed, Processes, Service, Told, Traffic, nothing
from watchkeeper.profiles.summaries import Histogram, Summary

__all__ = ["service_from_arrow", "service_to_arrow"]

Ints = NDArray[np.int64]
KEYED = ("traffic", "jobs", "told")
Field = tuple[
    str, str | None, str, int, Any, float
]  # part, key, field, first position, (W, n), what is empty


def service_to_arrow(service: Service, starts: Ints) -> pa.Table:
    """One row for each window, part, name and field.

    Parameters
    ----------
    starts : (W,) of the windows, µs since 1970 UTC
    """
    batches = [_batch(starts, *field) for field in _fields(service)]
    return pa.Table.from_batches([b for b in batches if b.num_rows], PROFILE)


def _fields(service: Service) -> Iterator[Field]:
    # every window has this row, so that one in which nothing was recorded is known to have been looked at
    yield "service", None, "recorded", 0, service.recorded, np.nan
    yield "service", None, "dropped", 0, service.dropped, 0
    yield "service", None, "first", 0, service.first, np.inf
    yield from _of("processes", None, service.processes, 0)
    for part in KEYED:
        keyed: Keyed[Any] = getattr(service, part)
        for column, name in enumerate(keyed.names):
            yield from _of(part, name, keyed.sums, column)


def _of(part: str, key: str | None, summary: Summary, column: int) -> Iterator[Field]:
    for f in fields(summary):
        array = getattr(summary, f.name)
        if isinstance(array, Histogram):
            yield part, key, f.name, array.first, array.counts[:, column], 0
        else:
            yield part, key, f.name, 0, array[:, column : column + 1], f.metadata.get("empty", 0)


def _batch(
    starts: Ints, part: str, key: str | None, field: str, first: int, values: NDArray[Any], empty: float
) -> pa.RecordBatch:
    window, position = np.nonzero(values != empty)
    occupied, lengths = np.unique(window, return_counts=True)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    flat = position + first, values[window, position].astype(np.float64)
    lists = [pa.ListArray.from_arrays(offsets, pa.array(numbers)) for numbers in flat]
    same = (pa.repeat(pa.scalar(text, pa.string()), len(occupied)) for text in (None, part, key, field))
    return pa.RecordBatch.from_arrays([pa.array(starts[occupied]), *same, *lists], schema=PROFILE)


def service_from_arrow(table: pa.Table) -> tuple[Ints, Service]:
    """The starts of the windows, ascending, and what ``service_to_arrow`` was given."""
    starts = np.unique(table["window_start"].to_numpy())
    found: dict[str, dict[str | None, dict[str, pa.Table]]] = {}
    for part, key, field, rows in _groups(table):
        found.setdefault(part, {}).setdefault(key, {})[field] = rows
    whole = found["service"][None]
    service = Service(
        recorded=_dense(whole.get("recorded"), starts, 0, np.int64),
        dropped=_dense(whole.get("dropped"), starts, 0, np.int64),
        first=_dense(whole.get("first"), starts, np.inf, np.float64),
        traffic=_keyed(Traffic, found.get("traffic", {}), starts),
        processes=_summary(Processes, [found.get("processes", {}).get(None, {})], starts),
        jobs=_keyed(Jobs, found.get("jobs", {}), starts),
        told=_keyed(Told, found.get("told", {}), starts),
    )
    return starts, service


def _keyed(kind: type[Summary], found: dict[Any, dict[str, pa.Table]], starts: Ints) -> Keyed[Any]:
    names = tuple(sorted(found))
    return Keyed(names, _summary(kind, [found[name] for name in names], starts))


def _groups(table: pa.Table) -> Iterator[tuple[str, str | None, str, pa.Table]]:
    names = ["part", "key", "field"]
    numbered = table.append_column("row", pa.array(np.arange(table.num_rows)))
    groups = numbered.group_by(names, use_threads=False).aggregate([("row", "list")])
    for *key, rows in zip(*(groups[n].to_pylist() for n in names), groups["row_list"], strict=True):
        yield key[0], key[1], key[2], table.take(rows.values)


def _summary(kind: type[Any], columns: list[dict[str, pa.Table]], starts: Ints) -> Any:
    """One column of each array from each mapping of fields to their rows."""
    arrays: dict[str, Any] = {}
    for f in fields(nothing(kind, 0, 0)):
        rows = [column.get(f.name) for column in columns]
        if f.type == "Histogram":
            arrays[f.name] = _histogram(rows, starts)
            continue
        dtype, empty = (np.int64 if f.type == "Counts" else np.float64), f.metadata.get("empty", 0)
        parts = [_dense(part, starts, empty, dtype) for part in rows]
        arrays[f.name] = np.concatenate(parts, axis=1) if parts else np.zeros((len(starts), 0), dtype=dtype)
    return kind(**arrays)


def _entries(rows: pa.Table, starts: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """(window, position, value) of each number."""
    lists = rows["position"].combine_chunks()
    window = np.searchsorted(starts, rows["window_start"].to_numpy())
    flat = lists.flatten().to_numpy(), rows["value"].combine_chunks().flatten().to_numpy()
    return np.repeat(window, lists.value_lengths().to_numpy()), *flat


def _dense(rows: pa.Table | None, starts: Ints, empty: float, dtype: type) -> NDArray[Any]:
    out: NDArray[Any] = np.full((len(starts), 1), empty, dtype=dtype)
    if rows is not None:
        window, position, value = _entries(rows, starts)
        out[window, position] = value
    return out


def _histogram(columns: list[pa.Table | None], starts: Ints) -> Histogram:
    entries = [None if rows is None else _entries(rows, starts) for rows in columns]
    bins = np.concatenate([e[1] for e in entries if e is not None] or [np.empty(0, np.int64)])
    first, size = (int(bins.min()), int(np.ptp(bins)) + 1) if bins.size else (0, 0)
    counts = np.zeros((len(starts), len(columns), size))
    for i, e in enumerate(entries):
        if e is not None:
            counts[e[0], i, e[1] - first] = e[2]
    return Histogram(first, counts)
