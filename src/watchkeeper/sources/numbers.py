"""Numbers: whatever holds numbers, as float64."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t
from numpy.typing import NDArray

from watchkeeper.sources.kinds import is_text

__all__ = ["parsed", "to_numbers"]

Flags = NDArray[np.bool_]
Parsed = tuple[pa.Array, Flags | None, str | None]

MISSING = ("", "na", "n/a", "#n/a", "null", "none", "-", "?", ".")  # what people write for "no number"
SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
DAY = 86_400.0


def to_numbers(array: pa.Array) -> Parsed:
    """(numbers, misfits, an example of these).

    Null stays null and NaN stays NaN. Durations and times of day become seconds, dates and timestamps seconds
    since 1970 (UTC, or on their own clock where they have no zone). Text is parsed.

    Returns
    -------
    numbers : (n,) float64, null where missing or misfit
    misfits : (n,) which values are no numbers, or None where all are
    example : the first misfit as it came

    >>> numbers, misfits, example = to_numbers(pa.array(["1.5", "high", None]))
    >>> numbers.to_pylist(), misfits.tolist(), example
    ([1.5, None, None], [False, True, False], 'high')
    """
    type_ = array.type
    if t.is_float64(type_):
        return array, None, None
    if t.is_dictionary(type_):
        return to_numbers(array.dictionary_decode())
    if is_text(type_):
        return parsed(array)
    if t.is_temporal(type_) and not t.is_interval(type_):
        return _seconds(array), None, None
    if t.is_boolean(type_):
        return array.cast(pa.uint8()).cast(pa.float64()), None, None
    if t.is_integer(type_) or t.is_floating(type_) or t.is_decimal(type_) or t.is_null(type_):
        return array.cast(pa.float64(), safe=False), None, None
    return _nothing_of(array)


def _nothing_of(array: pa.Array) -> Parsed:
    misfit = array.is_valid().to_numpy(zero_copy_only=False)
    numbers = pa.nulls(len(array), pa.float64())
    return (
        numbers,
        (misfit if misfit.any() else None),
        (f"a value of type {array.type}" if misfit.any() else None),
    )


def _seconds(array: pa.Array) -> pa.Array:
    type_ = array.type
    if t.is_date32(type_):
        return pc.multiply(array.view(pa.int32()).cast(pa.float64()), DAY)
    if t.is_date64(type_):
        return pc.divide(array.view(pa.int64()).cast(pa.float64(), safe=False), SECOND["ms"])
    whole = array.view(pa.int32() if t.is_time32(type_) else pa.int64())
    return pc.divide(whole.cast(pa.float64(), safe=False), SECOND[type_.unit])


def parsed(array: pa.Array) -> Parsed:
    """Text as numbers, as ``to_numbers`` returns them; the usual signs for "missing" are null."""
    text = pc.utf8_trim_whitespace(array.cast(pa.string()))
    try:
        return text.cast(pa.float64()), None, None
    except pa.ArrowInvalid:
        pass
    text = pc.if_else(pc.is_in(pc.utf8_lower(text), pa.array(MISSING)), pa.scalar(None, pa.string()), text)
    numbers = _those_that_parse(text.dictionary_encode())
    misfit = pc.and_(text.is_valid(), numbers.is_null()).to_numpy(zero_copy_only=False)
    if not misfit.any():
        return numbers, None, None
    return numbers, misfit, text[int(misfit.argmax())].as_py()


def _those_that_parse(text: pa.DictionaryArray) -> pa.Array:
    """Each distinct text once; null where it is no number."""
    words = text.dictionary
    plain = pc.match_substring_regex(
        words, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^(?i:[+-]?(nan|inf|infinity))$"
    )
    usable = pc.if_else(plain, pc.replace_substring_regex(words, r"^\+", ""), pa.scalar(None, pa.string()))
    return usable.cast(pa.float64()).take(text.indices)
