"""Categories: whatever tells rows apart, as dictionary<int32, string>."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

from watchkeeper.sources.kinds import is_text, kind_of_type

__all__ = ["to_categories"]

CATEGORY = pa.dictionary(pa.int32(), pa.string())
WHOLE = 1e15  # beyond it, "15 digits" writes an exponent


def to_categories(array: pa.Array) -> pa.DictionaryArray | None:
    """Values as people write them, null where missing or empty; None for a type that has none (lists, bytes).

    Numbers have one spelling whatever their type: 1 and 1.0 are ``"1"``. Booleans are ``"true"`` and ``"false"``.

    >>> to_categories(pa.array([1.0, 2.5, None])).to_pylist()
    ['1', '2.5', None]
    """
    if (
        array.type == CATEGORY
        and not array.dictionary.null_count
        and pc.index(array.dictionary, "").as_py() < 0
    ):
        return array
    if kind_of_type(array.type) is None:
        return None
    if t.is_null(array.type):
        return pa.nulls(len(array), CATEGORY)
    encoded = array if t.is_dictionary(array.type) else _comparable(array).dictionary_encode()
    words = _written(encoded.dictionary)
    indices = encoded.indices.cast(pa.int32())
    if words.null_count or pc.count_distinct(words).as_py() < len(words):
        return words.take(indices).dictionary_encode()
    return pa.DictionaryArray.from_arrays(indices, words)


def _comparable(array: pa.Array) -> pa.Array:
    """In a type that Arrow can encode."""
    if t.is_string_view(array.type):
        return array.cast(pa.string())
    return array.cast(pa.float64(), safe=False) if t.is_float16(array.type) else array


def _written(values: pa.Array) -> pa.Array:
    if is_text(values.type):
        text = values.cast(pa.string())
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if t.is_floating(values.type) or t.is_decimal(values.type):
        numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return pa.array([None if np.isnan(v) else _spelled(v) for v in numbers.tolist()], pa.string())
    return values.cast(pa.string())


def _spelled(value: float) -> str:
    whole = value == np.floor(value) and WHOLE <= abs(value) < 2**63
    return str(int(value)) if whole else f"{value + 0.0:.15g}"
