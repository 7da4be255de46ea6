"""Ready-made: series from a table of numbers that somebody else computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.errors import ColumnError
from watchkeeper.metrics import METRICS, Context, Estimate, Metric, Series
from watchkeeper.model import BandKey, Model
from watchkeeper.verdicts.moments import Times, times_of
from watchkeeper.verdicts.windows import Windows

__all__ = ["ReadyMade", "read"]

Floats = NDArray[np.float64]

KEY = ("metric", "column", "segment_by", "segment")
PARTS = ("value", "low", "high", "count", "band_low", "band_high")
OWN = {*KEY, *PARTS, "model", "window_start", "window_end", "evidence", "verdict", "sentence"}
ENDS = ("low", "high", "count")  # a wide table may have accuracy, accuracy_low, accuracy_high, accuracy_count


@dataclass(frozen=True)
class ReadyMade:
    """What a table of ready-made numbers holds.

    Attributes
    ----------
    given : for each series the verdicts and edges (verdict, band_low, band_high) that the table has itself,
    or None
    """

    series: tuple[Series, ...]
    windows: Windows
    notes: tuple[str, ...]
    given: tuple[tuple[NDArray[np.object_], Floats, Floats] | None, ...]


def read(table: pa.Table, model: Model) -> ReadyMade:
    """Series over common windows, from a long table (``metric``, ``value``) or a wide one (a column per
    metric).

    Raises
    ------
    ColumnError
        without a number to judge, with a time that is none, or with two values for one number in one window
    """
    if len(set(table.column_names)) < table.num_columns:
        raise ColumnError(f"the table has two columns of one name: {', '.join(table.column_names)}")
    times = times_of(table, model)
    notes: tuple[str, ...] = times.notes
    if not {"metric", "value"} <= set(table.column_names):
        table, more = _long(table, model, times.columns)
        times, notes = times.repeated(table.num_rows), (*notes, *more)
    return _series(table, times, model, notes)


def _long(table: pa.Table, model: Model, used: Iterable[str]) -> tuple[pa.Table, tuple[str, ...]]:
    """A wide table as a long one, and what of it is no metric."""
    numeric = [n for n in table.column_names if n not in {*used, *OWN} and _is_number(table[n].type)]
    known = {*METRICS, *model.kpis, *(key.metric for key in model.parsed_bands), *model.expected}
    keys = {name: _key(name) for name in numeric}
    chosen = [n for n in numeric if (key := keys[n]) is not None and key.metric in known]
    if not chosen:
        raise ColumnError(
            f"no column of the table is a metric: found {', '.join(table.column_names) or 'none'};"
            " valid are columns metric and value, or one column for each metric, such as accuracy"
        )
    ends = {f"{n}_{end}" for n in chosen for end in ENDS}
    shared = ENDS if len(chosen) == 1 else ("count",)  # of several metrics none can own "low" and "high"
    unowned = set(ENDS) - set(shared)
    others = [n for n in table.column_names if n not in {*used, *OWN, *chosen, *ends} or n in unowned]
    pieces = [_piece(table, name, keys[name], shared) for name in chosen]
    note = f"Not read, because no metric or band has this name, or several could: {', '.join(others)}."
    return pa.concat_tables(pieces), (note,) if others else ()


def _piece(table: pa.Table, name: str, key: BandKey | None, shared: Iterable[str]) -> pa.Table:
    """One column of a wide table with its interval and rows: columns of its own, or the shared ones."""
    assert key is not None
    rows = table.num_rows
    columns: dict[str, Any] = {"value": table[name].cast(pa.float64())}
    for end in ENDS:
        own = f"{name}_{end}" in table.column_names
        source = f"{name}_{end}" if own else end
        has = own or (end in shared and end in table.column_names)
        columns[end] = (
            table[source].cast(pa.float64()) if has else pa.chunked_array([pa.nulls(rows, pa.float64())])
        )
    for part in KEY:
        given = getattr(key, part)
        if given is None and part in table.column_names:
            columns[part] = table[part].cast(pa.string())
        else:
            columns[part] = pa.chunked_array([pa.array([given] * rows, pa.string())])
    return pa.table(columns)


def _key(name: str) -> BandKey | None:
    """A column's name read as a band's key: "accuracy", "recall[carrier=UA]"; None where it is none."""
    from watchkeeper.errors import ModelError

    try:
        return BandKey.parse(name)
    except ModelError:
        return None


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _series(table: pa.Table, times: Times, model: Model, notes: tuple[str, ...]) -> ReadyMade:
    group, first = _groups(table)
    windows, position = times.windows(group, model)
    flat = group * windows.count + position
    taken, counts = np.unique(flat, return_counts=True)
    if len(counts) and counts.max() > 1:
        row = int(np.flatnonzero(flat == taken[counts.argmax()])[0])
        raise ColumnError(
            f"two values of {_name(table, row)} for one window ({windows.since(int(position[row]))});"
            " valid is one row for each metric, column, segment and window"
        )
    arrays = {part: _placed(table, part, flat, (len(first), windows.count)) for part in PARTS}
    series = tuple(_one(table, int(row), arrays, i, model) for i, row in enumerate(first))
    return ReadyMade(series, windows, notes, _given(table, flat, arrays, len(first), windows.count))


def _groups(table: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(group of each row, first row of each group), groups in order of appearance."""
    codes = np.zeros(table.num_rows, dtype=np.int64)
    for part in KEY:
        if part in table.column_names:
            encoded = table[part].cast(pa.string()).combine_chunks().dictionary_encode(null_encoding="encode")
            codes = codes * (len(encoded.dictionary) + 1) + encoded.indices.to_numpy(zero_copy_only=False)
            codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return np.argsort(order)[inverse].astype(np.int64), first[order].astype(np.int64)


def _placed(table: pa.Table, part: str, flat: NDArray[np.int64], shape: tuple[int, int]) -> Floats:
    """(series, W) numbers of one column of the table, NaN where it has none."""
    out = np.full(shape[0] * shape[1], np.nan)
    if part in table.column_names:
        try:
            out[flat] = pc.cast(table[part], pa.float64()).to_numpy()
        except pa.ArrowInvalid as error:
            raise ColumnError(
                f"column {part!r} is not a number everywhere: {error}; numbers are valid"
            ) from None
    return out.reshape(shape)


def _one(table: pa.Table, row: int, arrays: dict[str, Floats], i: int, model: Model) -> Series:
    name, column, by, segment = (_text(table, part, row) for part in KEY)
    if name is None:
        raise ColumnError(f"row {row} of the table has no metric")
    value, known = arrays["value"][i], arrays["count"][i]
    count = np.where(np.isnan(known), np.where(np.isnan(value), 0, -1), known).astype(np.int64)
    estimate = Estimate(value, arrays["low"][i], arrays["high"][i], count)
    return Series(_metric(name, model), column, by, segment, estimate)


def _metric(name: str, model: Model) -> Metric:
    """The metric of this name, or one that is known by its name alone."""
    return METRICS.get(name) or Metric(name, "value", f"{name}, computed elsewhere.", _computed_elsewhere)


def _computed_elsewhere(_context: Context) -> Iterable[tuple[str | None, Estimate]]:
    raise NotImplementedError("this number came ready-made; there are no rows to compute it from")


def _given(
    table: pa.Table, flat: NDArray[np.int64], arrays: dict[str, Floats], groups: int, width: int
) -> tuple[tuple[NDArray[np.object_], Floats, Floats] | None, ...]:
    """Verdicts that the table has itself: those of saved metrics."""
    if "verdict" not in table.column_names:
        return (None,) * groups
    verdicts = np.full(groups * width, None, dtype=object)
    verdicts[flat] = np.array(table["verdict"].to_pylist(), dtype=object)
    shaped = verdicts.reshape(groups, width)
    return tuple((shaped[i], arrays["band_low"][i], arrays["band_high"][i]) for i in range(groups))


def _text(table: pa.Table, part: str, row: int) -> str | None:
    value: Any = table[part][row].as_py() if part in table.column_names else None
    return None if value is None else str(value)


def _name(table: pa.Table, row: int) -> str:
    name, column, by, segment = (_text(table, part, row) for part in KEY)
    return str(BandKey(name or "", column, by, segment))
