"""Numbers and categories: what becomes of values of every type."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.sources import natural_kinds
from watchkeeper.sources.categories import to_categories
from watchkeeper.sources.kinds import untyped
from watchkeeper.sources.numbers import to_numbers

NUMBERS: list[tuple[pa.Array, list[float | None]]] = [
    (pa.array([1, None], pa.int8()), [1.0, None]),
    (pa.array([2**64 - 1], pa.uint64()), [float(2**64)]),
    (pa.array(np.array([1.5], np.float16)), [1.5]),
    (pa.array([1.5, None], pa.float32()), [1.5, None]),
    (pa.array([Decimal("1.25"), None]), [1.25, None]),
    (pa.array([True, False, None]), [1.0, 0.0, None]),
    (pa.array([timedelta(seconds=1.5), None]), [1.5, None]),
    (pa.array([time(0, 1), None]), [60.0, None]),
    (pa.array([date(1970, 1, 2), None]), [86_400.0, None]),
    (pa.array([date(1970, 1, 2)], pa.date64()), [86_400.0]),
    (pa.array([datetime(1970, 1, 2)], pa.timestamp("ns")), [86_400.0]),
    (pa.array([5, None, 5]).dictionary_encode(), [5.0, None, 5.0]),
    (pa.nulls(2), [None, None]),
    (pa.array([" 1.5 ", "2e3", "-.5", "+7", None]), [1.5, 2000.0, -0.5, 7.0, None]),
    (pa.array(["1", "NA", "n/a", "", "null"], pa.large_string()), [1.0, None, None, None, None]),
    (pa.array(["inf", "-inf"]), [np.inf, -np.inf]),
]


@pytest.mark.parametrize(("array", "expected"), NUMBERS, ids=lambda v: str(getattr(v, "type", "")))
def test_numbers(array: pa.Array, expected: list[float | None]) -> None:
    numbers, misfits, _ = to_numbers(array)
    assert numbers.type == pa.float64()
    assert numbers.to_pylist() == expected
    assert misfits is None


def test_nan_and_null_stay_apart() -> None:
    numbers, _, _ = to_numbers(pa.array([float("nan"), None], pa.float32()))
    assert numbers.null_count == 1
    assert np.isnan(numbers[0].as_py())


def test_text_that_is_no_number_is_marked() -> None:
    numbers, misfits, example = to_numbers(pa.array(["1", "high", None, "0x1f", "1,5", "high"]))
    assert numbers.to_pylist() == [1.0, None, None, None, None, None]
    assert misfits is not None
    assert misfits.tolist() == [False, True, False, True, True, True]
    assert example == "high"


@pytest.mark.parametrize("array", [pa.array([[1], None]), pa.array([{"a": 1}, None]), pa.array([b"1", None])])
def test_lists_structs_and_bytes_are_misfits(array: pa.Array) -> None:
    numbers, misfits, example = to_numbers(array)
    assert numbers.to_pylist() == [None, None]
    assert misfits is not None
    assert misfits.tolist() == [True, False]
    assert example is not None
    assert to_categories(array) is None


CATEGORIES: list[tuple[pa.Array, list[str | None]]] = [
    (pa.array(["a", None, "a"]), ["a", None, "a"]),
    (pa.array(["a", None], pa.large_string()), ["a", None]),
    (pa.array(["a", None], pa.string_view()), ["a", None]),
    (pa.array(["a", None], pa.string_view()).cast(pa.string()).dictionary_encode(), ["a", None]),
    (pa.array([True, False, None]), ["true", "false", None]),
    (pa.array([1, 2, None], pa.int64()), ["1", "2", None]),
    (pa.array([1.0, 2.5, -0.0, None, float("nan")]), ["1", "2.5", "0", None, None]),
    (pa.array([2**60], pa.int64()), [str(2**60)]),
    (pa.array([1e15]), ["1000000000000000"]),
    (pa.array(np.array([1.5], np.float16)), ["1.5"]),
    (pa.array([Decimal("1.50")]), ["1.5"]),
    (pa.array([date(2026, 1, 31)]), ["2026-01-31"]),
    (pa.nulls(2), [None, None]),
    (
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), pa.array(["a", None, "a"])),
        ["a", None, "a"],
    ),
]


@pytest.mark.parametrize(("array", "expected"), CATEGORIES, ids=lambda v: str(getattr(v, "type", "")))
def test_categories(array: pa.Array, expected: list[str | None]) -> None:
    made = to_categories(array)
    assert made is not None
    assert made.type == pa.dictionary(pa.int32(), pa.string())
    assert made.to_pylist() == expected
    assert len(set(made.dictionary.to_pylist())) == len(made.dictionary)


def kind(values: list[Any], **options: Any) -> str | None:
    field = pa.field("x", pa.string())
    schema = pa.schema([untyped(field) if options.get("from_csv") else field])
    return natural_kinds(schema, pa.table({"x": pa.array(values, pa.string())}, schema=schema)).get("x")


def test_kind_of_text() -> None:
    assert kind(["1", "2"]) == "category"
    assert kind(["1", "2"], from_csv=True) == "number"
    assert kind(["1.5"] * 99 + ["n.a."]) == "number"
    assert kind(["1.5"] * 80 + ["n.a."] * 20) == "category"
    assert kind(["1.5"] * 50 + ["NA"] * 50, from_csv=True) == "number"
    assert kind(["00501", "10001"], from_csv=True) == "category"
    assert kind([None, None], from_csv=True) == "category"
    assert kind([]) == "category"


def test_kind_of_types() -> None:
    schema = pa.schema({
        "i": pa.int8(), "d": pa.decimal128(5, 2), "t": pa.timestamp("s"), "du": pa.duration("s"), "b": pa.bool_(),
        "l": pa.list_(pa.int8()), "s": pa.struct({"a": pa.int8()}), "bin": pa.binary(), "n": pa.null(),
        "dict": pa.dictionary(pa.int8(), pa.int64()), "m": pa.month_day_nano_interval(),
    })  # fmt: skip
    assert natural_kinds(schema) == {
        "i": "number", "d": "number", "t": "number", "du": "number", "b": "category", "n": "category",
        "dict": "category",
    }  # fmt: skip
