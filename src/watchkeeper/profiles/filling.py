"""Filling: windows that were counted before their plan had a column. There it is missing in every row, and so they
need not be counted again: this is what counting their rows would give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.plan import COARSE, Plan
from watchkeeper.profiles.profile import Slice
from watchkeeper.profiles.runs import BUCKETS, Runs
from watchkeeper.profiles.summaries import Categories, Histogram, Numbers

__all__ = ["filled"]

Counted = Mapping[tuple[str, str | None], NDArray[np.intp]]
Counts = NDArray[Any]
Flags = NDArray[np.bool_]
Column = TypeVar("Column", Numbers, Categories)


def filled(part: Slice, plan: Plan, counted: Counted) -> Slice:
    """A slice with every column of its plan in every window.

    Parameters
    ----------
    counted : (kind of summary, column) → positions of the windows in which it was counted
    """
    rows = part.rows if plan.model.weight is None else part.weight
    whole = part.segmentation is None
    numbers, categories, runs = dict(part.numbers), dict(part.categories), dict(part.runs)
    for name in plan.numbers:
        absent = _absent(counted, "numbers", name, len(rows))
        if absent.any():
            numbers[name] = _missing(numbers.get(name) or _no_numbers(rows, whole), rows, absent)
    for name, column in plan.categories.items():
        absent = _absent(counted, "categories", name, len(rows))
        if absent.any():
            none = _no_categories(rows, len(column.values))
            categories[name] = _missing(categories.get(name) or none, rows, absent)
    for name in plan.runs if whole else plan.segment_runs:
        absent = _absent(counted, "runs", name, len(rows))
        if absent.any():
            runs[name] = _missed(runs.get(name) or _no_runs(rows), part.rows, absent)
    return replace(part, numbers=numbers, categories=categories, runs=runs)


def _absent(counted: Counted, kind: str, name: str, windows: int) -> Flags:
    """(W,) in which windows a column was not counted."""
    absent = np.ones(windows, dtype=bool)
    absent[counted.get((kind, name), np.empty(0, dtype=np.intp))] = False
    return absent


def _missing(column: Column, rows: Counts, absent: Flags) -> Column:
    return replace(column, missing=np.where(absent[:, None], rows, column.missing))


def _missed(runs: Runs, rows: NDArray[np.int64], absent: Flags) -> Runs:
    """A missing value equals no other: the first and the last row of a cell, and those between, are runs of one."""
    closed, first, last = runs.closed.copy(), runs.first_length.copy(), runs.last_length.copy()
    closed[absent, :, 0] = np.maximum(rows[absent] - 2, 0)
    first[absent], last[absent] = np.minimum(rows[absent], 1), rows[absent] > 1
    return replace(runs, closed=closed, first_length=first, last_length=last)


def _no_numbers(rows: Counts, whole: bool) -> Numbers:
    none = np.zeros_like(rows)
    numbers = Numbers(none, none, none, none, none, _no_histogram(rows, 1 if whole else COARSE))
    if not whole:
        return numbers
    zero = np.zeros(rows.shape)
    least, greatest = np.full(rows.shape, np.inf), np.full(rows.shape, -np.inf)
    return replace(numbers, sum=zero, deviation=zero, squares=zero, minimum=least, maximum=greatest)


def _no_histogram(rows: Counts, bins: int) -> Histogram:
    return Histogram(0, np.zeros((*rows.shape, bins), dtype=rows.dtype))


def _no_categories(rows: Counts, values: int) -> Categories:
    none = np.zeros_like(rows)
    return Categories(np.zeros((*rows.shape, values + 1), dtype=rows.dtype), none, none)


def _no_runs(rows: Counts) -> Runs:
    none, nothing = np.zeros(rows.shape, dtype=np.int64), np.full(rows.shape, np.nan)
    return Runs(np.zeros((*rows.shape, BUCKETS), dtype=np.int64), nothing, none, nothing, none)
