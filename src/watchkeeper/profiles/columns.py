"""Columns: what the kernel counts of one column of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.profiles.cells import Cells
from watchkeeper.profiles.plan import COARSE, CategoryColumn, NumberColumn
from watchkeeper.profiles.summaries import Categories, Histogram, Numbers

__all__ = ["CategoryCodes", "NumberValues"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
DRAWN_IN = 10.0  # scales from the centre at which a value enters the moments at most


@dataclass
class NumberValues:
    """The values of one numeric column.

    Attributes
    ----------
    all : (n,) float64, NaN where missing
    null, misfit : (n,) or None where there are none
    """

    column: NumberColumn
    all: Floats
    null: Flags | None
    misfit: Flags | None

    @classmethod
    def of(cls, column: NumberColumn, batch: pa.RecordBatch, names: set[str]) -> NumberValues:
        if column.name not in names:
            n = batch.num_rows
            return cls(column, np.full(n, np.nan), np.ones(n, dtype=bool), None)
        array = batch.column(column.name)
        null = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
        return cls(column, array.to_numpy(zero_copy_only=False), null, _misfits(column.name, batch, names))

    @cached_property
    def finite(self) -> Flags | None:
        """(n,) which values are numbers; None where all are."""
        if self.null is None:
            with np.errstate(over="ignore", invalid="ignore"):
                if np.isfinite(self.all.sum()):  # one pass without a temporary; nearly all columns end here
                    return None
        finite = np.isfinite(self.all)
        return None if finite.all() else finite

    @cached_property
    def values(self) -> Floats:
        """The finite values."""
        return self.all if self.finite is None else self.all[self.finite]

    @cached_property
    def index(self) -> NDArray[np.int64]:
        """Grid bins of the finite values."""
        return self.column.grid.index(self.values)

    def scale_into(self, z: Floats) -> None:
        """Write (x − centre) / scale, drawn in to ±10, into ``z`` (n,); 0 where there is no number."""
        with np.errstate(over="ignore"):
            np.subtract(self.all, self.column.centre, out=z)
            z *= 1.0 / self.column.scale
        np.clip(z, -DRAWN_IN, DRAWN_IN, out=z)
        if self.finite is not None:
            z[np.isnan(z)] = 0.0

    def _part(self, cells: Cells) -> Cells:
        return cells if self.finite is None else cells.only(self.finite)

    def _tallies(self, cells: Cells) -> dict[str, Any]:
        """How many values are no numbers, by reason."""
        none = np.zeros_like(cells.count())
        if self.finite is None:
            return {"missing": none, "nan": none, "infinite": none, "retyped": none}
        if self.null is not None and self.misfit is None and np.array_equal(self.null, ~self.finite):
            return {"missing": cells.only(self.null).count(), "nan": none, "infinite": none, "retyped": none}
        null = np.zeros(len(self.all), dtype=bool) if self.null is None else self.null
        misfit = np.zeros(len(self.all), dtype=bool) if self.misfit is None else self.misfit
        nan = np.isnan(self.all) & ~null & ~misfit
        counts = {"missing": null & ~misfit, "nan": nan, "infinite": np.isinf(self.all), "retyped": misfit}
        return {name: cells.only(flags).count() if flags.any() else none for name, flags in counts.items()}

    def full(self, cells: Cells) -> Numbers:
        """Everything, for all rows; ``cells`` are ordered."""
        part, x, index = self._part(cells), self.values, self.index
        first, last = (int(index.min()), int(index.max())) if index.size else (0, 0)
        counts = part.count(index - first, last - first + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            away = x - self.column.centre
            sums = {"sum": part.sum(x), "deviation": part.sum(away)}
            sums["squares"] = part.sum(np.multiply(away, away, out=away))
        return Numbers(
            valid=part.count(), **self._tallies(cells), histogram=Histogram(first, counts), **sums,
            minimum=part.least(x), maximum=part.greatest(x),
        )  # fmt: skip

    @cached_property
    def _coarse(self) -> NDArray[np.int64]:
        return self.column.coarse[self.index]

    def coarse(self, cells: Cells) -> Numbers:
        """Counts on 12 bins, for segments."""
        part = self._part(cells)
        counts = part.count(self._coarse, COARSE)
        return Numbers(valid=counts.sum(axis=2), **self._tallies(cells), histogram=Histogram(0, counts))


@dataclass(frozen=True)
class CategoryCodes:
    """The values of one column of categories: (n,) positions among the plan's values, −1 where there is none.

    ``misfit`` marks text among labels that are numbers, None where there is none.
    """

    column: CategoryColumn
    codes: NDArray[np.int64]
    misfit: Flags | None = None

    @classmethod
    def of(
        cls, column: CategoryColumn, batch: pa.RecordBatch, names: set[str], codes: NDArray[np.int64] | None
    ) -> CategoryCodes:
        if codes is not None:
            return cls(column, codes, _misfits(column.name, batch, names))
        if column.name not in names:
            return cls(column, np.full(batch.num_rows, -1))
        return cls(column, positions_among(batch.column(column.name), column.values))

    def count(self, cells: Cells) -> Categories:
        size = len(self.column.values) + 1
        known, none = self.codes >= 0, np.zeros_like(cells.count())
        if known.all():
            return Categories(cells.count(self.codes, size), none, none)
        part = cells.only(known)
        missing = ~known if self.misfit is None else ~known & ~self.misfit
        retyped = none if self.misfit is None else cells.only(self.misfit).count()
        return Categories(part.count(self.codes[known], size), cells.only(missing).count(), retyped)


def _misfits(name: str, batch: pa.RecordBatch, names: set[str]) -> Flags | None:
    if f"misfit:{name}" not in names:
        return None
    found: Flags = pc.fill_null(batch.column(f"misfit:{name}"), False).to_numpy(zero_copy_only=False)
    return found


def positions_among(array: pa.Array, values: tuple[str, ...]) -> NDArray[np.int64]:
    """(n,) position of each string among ``values``, ``len(values)`` for any other, −1 for null."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    known = pc.index_in(array.dictionary.cast(pa.string()), value_set=pa.array(values, pa.string()))
    place = np.append(pc.fill_null(known, len(values)).to_numpy(zero_copy_only=False), -1).astype(np.int64)
    indices = array.indices
    if array.dictionary.null_count:
        place[np.flatnonzero(array.dictionary.is_null().to_numpy(zero_copy_only=False))] = -1
    if indices.null_count:
        indices = pc.fill_null(indices, len(place) - 1)
    found: NDArray[np.int64] = place[indices.to_numpy(zero_copy_only=False)]
    return found
