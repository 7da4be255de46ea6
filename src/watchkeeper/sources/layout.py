"""Layout: which columns of a source serve which role, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

from watchkeeper.errors import ColumnError
from watchkeeper.model import Bins, Model
from watchkeeper.model.nearest import did_you_mean, one_of
from watchkeeper.rows import OUTCOME_DELAY, RESERVED
from watchkeeper.sources.expressions import expressions_of
from watchkeeper.sources.kinds import UNTYPED, Kind, is_text, kind_of_type, natural_kinds, true_and_false
from watchkeeper.sources.prepare import Preparation, Treatment, sql_type
from watchkeeper.sources.timestamps import Clock
from watchkeeper.sources.written_times import day_first

__all__ = ["RESERVED", "Layout", "layout_of"]

OPTIONAL = (
    "timestamp",
    "prediction",
    "score",
    "outcome",
    "id",
    "version",
    "subject",
)  # what a reference may lack
LISTED = 12


@dataclass(frozen=True)
class Layout:
    """How a source serves a model.

    Attributes
    ----------
    absent : columns that the model or the plan has and the source has not
    added : columns that the source has and the plan has not, where the features are not listed
    notes : guesses, one sentence each
    """

    preparation: Preparation
    absent: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def layout_of(
    name: str,
    schema: pa.Schema,
    sample: pa.Table | None,
    model: Model,
    kinds: Mapping[str, Kind] | None,
    *,
    optional: bool = False,
    keep_time: bool = True,
) -> Layout:
    """Decide what becomes of each column.

    Parameters
    ----------
    sample : some rows of the columns that are text
    kinds : what the plan decided of the features; None where this source is what the plan is made from
    optional : whether what a model says and what happened may be missing from the source

    Raises
    ------
    ColumnError
        for a role whose column is missing or holds what cannot serve it
    """
    made = _Layout(name, schema, sample, model, kinds, optional, keep_time)
    made.roles()
    made.features()
    made.segments()
    return made.finished()


class _Layout:
    def __init__(
        self,
        name: str,
        schema: pa.Schema,
        sample: pa.Table | None,
        model: Model,
        kinds: Mapping[str, Kind] | None,
        optional: bool,
        keep_time: bool,
    ) -> None:
        self.name, self.schema, self.sample, self.model = name, schema, sample, model
        self.given, self.optional, self.keep_time = kinds, optional, keep_time
        self.natural = natural_kinds(schema, sample)
        self.kinds: dict[str, Kind] = {**self.natural, **(kinds or {})}
        self.names = set(schema.names)
        self.treatments: dict[str, Treatment] = {}
        self.unusable: dict[str, str] = {}
        self.absent: list[str] = []
        self.notes: list[str] = []
        self.clock = Clock(model.timezone)

    # roles

    def roles(self) -> None:
        for column, role in self.model.roles.items():
            if role == "timestamp" and not self.keep_time:
                continue
            if column not in self.names:
                self._lacking(column, role)
            else:
                self.treatments[column] = self._role(column, role)
        if OUTCOME_DELAY in self.natural:
            self.treatments[OUTCOME_DELAY] = "number"
        if self.model.timestamp in self.treatments:
            self._order_of_dates(str(self.model.timestamp))

    def _lacking(self, column: str, role: str) -> None:
        current = self.given is not None
        if (role == "outcome" and current) or (role in OPTIONAL and self.optional):
            self.absent.append(column)
            if role == "timestamp":
                self.notes.append(f"{self.name} has no column {column!r}: it is taken as one window.")
            return
        raise self._missing(column, f"; the model names it as its {role}")

    def _missing(self, column: str, told: str = "") -> ColumnError:
        hint = did_you_mean(column, self.schema.names)
        if not hint:
            names = self.schema.names
            more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
            hint = f"; it has {', '.join(names[:LISTED])}{more}{told}"
        return ColumnError(f"column {column!r} is not in {self.name}{hint}")

    def _role(self, column: str, role: str) -> Treatment:
        type_ = self.schema.field(column).type
        if role in ("id", "subject"):
            return "as it is"
        kind = kind_of_type(type_)
        timeless = role == "timestamp" and (t.is_boolean(type_) or t.is_time(type_) or t.is_duration(type_))
        if kind is None or timeless:
            needed = {"timestamp": "dates, times as text, or Unix seconds", "score": "one number a row"}
            raise ColumnError(
                f"column {column!r} of {self.name} holds {type_} and cannot be the {role}; "
                f"{needed.get(role, 'plain values')} are needed"
            )
        if role == "timestamp":
            return "time"
        if role == "weight":
            return "weight"
        if role == "version":
            return "category"
        return "number" if role == "score" or self.model.task == "regression" else self._label(column)

    def _label(self, column: str) -> Treatment:
        """A class: numbers stay numbers and text stays text."""
        field = self.schema.field(column)
        text = is_text(field.type) or (t.is_dictionary(field.type) and is_text(field.type.value_type))
        if text and isinstance(self.model.positive, str):
            return "label"
        numeric = self.kinds.get(column) == "number"
        may_be_flags = numeric or field.metadata == UNTYPED or self._beside_flags(column)
        if text and may_be_flags and self._words_of_truth(column):
            return "flag"
        return "number" if text and numeric else "label"

    def _words_of_truth(self, column: str) -> bool:
        known = self.sample is not None and column in self.sample.column_names
        return known and true_and_false(self.sample.column(column))  # type: ignore[union-attr]

    def _beside_flags(self, column: str) -> bool:
        """Whether the other of prediction and outcome holds truth values."""
        others = {self.model.prediction, self.model.outcome} - {column}
        return any(f.name in others and t.is_boolean(f.type) for f in self.schema)

    def _order_of_dates(self, column: str) -> None:
        type_ = self.schema.field(column).type
        if not is_text(type_) or self.sample is None or column not in self.sample.column_names:
            return
        text = self.sample.column(column).combine_chunks().cast(pa.string())
        first = day_first(text)
        if (
            first is None
            and pc.any(pc.match_substring_regex(text, r"^\s*\d{1,2}[/-]\d{1,2}[/-]\d{4}")).as_py()
        ):
            self.notes.append(
                f"{column!r} of {self.name} does not tell whether day or month is first; read as month/day."
            )
        self.clock = replace(self.clock, day_first=bool(first))

    # features and segments

    def features(self) -> None:
        for column in self._feature_names():
            if column in self.treatments and self.treatments[column] != "as it is":
                continue
            if column not in self.names:
                if self.given is None:
                    raise self._missing(column)
                self.absent.append(column)
            else:
                self._feature(column)

    def _feature_names(self) -> list[str]:
        listed = self.model.features
        if listed is not None:
            return list(listed)
        if self.given is not None:
            return [c for c in self.given if c not in self.model.roles]
        apart = {*self.model.roles, *self.model.drop}  # values of a category would be in profiles and reports
        return [c for c in self.schema.names if c not in apart]

    def _feature(self, column: str) -> None:
        if column.startswith(RESERVED):
            self.notes.append(
                f"{column!r} of {self.name} is not watched: names that begin with {one_of(RESERVED)} are "
                "Watchkeeper's own; rename the column."
            )
            return
        kind = self.kinds.get(column)
        if column not in self.natural and (self.given is None or kind != "number"):
            self.unusable[column] = str(self.schema.field(column).type)
            return
        self.treatments[column] = "number" if kind == "number" else "category"
        if self.given is not None and self.natural.get(column) not in (None, kind):
            type_ = self.schema.field(column).type
            found = "text" if is_text(type_) else str(type_)
            self.notes.append(f"{column!r} of {self.name} is {found}; in the reference it was a {kind}.")

    def segments(self) -> None:
        for part in (p for split in self.model.segmentations for p in split.parts):
            column = part if isinstance(part, str) else getattr(part, "column", None)
            if column is None:
                continue
            if column in self.names:
                if isinstance(part, Bins):
                    self.treatments[column] = "number"
                elif column not in self.treatments:
                    self.treatments[column] = "number" if self.kinds.get(column) == "number" else "category"
            elif self.given is None and not (self.optional and self.model.roles.get(column) in OPTIONAL):
                raise self._missing(column)
            else:
                self.absent.append(column)
                self.treatments[column] = "absent number" if isinstance(part, Bins) else "absent category"

    def finished(self) -> Layout:
        seen = pa.schema(
            [pa.field(f.name, sql_type(f.type, self.treatments.get(f.name))) for f in self.schema]
        )
        preparation = Preparation(
            self.treatments, self.clock, expressions_of(self.model, seen), self.unusable
        )
        known = {*(self.given or ()), *self.model.roles, *self.model.drop, *preparation.reads, *self.unusable}
        open_ended = self.given is not None and self.model.features is None
        strange = (c for c in self.schema.names if c not in known and not c.startswith(RESERVED))
        added = tuple(strange) if open_ended else ()
        return Layout(preparation, tuple(dict.fromkeys(self.absent)), added, tuple(self.notes))
