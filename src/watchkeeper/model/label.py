"""Labels: the classes of a classification, compared by value."""

from __future__ import annotations

import math
from decimal import Decimal
from enum import Enum
from numbers import Real

from watchkeeper.errors import ModelError

__all__ = ["Label", "label_name", "label_of"]

Label = float | str

EXACT = 2**53  # beyond it, neighbouring integers are one float64


def label_of(value: object) -> Label:
    """The canonical value of a class: numbers as float, everything else as text.

    Classes compare by value, whatever type a file or library gave them: ``1``, ``1.0``, ``True`` and NumPy's
    scalars are one class. Text stays text, so that ``"1"`` is another one. Integers beyond 2⁵³, which a float
    cannot tell apart, become text.

    Raises
    ------
    ModelError
        for null and NaN: a missing value is no class

    >>> label_of(True), label_of(1), label_of("1"), label_of("- 50000.")
    (1.0, 1.0, '1', '- 50000.')
    """
    if isinstance(value, str) and not isinstance(value, Enum):
        return str(value)
    if isinstance(value, Enum):
        return label_of(value.value)
    if isinstance(value, Real | Decimal):
        return _number(value)
    for unwrap in ("as_py", "item"):  # pyarrow's and NumPy's scalars
        if hasattr(value, unwrap):
            return label_of(getattr(value, unwrap)())
    if value is None:
        raise ModelError("None is not a class: a missing value has no label")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _number(value: Real | Decimal) -> Label:
    number = float(value)
    if math.isnan(number):
        raise ModelError("NaN is not a class: a missing value has no label")
    if abs(number) > EXACT and value == value // 1:
        return str(value)
    return number + 0.0  # -0.0 is 0


def label_name(label: Label) -> str:
    """How a label is written in tables and charts.

    >>> label_name(1.0), label_name(0.5), label_name("yes")
    ('1', '0.5', 'yes')
    """
    return label if isinstance(label, str) else f"{label:g}"
