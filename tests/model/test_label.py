from __future__ import annotations

from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import ModelError
from watchkeeper.model import label_name, label_of


class Answer(Enum):
    YES = "yes"
    ONE = 1


class Colour(StrEnum):
    RED = "red"


ONES = [
    1,
    1.0,
    True,
    np.int8(1),
    np.float32(1),
    np.bool_(True),
    Decimal("1.0"),
    Fraction(1),
    pa.scalar(1),
    Answer.ONE,
]


@pytest.mark.parametrize("value", ONES, ids=lambda v: type(v).__name__)
def test_numbers_compare_by_value(value: object) -> None:
    label = label_of(value)
    assert label == 1.0
    assert type(label) is float


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("1", "1"),
        ("- 50000.", "- 50000."),
        (" x ", " x "),
        (b"no", "no"),
        (np.str_("a"), "a"),
        (pa.scalar("a"), "a"),
        (Answer.YES, "yes"),
        (Colour.RED, "red"),
        (2**60 + 1, str(2**60 + 1)),
    ],
)
def test_text_stays_text(value: object, label: str) -> None:
    assert label_of(value) == label
    assert type(label_of(value)) is str


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pa.scalar(None, pa.int64()), Decimal("NaN")])
def test_a_missing_value_is_no_class(value: object) -> None:
    with pytest.raises(ModelError, match="not a class"):
        label_of(value)


def test_infinities_and_negative_zero() -> None:
    assert label_of(float("inf")) == float("inf")
    assert str(label_of(-0.0)) == "0.0"


@given(st.integers(-(2**60), 2**60), st.integers(-(2**60), 2**60))
def test_different_integers_are_different_classes(a: int, b: int) -> None:
    assert (label_of(a) == label_of(b)) == (a == b)


@given(st.one_of(st.text(), st.integers(), st.booleans(), st.floats(allow_nan=False)))
def test_a_label_is_its_own_label(value: object) -> None:
    assert label_of(label_of(value)) == label_of(value)


def test_names() -> None:
    assert [label_name(v) for v in (1.0, 0.5, -1.0, "1")] == ["1", "0.5", "-1", "1"]
