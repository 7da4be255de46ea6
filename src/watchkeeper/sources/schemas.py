"""Schemas: columns of several files as one table."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.types as t

from watchkeeper.errors import SourceError
from watchkeeper.sources.categories import to_categories
from watchkeeper.sources.kinds import UNTYPED, is_text, kind_of_type, untyped
from watchkeeper.sources.numbers import to_numbers

__all__ = ["conformed", "united"]


def united(schemas: Mapping[str, pa.Schema]) -> pa.Schema:
    """All columns by name, each in a type that holds what every file has.

    Numbers of different types become float64, times timestamps, everything else that can be written text.

    Raises
    ------
    SourceError
        where a column is a list or struct in one file and something else in another

    >>> united({"a": pa.schema({"x": pa.int64()}), "b": pa.schema({"x": pa.float32(), "y": pa.string()})})
    x: double
    y: string
    """
    fields: dict[str, pa.Field] = {}
    where: dict[str, str] = {}
    for name, schema in schemas.items():
        for field in schema:
            if field.name not in fields:
                fields[field.name], where[field.name] = field, name
            else:
                fields[field.name] = _common(fields[field.name], field, where[field.name], name)
    return pa.schema(list(fields.values()))


def _common(a: pa.Field, b: pa.Field, first: str, second: str) -> pa.Field:
    one, other = _plain(a.type), _plain(b.type)
    if one == other or t.is_null(other):
        return a if a.metadata != UNTYPED or b.metadata == UNTYPED else b
    if t.is_null(one):
        return b
    if kind_of_type(one) is None or kind_of_type(other) is None:
        raise SourceError(
            f"column {a.name!r} is {a.type} in {first} and {b.type} in {second}; write one type into both"
        )
    type_ = _promoted(one, other)
    text = is_text(type_)
    return (
        untyped(pa.field(a.name, type_))
        if text and UNTYPED in (a.metadata, b.metadata)
        else pa.field(a.name, type_)
    )


def _plain(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if t.is_dictionary(type_) else type_


def _promoted(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    def both(*tests: object) -> bool:
        return all(any(test(type_) for test in tests) for type_ in (one, other))  # type: ignore[operator]

    if both(t.is_integer) and not (t.is_uint64(one) or t.is_uint64(other)):
        return pa.int64()
    if both(t.is_integer, t.is_floating, t.is_decimal, t.is_boolean):
        return pa.float64()
    if both(t.is_timestamp) and (one.tz is None) == (other.tz is None):
        return pa.timestamp("us", None if one.tz is None else "UTC")
    if both(t.is_date, t.is_timestamp) and not any(t.is_timestamp(x) and x.tz for x in (one, other)):
        return pa.timestamp("us")
    return pa.string()


def conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with exactly these columns; those it lacks are null."""
    if not schema.names:
        return batch
    arrays = []
    for field in schema:
        if field.name not in batch.schema.names:
            arrays.append(pa.nulls(batch.num_rows, field.type))
        else:
            arrays.append(_cast(batch.column(field.name), field.type))
    return pa.RecordBatch.from_arrays(arrays, names=schema.names)


def _cast(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """As this type; text keeps its dictionary."""
    if _plain(array.type) == _plain(type_):
        return array
    if is_text(type_):
        if t.is_temporal(array.type):
            return array.cast(pa.string()).dictionary_encode()
        written = to_categories(array)
        return array.cast(type_) if written is None else written
    if t.is_float64(type_):
        return to_numbers(array)[0]
    return (
        array.dictionary_decode().cast(type_, safe=False)
        if t.is_dictionary(array.type)
        else array.cast(type_, safe=False)
    )
