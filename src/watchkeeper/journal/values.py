"""Values: whatever was logged, as float64 or text; what does not fit is told, never cast."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

__all__ = ["NUMBER", "TEXT", "Fitted", "fit_column", "fit_values"]

NUMBER, TEXT = pa.float64(), pa.string()
EXACT = 2**53  # from here on float64 does not hold every integer
PLAIN: dict[frozenset[type], pa.DataType] = {
    frozenset({float}): NUMBER,
    frozenset({int}): NUMBER,
    frozenset({float, int}): NUMBER,
    frozenset({str}): TEXT,
}


@dataclass(frozen=True)
class Fitted:
    """A column in its type.

    Attributes
    ----------
    array : float64 or string, null where missing or misfit
    misfits : position → the value as JSON
    """

    array: pa.Array
    misfits: Mapping[int, str] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether there is any value."""
        return bool(self.misfits) or self.array.null_count < len(self.array)


def fit_values(
    values: Sequence[Any], wanted: pa.DataType | None = None, *, label: bool = False
) -> Fitted | None:
    """Python values, as MessagePack gives them, in the type ``wanted``.

    Parameters
    ----------
    wanted : float64 or string; None: what most of the values are, the type from now on
    label : classes compare by value, so that True is 1; elsewhere truth values are the texts "true" and "false"

    Returns
    -------
    None where nothing tells a type: all values are missing.

    >>> fitted = fit_values([1, 2.5, "high", None], NUMBER)
    >>> fitted.array.to_pylist(), fitted.misfits
    ([1.0, 2.5, None, None], {2: '"high"'})
    >>> fit_values([True, None]).array.to_pylist(), fit_values([True, None], label=True).array.to_pylist()
    (['true', None], [1.0, None])
    """
    types = frozenset(map(type, values)) - {type(None)}
    if not types:
        return None if wanted is None else Fitted(pa.nulls(len(values), wanted))
    plain = PLAIN.get(types)
    if plain is not None and wanted in (None, plain) and not _beyond(values, types):
        return Fitted(pa.array(values, plain))
    return _one_by_one(values, wanted, label=label)


def _beyond(values: Sequence[Any], types: frozenset[type]) -> bool:
    """Whether there is an integer that float64 cannot hold."""
    return int in types and any(type(v) is int and not -EXACT <= v <= EXACT for v in values)


def _one_by_one(values: Sequence[Any], wanted: pa.DataType | None, *, label: bool) -> Fitted:
    plain = [_plain(v, label=label) for v in values]
    if wanted is None:
        numbers = sum(isinstance(v, float) for v in plain)
        wanted = NUMBER if 2 * numbers >= sum(v is not None for v in plain) and numbers else TEXT
    kind = float if wanted == NUMBER else str
    misfits = {i: _json(values[i]) for i, v in enumerate(plain) if v is not None and not isinstance(v, kind)}
    return Fitted(pa.array([v if isinstance(v, kind) else None for v in plain], wanted), misfits)


def _plain(value: Any, *, label: bool) -> object:
    """As a float or a text; anything else as it came."""
    if isinstance(value, bool):
        return float(value) if label else str(value).lower()
    if isinstance(value, int):
        return float(value) if -EXACT <= value <= EXACT else str(value)
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def fit_column(array: pa.Array, wanted: pa.DataType | None = None, *, label: bool = False) -> Fitted | None:
    """An Arrow column in the type ``wanted``; as ``fit_values``, but that text which is a number is one where
    numbers are wanted: in a CSV one wrong value makes all of a column text.

    >>> fitted = fit_column(pa.array(["1", "high"]), NUMBER)
    >>> fitted.array.to_pylist(), fitted.misfits
    ([1.0, None], {1: '"high"'})
    """
    array = array.dictionary_decode() if t.is_dictionary(array.type) else array
    if t.is_null(array.type):
        return None if wanted is None else Fitted(pa.nulls(len(array), wanted))
    if _is_text(array.type) and wanted == NUMBER:
        return _parsed(array.cast(TEXT))
    made = _made(array, label=label)
    if made is None:
        return _one_by_one(array.to_pylist(), wanted, label=label)
    if wanted in (None, made.type):
        return Fitted(made)
    return Fitted(pa.nulls(len(made), wanted), _texts(made))


def _is_text(type_: pa.DataType) -> bool:
    return bool(t.is_string(type_) or t.is_large_string(type_) or t.is_string_view(type_))


def _made(array: pa.Array, *, label: bool) -> pa.Array | None:
    """The whole column as numbers or text; None where its values must be looked at one by one."""
    type_ = array.type
    if _is_text(type_):
        return array.cast(TEXT)
    if t.is_boolean(type_):
        return array.cast(pa.uint8()).cast(NUMBER) if label else array.cast(TEXT)
    if t.is_floating(type_) or t.is_decimal(type_):
        return array.cast(NUMBER, safe=False)
    if t.is_integer(type_):
        ends = pc.min_max(array)
        inside = ends["min"].as_py() is None or (
            ends["min"].as_py() >= -EXACT and ends["max"].as_py() <= EXACT
        )
        return array.cast(NUMBER) if inside else None
    if t.is_temporal(type_) and not t.is_interval(type_) and not t.is_duration(type_):
        return array.cast(TEXT)
    return None


def _parsed(text: pa.Array) -> Fitted:
    from watchkeeper.sources.numbers import parsed

    numbers, misfit, _ = parsed(text)
    return Fitted(numbers, {} if misfit is None else _texts(text, misfit))


def _texts(array: pa.Array, only: np.ndarray[Any, np.dtype[np.bool_]] | None = None) -> dict[int, str]:
    known = array.is_valid().to_numpy(zero_copy_only=False)
    places = np.flatnonzero(known if only is None else known & only)
    return {int(i): _json(v) for i, v in zip(places, array.take(pa.array(places)).to_pylist(), strict=True)}
