"""Records: what was logged, as rows of the journal's tables, in the types that these have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

from watchkeeper.journal.schemas import EVENTS, MISFITS, OUTCOMES, PREDICTIONS, Shape
from watchkeeper.journal.values import NUMBER, Fitted, fit_column, fit_values

__all__ = ["Recorded", "events", "outcomes", "predictions"]

Column: TypeAlias = Any  # a sequence of Python values, or an Arrow array (which ships no types)


@dataclass(frozen=True)
class Recorded:
    """Rows in their types.

    Attributes
    ----------
    misfits : column → how many of its values did not fit its type
    examples : column → one of them, as JSON
    """

    rows: pa.Table
    misfits: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)


def predictions(fixed: Mapping[str, Column], features: Mapping[str, Column], known: pa.Schema) -> Recorded:
    """Rows of the table ``predictions``.

    Parameters
    ----------
    fixed : columns of ``PREDICTIONS`` and ``prediction``, ``score`` (of the positive class); ``scores`` is a
        mapping of a class to its column
    features : the model's inputs
    known : the table's schema so far
    """
    made = _Made(PREDICTIONS, fixed, known)
    made.free("prediction", label=True)
    made.free("score", wanted=NUMBER)
    made.struct("scores", fixed.get("scores", {}), NUMBER)
    made.struct("features", features)
    return made.finished()


def outcomes(fixed: Mapping[str, Column], known: pa.Schema) -> Recorded:
    """Rows of the table ``outcomes``: columns of ``OUTCOMES`` and ``actual``."""
    made = _Made(OUTCOMES, fixed, known)
    made.free("actual", label=True)
    when = pc.coalesce(made.columns["timestamp"], made.columns["known_at"])
    made.columns["date"] = when.cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
    return made.finished()


def events(fixed: Mapping[str, Column], known: pa.Schema) -> Recorded:
    """Rows of the table ``events``."""
    return _Made(EVENTS, fixed, known).finished()


class _Made:
    """The columns of a table as they are made."""

    def __init__(self, shape: Shape, fixed: Mapping[str, Column], known: pa.Schema) -> None:
        self.fixed, self.known = fixed, known
        given = [c for name, c in fixed.items() if name != "scores"]
        self.count = len(given[0])
        self.misfits: dict[str, Mapping[int, str]] = {}
        self.columns: dict[str, pa.Array] = {}
        for name, type_ in shape.fields.items():
            if name not in ("misfits", "batch"):
                self.columns[name] = self._typed(name, type_)

    def _typed(self, name: str, type_: pa.DataType) -> pa.Array:
        values = self.fixed.get(name)
        if values is None:
            return pa.nulls(self.count, type_)
        if isinstance(values, pa.Array):
            return values.cast(type_, safe=False)
        if t.is_timestamp(type_):
            return pa.array(values, pa.int64()).cast(type_)
        if type_ == pa.string():
            return pa.array(
                [None if v is None else v if isinstance(v, str) else str(v) for v in values], type_
            )
        return self._fitted(name, values, NUMBER).array if type_ == NUMBER else pa.array(values, type_)

    def free(self, name: str, *, wanted: pa.DataType | None = None, label: bool = False) -> None:
        """A column whose type the first values decide."""
        values = self.fixed.get(name)
        if values is None:
            return
        known = self._known(name)
        fitted = _fit(values, known or wanted, label=label)
        if fitted is not None and (known is not None or fitted.told):
            self._take(name, fitted)
            self.columns[name] = fitted.array

    def struct(self, name: str, columns: Mapping[str, Column], wanted: pa.DataType | None = None) -> None:
        """Columns as one struct; those without a value and a type are left out."""
        within = self._known(name)
        types = {f.name: f.type for f in within} if within is not None else {}
        arrays = {}
        for key, values in columns.items():
            fitted = _fit(values, types.get(key, wanted))
            if fitted is not None and (key in types or fitted.told):
                self._take(key, fitted)
                arrays[key] = fitted.array
        if arrays:
            self.columns[name] = pa.StructArray.from_arrays(list(arrays.values()), list(arrays))

    def _known(self, name: str) -> Any:
        return self.known.field(name).type if name in self.known.names else None

    def _fitted(self, name: str, values: Column, wanted: pa.DataType) -> Fitted:
        fitted = _fit(values, wanted)
        assert fitted is not None
        self._take(name, fitted)
        return fitted

    def _take(self, name: str, fitted: Fitted) -> None:
        if fitted.misfits:
            self.misfits[name] = fitted.misfits

    def finished(self) -> Recorded:
        if self.misfits:
            self.columns["misfits"] = self._map()
        counts = {name: len(found) for name, found in self.misfits.items()}
        examples = {name: next(iter(found.values())) for name, found in self.misfits.items()}
        return Recorded(pa.table(self.columns), counts, examples)

    def _map(self) -> pa.Array:
        rows: list[list[tuple[str, str]] | None] = [None] * self.count
        for name, found in self.misfits.items():
            for i, text in found.items():
                rows[i] = [*(rows[i] or ()), (name, text)]
        return pa.array(rows, MISFITS)


def _fit(values: Column, wanted: pa.DataType | None, *, label: bool = False) -> Fitted | None:
    fit: Callable[..., Fitted | None] = fit_column if isinstance(values, pa.Array) else fit_values
    return fit(values, wanted, label=label)
