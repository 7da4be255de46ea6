"""Kinds: which columns are numbers and which categories, by nature."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa
import pyarrow.types as t

__all__ = ["Kind", "kind_of_type", "natural_kinds", "true_and_false", "untyped"]

Kind = Literal["number", "category"]

UNTYPED = {b"untyped": b"true"}  # metadata of a field that comes from a format without types, such as CSV
MOSTLY = 0.95  # text counts as dirty numbers from this share of parsing values on
CODE = r"^[+-]?0\d"  # 00501 is a code: as a number it would lose its zeros


def untyped(field: pa.Field) -> pa.Field:
    """The field, marked as text only because its format has no types."""
    return field.with_metadata(UNTYPED)


def kind_of_type(type_: pa.DataType) -> Kind | None:
    """What values of an Arrow type are by nature; None where they are neither (lists, structs, bytes).

    >>> kind_of_type(pa.int8()), kind_of_type(pa.bool_()), kind_of_type(pa.list_(pa.int8()))
    ('number', 'category', None)
    """
    if t.is_dictionary(type_):
        return "category" if kind_of_type(type_.value_type) else None
    numeric = t.is_integer, t.is_floating, t.is_decimal, t.is_temporal
    if any(test(type_) for test in numeric) and not t.is_interval(type_):
        return "number"
    return "category" if is_text(type_) or t.is_boolean(type_) or t.is_null(type_) else None


def is_text(type_: pa.DataType) -> bool:
    """Whether values are strings, however they are laid out."""
    return t.is_string(type_) or t.is_large_string(type_) or bool(t.is_string_view(type_))


def natural_kinds(schema: pa.Schema, sample: pa.Table | None = None) -> dict[str, Kind]:
    """The kind of each column that has one.

    Types decide. Text is numbers where at least 95 % of the sample's values can be read as such and none is
    written like a code (``00501``); unless all can: then whoever stored them as text meant text, except in
    formats that have no types.

    Parameters
    ----------
    schema : columns of the source
    sample : some of its rows, for columns of text

    >>> table = pa.table({"price": ["1.5"] * 99 + ["n.a."], "code": ["7", "8"] * 50, "n": range(100)})
    >>> natural_kinds(table.schema, table)
    {'price': 'number', 'code': 'category', 'n': 'number'}
    """
    kinds: dict[str, Kind] = {}
    for field in schema:
        kind = kind_of_type(field.type)
        if kind is None:
            continue
        if sample is not None and is_text(field.type) and field.name in sample.column_names:
            kind = (
                "number" if _written_numbers(sample.column(field.name), field.metadata == UNTYPED) else kind
            )
        kinds[field.name] = kind
    return kinds


LOOKED_AT = 10_000  # texts that tell whether a column holds written numbers


def _written_numbers(column: pa.ChunkedArray, is_untyped: bool) -> bool:
    import pyarrow.compute as pc

    from watchkeeper.sources.numbers import parsed

    text = column.slice(0, LOOKED_AT).combine_chunks().cast(pa.string())
    if pc.any(pc.match_substring_regex(text, CODE)).as_py():
        return False
    numbers, misfit, _ = parsed(text)
    wrong = 0 if misfit is None else int(misfit.sum())
    known = len(numbers) - numbers.null_count + wrong
    right = known - wrong
    return right > 0 and right >= MOSTLY * known and (is_untyped or wrong > 0)


def true_and_false(column: pa.ChunkedArray) -> bool:
    """Whether a column of text holds these two words alone, in any case."""
    import pyarrow.compute as pc

    words = set(pc.utf8_lower(column.cast(pa.string())).unique().drop_null().to_pylist())
    return bool(words) and words <= {"true", "false"}
