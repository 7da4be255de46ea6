"""Facts: what can be said of a column by looking at its values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.errors import ModelError
from watchkeeper.model.label import Label, label_of

__all__ = ["Fact", "facts_of"]

Kind = Literal["number", "boolean", "text", "time", "other"]
Floats = NDArray[np.float64]

CELLS = 10_000_000  # values that are looked at: a second or two
FEW = 200  # distinct values that are listed


@dataclass(frozen=True)
class Fact:
    """A column as it is.

    Attributes
    ----------
    key : the name in snake case, to compare with others
    known : number of values that are neither null nor NaN
    classes : label → rows, most frequent first; empty with more than 200 distinct values
    numbers : (rows,) float64 with NaN where missing; None for text and times
    """

    name: str
    array: pa.Array = field(repr=False)
    kind: Kind
    known: int
    distinct: int
    classes: dict[Label, int] = field(repr=False)
    numbers: Floats | None = field(repr=False)

    @property
    def key(self) -> str:
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name.strip())
        return re.sub(r"\W+", "_", snake).strip("_").lower()

    @property
    def missing(self) -> int:
        return len(self.array) - self.known

    @property
    def unique(self) -> bool:
        return self.known > 1 and self.distinct == len(self.array)

    @property
    def constant(self) -> bool:
        return self.distinct == 1 and self.missing == 0 and self.known > 1

    @cached_property
    def finite(self) -> Floats:
        """The finite numbers, without the missing ones."""
        return np.empty(0) if self.numbers is None else self.numbers[np.isfinite(self.numbers)]

    @property
    def whole(self) -> bool:
        """Whether all numbers are integers."""
        return self.finite.size > 0 and bool((self.finite == np.floor(self.finite)).all())

    @property
    def shares(self) -> bool:
        """Whether the numbers can be probabilities: within [0, 1] and not all of them integers."""
        f = self.finite
        return f.size > 0 and not self.whole and bool(f.min() >= 0 and f.max() <= 1)


def facts_of(table: pa.Table) -> dict[str, Fact]:
    """A fact for each column; of wide tables only the first rows are looked at."""
    rows = max(1_000, CELLS // max(table.num_columns, 1))
    looked = table.slice(0, rows)
    return {name: _fact(name, looked.column(i).combine_chunks()) for i, name in enumerate(table.column_names)}


def _fact(name: str, array: pa.Array | pa.ChunkedArray) -> Fact:
    import pyarrow.compute as pc

    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = _kind(array.type)
    numbers = _numbers(array) if kind in ("number", "boolean") else None
    if numbers is not None and kind == "number":
        array = pa.array(numbers, from_pandas=True)
    if kind == "other":
        return Fact(name, array, kind, len(array) - array.null_count, len(array), {}, None)
    known = len(array) - array.null_count
    counted = pc.value_counts(array.drop_null())
    return Fact(name, array, kind, known, len(counted), _classes(counted, kind), numbers)


def _kind(kind: pa.DataType) -> Kind:
    types = pa.types
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_timestamp(kind) or types.is_date(kind):
        return "time"
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return "text" if text or types.is_null(kind) else "other"


def _numbers(array: pa.Array) -> Floats:
    import pyarrow.compute as pc

    if pa.types.is_boolean(array.type):
        array = pc.cast(array, pa.int8())
    floats = pc.cast(array, pa.float64(), safe=False)
    return np.asarray(floats.to_numpy(zero_copy_only=False), dtype=np.float64)


def _classes(counted: pa.StructArray, kind: Kind) -> dict[Label, int]:
    if len(counted) > FEW or kind == "time":
        return {}
    found: dict[Label, int] = {}
    for entry in counted.to_pylist():
        try:
            found[label_of(entry["values"])] = entry["counts"]
        except ModelError:
            continue  # a missing value is no class
    return dict(sorted(found.items(), key=lambda item: -item[1]))
