"""Preparation: one batch as a source has it, in the types that profiles expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

from watchkeeper.rows import Aside
from watchkeeper.sources.categories import to_categories
from watchkeeper.sources.expressions import Expression
from watchkeeper.sources.kinds import is_text
from watchkeeper.sources.numbers import to_numbers
from watchkeeper.sources.timestamps import INSTANT, Clock

__all__ = ["Preparation", "Treatment"]

Treatment = Literal[
    "time", "number", "flag", "category", "label", "as it is", "weight", "absent number", "absent category"
]

HEAVIEST = 1e100  # of weights: their squares and sums must stay numbers

EMPTY: dict[Treatment, pa.DataType] = {
    "absent number": pa.float64(), "absent category": pa.dictionary(pa.int32(), pa.string())
}  # fmt: skip


@dataclass(frozen=True)
class Preparation:
    """What becomes of each column; a picklable function of one batch.

    Attributes
    ----------
    treatments : column → what to make of it
    expressions : columns that SQL computes
    unusable : columns of types that nothing can be made of, with these types
    """

    treatments: dict[str, Treatment]
    clock: Clock = field(default_factory=Clock)
    expressions: tuple[Expression, ...] = ()
    unusable: dict[str, str] = field(default_factory=dict)

    @property
    def reads(self) -> list[str]:
        """The source's columns that are needed."""
        own = [name for name, how in self.treatments.items() if how not in EMPTY]
        return list(dict.fromkeys([*own, *(c for e in self.expressions for c in e.columns)]))

    def only(self, columns: Sequence[str] | None) -> Preparation:
        """For these columns of the result alone."""
        if columns is None:
            return self
        return replace(
            self,
            treatments={
                name: how for name, how in self.treatments.items() if name in columns or how == "weight"
            },
            expressions=tuple(e for e in self.expressions if e.name in columns),
        )

    def __call__(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Aside]:
        """The prepared batch and what did not fit.

        A number's column may have a companion ``misfit:<name>`` (bool) that marks values which are none. Rows
        whose weight is unusable are left out.
        """
        made = _Columns(batch)
        for name, how in self.treatments.items():
            made.add(name, how, self.clock)
        for expression in self.expressions:
            made.arrays[expression.name] = expression.over(
                made.seen_by(expression, self.treatments), self.clock.timezone
            )
        for name, type_ in self.unusable.items():
            made.count(f"column {name!r} holds {type_}, which is not watched", batch.num_rows)
        return made.finished(next((n for n, how in self.treatments.items() if how == "weight"), None))


class _Columns:
    """The columns of one batch, as they are made."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch
        self.rows = batch.num_rows
        self.arrays: dict[str, pa.Array] = {}
        self.misfits: dict[str, pa.Array] = {}
        self.aside = Aside()

    def count(self, reason: str, count: int, example: str | None = None) -> None:
        if count:
            self.aside += Aside({reason: count}, {} if example is None else {reason: example[:80]})

    def add(self, name: str, how: Treatment, clock: Clock) -> None:
        if how in EMPTY:
            self.arrays[name] = pa.nulls(self.rows, EMPTY[how])
            return
        array = self.batch.column(name)
        if how == "time":
            self.arrays[name], lost = clock.read(array)
            self.aside += lost
        elif how in ("category", "label", "as it is"):
            self._told_apart(name, how, array)
        else:
            self._number(name, _flags(array) if how == "flag" else array)

    def _told_apart(self, name: str, how: Treatment, array: pa.Array) -> None:
        numeric = t.is_integer(array.type) or t.is_floating(array.type) or t.is_decimal(array.type)
        if how == "as it is":
            self.arrays[name] = array
        elif how == "label" and (numeric or t.is_boolean(array.type)):
            self.arrays[name] = to_numbers(array)[0]
        else:
            made = to_categories(array)
            if made is None:
                self.count(
                    f"column {name!r} should hold categories", self.rows, f"a value of type {array.type}"
                )
                made = pa.nulls(self.rows, EMPTY["absent category"])
            self.arrays[name] = made

    def _number(self, name: str, array: pa.Array) -> None:
        numbers, misfits, example = to_numbers(array)
        self.arrays[name] = numbers
        if misfits is not None:
            self.misfits[f"misfit:{name}"] = pa.array(misfits)
            self.count(f"column {name!r} should hold numbers", int(misfits.sum()), example)

    def seen_by(self, expression: Expression, treatments: dict[str, Treatment]) -> pa.RecordBatch:
        """The columns that an expression reads: as they came, but text that stands for numbers or times as these."""
        columns = {
            name: self.arrays[name]
            if name in self.arrays and reads_prepared(self.batch.column(name).type, treatments.get(name))
            else self.batch.column(name)
            for name in expression.columns
        }
        return pa.RecordBatch.from_pydict(columns or {"row": pa.nulls(self.rows)})

    def finished(self, weight: str | None) -> tuple[pa.RecordBatch, Aside]:
        batch = pa.RecordBatch.from_pydict({**self.arrays, **self.misfits})
        if not self.arrays:
            batch = pa.RecordBatch.from_struct_array(pa.nulls(self.rows, pa.struct([])))
        if weight is None:
            return batch, self.aside
        values = self.arrays[weight].to_numpy(zero_copy_only=False)
        usable = (values >= 0) & (values <= HEAVIEST)
        if usable.all():
            return batch, self.aside
        missing = self.arrays[weight].null_count
        self.count("weight missing", missing)
        others = np.flatnonzero(~usable & ~self.arrays[weight].is_null().to_numpy(zero_copy_only=False))
        self.count(
            "weight negative, or more than 1e100",
            len(others),
            str(values[others[0]]) if len(others) else None,
        )
        return batch.filter(pa.array(usable)), self.aside


def reads_prepared(type_: pa.DataType, how: Treatment | None) -> bool:
    """Whether SQL sees the prepared column in place of the source's."""
    text = is_text(type_) or (t.is_dictionary(type_) and is_text(type_.value_type))
    return (how == "time" and not t.is_timestamp(type_) and not t.is_date(type_)) or (
        how in ("number", "flag") and text
    )


def sql_type(type_: pa.DataType, how: Treatment | None) -> pa.DataType:
    """The type in which SQL sees a column."""
    if not reads_prepared(type_, how):
        return type_
    return INSTANT if how == "time" else pa.float64()


def _flags(array: pa.Array) -> pa.Array:
    """The words true and false, in any case, as 1 and 0; everything else as it came."""
    if t.is_dictionary(array.type):
        return _flags(array.dictionary_decode())
    if not is_text(array.type):
        return array
    text = array.cast(pa.string())
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(text))
    return pc.if_else(pc.equal(lower, "true"), "1", pc.if_else(pc.equal(lower, "false"), "0", text))
