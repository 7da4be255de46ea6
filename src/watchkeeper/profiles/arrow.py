"""Profiles as Arrow tables and back.

One row per window, slice, summary and field, with the positions of the numbers that are not empty: a profile is
as small as what its rows hold, whatever the size of its grids.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.profiles.filling import filled
from watchkeeper.profiles.plan import COARSE, Plan
from watchkeeper.profiles.profile import PARTS, Profile, Slice
from watchkeeper.profiles.runs import Runs
from watchkeeper.profiles.scores import CODE_BITS, Scores
from watchkeeper.profiles.sketch import Sketch
from watchkeeper.profiles.summaries import (
    Calibration,
    Categories,
    Confusion,
    Delays,
    Histogram,
    Kpi,
    Moments,
    Numbers,
    Residuals,
    Summary,
)
from watchkeeper.profiles.unlisted import Unlisted
from watchkeeper.rows import Aside

__all__ = ["PROFILE", "from_arrow", "to_arrow"]

PROFILE = pa.schema(
    [
        ("window_start", pa.int64()),
        ("segment_by", pa.string()),
        ("part", pa.string()),
        ("key", pa.string()),
        ("field", pa.string()),
        ("position", pa.list_(pa.int64())),
        ("value", pa.list_(pa.float64())),
    ]
)
SUMMARIES: dict[str, type[Summary]] = {
    "numbers": Numbers, "categories": Categories, "confusion": Confusion, "calibration": Calibration,
    "residuals": Residuals, "kpis": Kpi, "moments": Moments, "delays": Delays,
}  # fmt: skip
SCORES = ("negative", "positive", "unknown")
EMPTY = {"minimum": np.inf, "maximum": -np.inf, "greatest": -np.inf, "first": np.nan, "last": np.nan}
ROWS = {"rows", "first_length", "last_length", "closed"}  # fields that count rows, whatever their weight


@dataclass(frozen=True)
class _Entries:
    """The numbers of one field that are not empty, ordered by window: positions are within the window."""

    field: str
    window: NDArray[np.int64]
    position: NDArray[np.int64]
    value: NDArray[Any]


def to_arrow(profile: Profile) -> pa.Table:
    """The profile as a table of schema ``PROFILE``; what was set aside is in its metadata."""
    windows = len(profile.windows)
    names, found = [], []
    for by, part in profile.slices.items():
        for name, key, summary in _summaries(part):
            for entries in _entries(summary, name):
                names.append((by, name, key, entries.field))
                found.append(entries)
    counts = np.concatenate([np.bincount(e.window, minlength=windows) for e in found])
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    place = np.repeat(np.arange(len(names)), windows)
    columns = [
        pa.array(np.tile(profile.windows, len(names)), pa.int64()),
        *(pa.array(texts, pa.string()).take(place) for texts in zip(*names, strict=True)),
        pa.ListArray.from_arrays(offsets, np.concatenate([e.position for e in found])),
        pa.ListArray.from_arrays(offsets, np.concatenate([e.value.astype(np.float64) for e in found])),
    ]
    table = pa.Table.from_arrays(columns, schema=PROFILE)
    aside = {f"aside:{reason}": str(count) for reason, count in profile.aside.counts.items()}
    aside |= {f"example:{reason}": text for reason, text in profile.aside.examples.items()}
    return table.replace_schema_metadata(aside or None)


def _summaries(part: Slice) -> Iterator[tuple[str, str | None, Any]]:
    for name in PARTS:
        value = getattr(part, name)
        value = value.rows if isinstance(value, Unlisted) else value
        if isinstance(value, dict):
            yield from ((name, key, summary) for key, summary in value.items())
        elif value is not None:
            yield name, None, value


def _entries(summary: Any, name: str) -> Iterator[_Entries]:
    if isinstance(summary, np.ndarray):
        yield _dense(name, summary, EMPTY.get(name, 0))
    elif isinstance(summary, Histogram):
        yield _histogram(name, summary)
    elif isinstance(summary, Scores):
        values = summary.shape[1]
        position = ((summary.cell % values) << CODE_BITS) | summary.bin
        yield _dense("rows", summary.rows, 0)
        for field in SCORES:
            yield _Entries(field, summary.cell // values, position, getattr(summary, field))
    elif isinstance(summary, Sketch):
        yield _Entries("rows", summary.cell, summary.hash.view(np.int64), summary.rows)
    else:
        for f in fields(summary):
            value = getattr(summary, f.name)
            if value is not None:
                yield from _entries(value, f.name)


def _dense(field: str, array: NDArray[Any], empty: float) -> _Entries:
    flat = array.reshape(len(array), math.prod(array.shape[1:]))
    window, position = np.nonzero(~np.isnan(flat) if math.isnan(empty) else flat != empty)
    return _Entries(field, window, position, flat[window, position])


def _histogram(field: str, histogram: Histogram) -> _Entries:
    """Positions are ``value << 32 | bin``."""
    window, value, place = np.nonzero(histogram.counts)
    return _Entries(
        field, window, (value << 32) | (place + histogram.first), histogram.counts[window, value, place]
    )


def from_arrow(table: pa.Table, plan: Plan) -> Profile:
    """The profile that ``to_arrow`` wrote, under the plan that it was made with, or that has grown of it since."""
    starts = np.unique(table.column("window_start").to_numpy())
    found: dict[tuple[str | None, str, str | None], dict[str, _Entries]] = {}
    counted: dict[tuple[str | None, str, str | None], NDArray[np.intp]] = {}
    for (by, part, key, field), window, entries in _groups(table, starts):
        found.setdefault((by, part, key), {})[field] = entries
        counted[by, part, key] = window
    slices: dict[str | None, Slice] = {}
    for segmentation in (None, *plan.segmentations):
        by = None if segmentation is None else segmentation.by
        values = 1 if segmentation is None else len(segmentation.values)
        mine = {k[1:]: v for k, v in found.items() if k[0] == by}
        build = _Builder(plan, len(starts), values, full=segmentation is None)
        parts = build.parts(mine)
        if segmentation is not None:
            parts["unlisted"] = Unlisted(len(starts), parts.get("unlisted", {}))
        mine_counted = {k[1:]: v for k, v in counted.items() if k[0] == by}
        slices[by] = filled(Slice(segmentation, **parts), plan, mine_counted)
    metadata = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
    counts = {k[6:]: int(v) for k, v in metadata.items() if k.startswith("aside:")}
    return Profile(
        plan,
        starts,
        slices,
        Aside(counts, {k[8:]: v for k, v in metadata.items() if k.startswith("example:")}),
    )


def _groups(
    table: pa.Table, starts: NDArray[np.int64]
) -> Iterator[tuple[tuple[str | None, str, str | None, str], NDArray[np.intp], _Entries]]:
    """Each field of each summary of each slice: its windows, and what it holds, ordered by window.

    All of them are put in order at once.
    """
    table = table.combine_chunks()
    codes, names = _coded(table)
    window = np.searchsorted(starts, table.column("window_start").to_numpy())
    rows = np.lexsort((window, codes))
    lists = [_flat(table.column(name)) for name in ("position", "value")]
    offsets, lengths = lists[0][0][rows], np.diff(lists[0][0])[rows]
    ends = np.cumsum(lengths)
    place = np.repeat(offsets - (ends - lengths), lengths) + np.arange(lengths.sum())
    position, value = lists[0][1][place], lists[1][1][place]
    windows, window = window[rows], np.repeat(window[rows], lengths)
    first = np.searchsorted(codes[rows], np.arange(len(names) + 1))
    borders = np.concatenate([[0], ends])[first]
    for i, name in enumerate(names):
        held = slice(borders[i], borders[i + 1])
        entries = _Entries(name[3], window[held], position[held], value[held])
        yield name, windows[first[i] : first[i + 1]], entries


def _coded(table: pa.Table) -> tuple[NDArray[np.int64], list[tuple[Any, ...]]]:
    """((n,) number of each row's field, what it is a field of by that number)."""
    codes, columns = np.zeros(table.num_rows, dtype=np.int64), []
    for name in PROFILE.names[1:5]:
        column = table.column(name).combine_chunks().dictionary_encode(null_encoding="encode")
        columns.append(column.dictionary.to_pylist())
        codes = codes * len(columns[-1]) + column.indices.to_numpy()
    every, codes = np.unique(codes, return_inverse=True)
    places = np.unravel_index(every, [len(c) for c in columns])
    return codes, [tuple(c[i] for c, i in zip(columns, at, strict=True)) for at in zip(*places, strict=True)]


def _flat(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """((n + 1,) offsets, numbers) of lists."""
    lists = column.combine_chunks()
    offsets = lists.offsets.to_numpy().astype(np.int64)
    return offsets - offsets[0], lists.flatten().to_numpy()


@dataclass(frozen=True)
class _Builder:
    """Summaries of one slice from their entries."""

    plan: Plan
    windows: int
    values: int
    full: bool

    @property
    def _counts(self) -> type:
        return np.int64 if self.plan.model.weight is None else np.float64

    def parts(self, found: dict[tuple[str, str | None], dict[str, _Entries]]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for (part, key), entries in found.items():
            built = self._summary(part, key, entries)
            if key is None:
                out[part] = built
            else:
                out.setdefault(part, {})[key] = built
        return out

    def _summary(self, part: str, key: str | None, entries: dict[str, _Entries]) -> Any:
        if part in ("rows", "weight", "weight_squares"):
            return self._array(entries[part], (), np.int64 if part == "rows" else np.float64)
        if part == "scores":
            return self._scores(entries)
        if part == "ids":
            e = entries["rows"]
            return Sketch(self.windows, e.window, e.position.view(np.uint64), e.value.astype(np.int64))
        if part == "unlisted":
            e = entries["unlisted"]
            return np.bincount(e.window, e.value, self.windows).astype(np.int64)
        if part == "runs":
            kinds = {"closed": ((32,), np.int64), "first": ((), np.float64), "last": ((), np.float64)}
            return Runs(**{f: self._array(e, *kinds.get(f, ((), np.int64))) for f, e in entries.items()})
        kind = SUMMARIES[part]
        return kind(**{name: self._field(part, key, name, e) for name, e in entries.items()})

    def _field(self, part: str, key: str | None, name: str, entries: _Entries) -> Any:
        if name == "histogram":
            return self._histogram(entries, coarse=part == "numbers" and not self.full)
        hint = next(f.type for f in fields(SUMMARIES[part]) if f.name == name)
        dtype = self._counts if str(hint).startswith("Counts") else np.float64
        return self._array(entries, self._tail(part, key, name), dtype)

    def _tail(self, part: str, key: str | None, name: str) -> tuple[int, ...]:
        """The shape of a field behind (W, V)."""
        if part == "categories" and name == "counts":
            return (len(self.plan.categories[str(key)].values) + 1,)
        if part == "confusion":
            classes = len(self.plan.classes) + 1
            return (classes, classes) if name == "matrix" else (classes,)
        if part == "calibration" and name in ("counts", "positives", "scores"):
            return (20,)
        p = len(self.plan.moments)
        return {"sums": (p,), "products": (p, p)}.get(name, ()) if part == "moments" else ()

    def _array(self, entries: _Entries, tail: tuple[int, ...], dtype: type) -> NDArray[Any]:
        out: NDArray[Any] = np.full(
            (self.windows, self.values * math.prod(tail)), EMPTY.get(entries.field, 0), dtype=dtype
        )
        out[entries.window, entries.position] = entries.value
        return out.reshape(self.windows, self.values, *tail)

    def _histogram(self, entries: _Entries, coarse: bool) -> Histogram:
        value, bins = entries.position >> 32, entries.position & 0xFFFFFFFF
        first, last = (int(bins.min()), int(bins.max())) if bins.size else (0, 0)
        first, last = (0, COARSE - 1) if coarse else (first, last)
        counts: NDArray[Any] = np.zeros((self.windows, self.values, last - first + 1), dtype=self._counts)
        counts[entries.window, value, bins - first] = entries.value
        return Histogram(first, counts)

    def _scores(self, entries: dict[str, _Entries]) -> Scores:
        e = entries["negative"]
        cell = e.window * self.values + (e.position >> CODE_BITS)
        order = np.lexsort((e.position & ((1 << CODE_BITS) - 1), cell))
        parts: list[NDArray[Any]] = [entries[f].value[order].astype(self._counts) for f in SCORES]
        rows = self._array(entries["rows"], (), np.int64)
        return Scores(rows, cell[order], (e.position & ((1 << CODE_BITS) - 1))[order], *parts)
