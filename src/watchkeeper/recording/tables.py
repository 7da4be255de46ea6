"""Tables: rows of files and frames, as what a logger would have written of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.errors import ColumnError
from watchkeeper.journal import Recorded, outcomes, predictions
from watchkeeper.logger.privacy import Privacy
from watchkeeper.model import Model, label_name
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.recording.private import hashed, kept
from watchkeeper.sources.opening import open_rows, reader_of
from watchkeeper.sources.reader import Reader
from watchkeeper.sources.streaming import resized
from watchkeeper.sources.timestamps import INSTANT, Clock

__all__ = ["OutcomeFile", "Part", "PredictionFile"]

KNOWN_AT = ("known_at", "recorded_at")


@dataclass(frozen=True)
class PredictionFile:
    """Predictions, and where the file has them their outcomes, under the names of a model.

    Attributes
    ----------
    now : µs since 1970 UTC: when rows came that have no timestamp
    """

    data: Any
    model: Model
    private: Privacy | None
    now: int
    name: str | None = None

    def parts(self, skip: int = 0) -> Iterator[Part]:
        """The rows after the first ``skip``, batch by batch."""
        reader = reader_of(self.data, self.name, self.model)
        clock = _clock(self.data, self.model, self.name)
        for offset, batch in _after(reader, reader.schema.names, skip):
            yield self._part(batch, reader.name, offset, clock)

    def _part(self, batch: pa.RecordBatch, source: str, offset: int, clock: Clock) -> Part:
        model, names, count = self.model, batch.schema.names, batch.num_rows
        when, lost = _times(batch, model.timestamp, clock, self.now)
        ids = _ids(batch, model.id, source, offset).filter(when.is_valid())
        batch, when = batch.filter(when.is_valid()), when.drop_null()
        fixed: dict[str, Any] = {
            "id": hashed(self.private, "id", ids), "timestamp": when,
            "recorded_at": pa.repeat(pa.scalar(self.now, INSTANT), batch.num_rows),
        }  # fmt: skip
        roles = {"version": model.version, "prediction": model.prediction, "weight": model.weight}
        roles |= {"subject": model.subject, "score": model.score if isinstance(model.score, str) else None}
        fixed |= {
            key: _text(batch, key, name) for key, name in roles.items() if name is not None and name in names
        }
        if "subject" in fixed:
            fixed["subject"] = hashed(self.private, "subject", fixed["subject"])
        fixed["scores"] = {
            label_name(c): batch.column(n) for c, n in model.score_columns.items() if n in names
        }
        apart = {c for c, role in model.roles.items() if role != "subject"}
        features = {
            n: hashed(self.private, n, batch.column(n))
            for n in names
            if n not in apart and kept(self.private, n)
        }
        return Part(fixed, features, _actual(batch, model.outcome, fixed["id"], when, self.now), lost, count)


@dataclass(frozen=True)
class OutcomeFile:
    """Outcomes that became known: an id, what happened, and where they are there a timestamp and ``known_at``."""

    data: Any
    model: Model
    private: Privacy | None
    now: int
    name: str | None = None

    def parts(self, skip: int = 0) -> Iterator[Part]:
        reader = reader_of(self.data, self.name, self.model)
        names = reader.schema.names
        id_, actual = (
            _column(names, reader.name, "id", self.model.id, "id"),
            _column(names, reader.name, "outcome", self.model.outcome, "actual"),
        )
        when = next((n for n in (self.model.timestamp, "timestamp") if n in names), None)
        known = next((n for n in KNOWN_AT if n in names), None)
        clock = Clock(self.model.timezone)
        for _, batch in _after(reader, [n for n in (id_, actual, when, known) if n is not None], skip):
            stamps = pa.nulls(batch.num_rows, INSTANT) if when is None else clock.read(batch.column(when))[0]
            known_at, lost = _times(batch, known, clock, self.now)
            ids = hashed(self.private, "id", batch.column(id_).cast(pa.string()))
            rows = {"id": ids, "timestamp": stamps, "actual": batch.column(actual), "known_at": known_at}
            yield Part({}, {}, _known(rows, self.now), lost, batch.num_rows)


@dataclass(frozen=True)
class Part:
    """Some rows of a file.

    Attributes
    ----------
    fixed, features : columns as ``records.predictions`` takes them; empty of outcomes alone
    outcomes : columns as ``records.outcomes`` takes them, or None
    lost : reason → rows that have no time
    """

    fixed: dict[str, Any]
    features: dict[str, Any]
    outcomes: dict[str, Any] | None
    lost: dict[str, int]
    rows: int = 0  # of the file, those that are lost included

    def recorded(self, known: dict[str, pa.Schema]) -> dict[str, Recorded]:
        """Table → rows in the types that it has."""
        made = {}
        if self.fixed:
            made["predictions"] = predictions(self.fixed, self.features, known["predictions"])
        if self.outcomes is not None:
            made["outcomes"] = outcomes(self.outcomes, known["outcomes"])
        return made


def _after(reader: Reader, columns: Sequence[str], skip: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """(position of the first row, batch) of the rows after the first ``skip``."""
    position = 0
    for batch in resized(reader.batches(columns)):
        first, position = position, position + batch.num_rows
        if position > skip:
            begin = max(0, skip - first)
            yield first + begin, batch.slice(begin)


def _clock(data: Any, model: Model, name: str | None) -> Clock:
    """How the timestamps of these data are understood: days before months, or after."""
    layout = open_rows(
        data, Model(timestamp=model.timestamp, timezone=model.timezone, features=()), name
    ).layout
    found: Clock = layout.preparation.clock
    return found


def _times(
    batch: pa.RecordBatch, column: str | None, clock: Clock, now: int
) -> tuple[pa.Array, dict[str, int]]:
    if column is None:
        return pa.repeat(pa.scalar(now, INSTANT), batch.num_rows), {}
    stamps, aside = clock.read(batch.column(column))
    return stamps, dict(aside.counts)


def _ids(batch: pa.RecordBatch, column: str | None, source: str, offset: int) -> pa.Array:
    """The file's own ids; where there are none, its name and the number of the row."""
    numbers = pa.array(np.arange(offset, offset + batch.num_rows)).cast(pa.string())
    made = pc.binary_join_element_wise(pa.scalar(source), numbers, ":")
    if column is None or column not in batch.schema.names:
        return made
    return pc.coalesce(_plain(batch.column(column)).cast(pa.string()), made)


def _plain(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _text(batch: pa.RecordBatch, key: str, name: str) -> pa.Array:
    array = _plain(batch.column(name))
    return array.cast(pa.string()) if key in ("version", "subject") else array


def _actual(
    batch: pa.RecordBatch, column: str | None, ids: pa.Array, when: pa.Array, now: int
) -> dict[str, Any] | None:
    """Outcomes that stand beside their predictions: known when these were made, as far as one knows."""
    if column is None or column not in batch.schema.names:
        return None
    return _known({"id": ids, "timestamp": when, "actual": batch.column(column), "known_at": when}, now)


def _known(rows: dict[str, Any], now: int) -> dict[str, Any] | None:
    """Those that are known."""
    there = pc.invert(_plain(rows["actual"]).is_null(nan_is_null=True))
    kept = {name: array.filter(there) for name, array in rows.items()}
    count = len(kept["id"])
    return {**kept, "recorded_at": pa.repeat(pa.scalar(now, INSTANT), count)} if count else None


def _column(names: Sequence[str], source: str, role: str, *candidates: str | None) -> str:
    for name in candidates:
        if name is not None and name in names:
            return name
    wanted = next(c for c in candidates if c is not None)
    hint = did_you_mean(wanted, names)
    hint = hint or f"; it has {', '.join(names[:12])}; the model names it as its {role}"
    raise ColumnError(f"column {wanted!r} is not in {source}{hint}")
