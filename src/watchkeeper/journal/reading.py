"""Reading: the rows of some windows with their truth, under the names that the model's keys give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.values import NUMBER
from watchkeeper.model import Label, Model, label_name
from watchkeeper.rows import OUTCOME_DELAY
from watchkeeper.sources.engine import quoted_name, quoted_text

if TYPE_CHECKING:
    import duckdb

__all__ = ["Served", "Traits", "served", "times", "traits"]

OUTCOME = "actual"  # what an outcome's column is called where the model has no name for it
SCORES = "score of {}"  # of a class, likewise
DELAYED = """CASE WHEN t.first_known > p.timestamp
    THEN (epoch_us(t.first_known) - epoch_us(p.timestamp)) / 1e6 END"""
"""Until the truth came; one that was there with its prediction says nothing of that."""


@dataclass(frozen=True)
class Served:
    """A model with a column for every role that its journal can serve.

    Attributes
    ----------
    model : the user's, its roles filled in
    columns : column → the SQL expression behind it
    """

    journal: Journal
    model: Model
    columns: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, pa.DataType] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, Literal["number", "category"]]:
        """What each feature is, whatever single values say."""
        return {name: "number" if type_ == NUMBER else "category" for name, type_ in self.types.items()}

    @cached_property
    def _within(self) -> int | None:
        truth = self.model.parsed_truth
        return None if truth is None else truth.within_us

    def rows(
        self, windows: Sequence[tuple[int, int]], now: int, part: int = 1
    ) -> duckdb.DuckDBPyRelation | None:
        """Rows of these windows, by time and id; None where there are none.

        Parameters
        ----------
        windows : starts and ends in µs since 1970 UTC, ascending
        now : by which truth that has not come by its time is taken to be absent
        part : one row in so many, chosen by a hash of its id
        """
        spans = joined(windows)
        where = self._seen(spans)
        if where is None:
            return None
        if part > 1:
            where = f"({where}) AND hash(id) % {part} = 0"
        predictions_once = once(self.journal, where)
        truth = self._truth(spans, where)
        actual = self._actual(truth is not None, now)
        delay = DELAYED if truth is not None else "NULL::DOUBLE"
        sql = f"SELECT {', '.join(self._selected(actual, delay))} FROM ({predictions_once}) p"
        if truth is not None:
            sql += f" LEFT JOIN ({truth}) t ON t.id = p.id AND t.timestamp = p.timestamp"
        return self.journal.connection.query(f"{sql} ORDER BY p.timestamp, p.id")

    def _seen(self, spans: Sequence[tuple[int, int]]) -> str | None:
        """Let SQL see the files of these windows as ``window_prediction``, and which of their rows; else None."""
        table = self.journal.predictions
        files = sorted({f for start, end in spans for f in table.files(start, end)})
        if not self.journal.view("window_prediction", table, files):
            return None
        return " OR ".join(f"epoch_us(timestamp) BETWEEN {a} AND {b - 1}" for a, b in spans)

    def _truth(self, spans: Sequence[tuple[int, int]], where: str) -> str | None:
        """Id, timestamp and what is known now to have happened."""
        table = self.journal.truth
        files = sorted({f for start, end in spans for f in table.files(start, end)})
        if not self.journal.view("window_truth", table, files):
            return None
        rows = f"SELECT * FROM window_truth WHERE ({where})"
        if self.journal.row(f"SELECT 1 FROM ({rows}) WHERE withdrawn LIMIT 1"):
            rows = f"""SELECT * FROM ({rows} QUALIFY row_number() OVER (
                PARTITION BY id, timestamp, known_at, outcome_batch ORDER BY batch DESC, withdrawn) = 1)
                WHERE NOT withdrawn"""
        return (
            "SELECT id, timestamp, arg_max(actual, (known_at, outcome_batch, actual)) AS actual,"
            f" min(known_at) AS first_known FROM ({rows}) GROUP BY id, timestamp"
        )

    def _actual(self, known: bool, now: int) -> str | None:
        """What happened, where that is known or its absence says it."""
        absent = None if self.model.parsed_truth is None else self.model.parsed_truth.absent
        if absent is None:
            return "t.actual" if known else None
        due = f"epoch_us(p.timestamp) + {self._within} <= {now}"
        literal = _literal(absent)
        return (
            f"CASE WHEN t.id IS NULL AND {due} THEN {literal} ELSE t.actual END"
            if known
            else (f"CASE WHEN {due} THEN {literal} END")
        )

    def _selected(self, actual: str | None, delay: str) -> list[str]:
        shown = {**self.columns}
        if self.model.outcome is not None:
            shown[self.model.outcome] = actual or "NULL::DOUBLE"
            shown[OUTCOME_DELAY] = delay
        return [f"{sql} AS {quoted_name(name)}" for name, sql in shown.items()]

    def misfits(self, windows: Sequence[tuple[int, int]]) -> dict[str, int]:
        """Column → how many of its values fit no type, in these windows."""
        where = self._seen(joined(windows))
        if where is None:
            return {}
        sql = (
            "SELECT key, count(*) FROM (SELECT unnest(map_keys(misfits)) AS key FROM window_prediction"
            f" WHERE misfits IS NOT NULL AND ({where})) GROUP BY key"
        )
        return dict(self.journal.connection.execute(sql).fetchall())


def once(journal: Journal, where: str) -> str:
    """The rows of the view ``window_prediction``, the first of those with one id and timestamp."""
    rows = f"SELECT * FROM window_prediction WHERE {where}"
    twice = f"SELECT 1 FROM ({rows}) GROUP BY id, timestamp HAVING count(*) > 1 LIMIT 1"
    if journal.row(twice) is None:
        return rows
    return f"{rows} QUALIFY row_number() OVER (PARTITION BY id, timestamp ORDER BY batch, recorded_at) = 1"


def joined(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Windows that follow each other as one span.

    >>> joined([(0, 1), (1, 2), (5, 6)])
    [(0, 2), (5, 6)]
    """
    spans: list[tuple[int, int]] = []
    for start, end in windows:
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _literal(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return f"{float(value)!r}::DOUBLE"
    return quoted_text(str(value))


@dataclass(frozen=True)
class Traits:
    """Whether any prediction names the version that made it, and whether any counts for more or less than one."""

    versioned: bool = False
    weighted: bool = False

    def __or__(self, other: Traits) -> Traits:
        return Traits(self.versioned or other.versioned, self.weighted or other.weighted)


def served(journal: Journal, model: Model, *, odd: Sequence[str] = (), known: Traits | None = None) -> Served:
    """Fill in the roles.

    Parameters
    ----------
    known : of all predictions; None: they are looked at
    odd : features that hold values of another type in the windows in question: they are read as text, so that
        these are counted as what they are
    """
    schema = journal.predictions.schema
    columns: dict[str, str] = {}
    roles: dict[str, Any] = {}

    def role(key: str, column: str, sql: str) -> None:
        name = getattr(model, key) or column
        roles[key] = name
        columns[name] = sql

    role("timestamp", "timestamp", "p.timestamp")
    role("id", "id", "p.id")
    role("version", "version", "p.version")
    known = traits(journal) if known is None else known
    if known.versioned and roles["version"] not in [split.by for split in model.segmentations]:
        roles["segments"] = (*model.segments, roles["version"])
    if model.subject is not None:
        columns[model.subject] = "p.subject"
    told = _told_scores(schema)
    if isinstance(model.score, str) and model.score in told:
        columns[model.score] = told[model.score]
    elif "score" in schema.names and model.task in (None, "binary"):
        role("score", "score", "p.score")
    elif "scores" in schema.names and model.task in (None, "multiclass"):
        roles["score"] = names = _score_columns(model, schema)
        columns |= {name: told[SCORES.format(label_name(c))] for c, name in names.items()}
    if "prediction" in schema.names and "prediction" not in columns:
        role("prediction", "prediction", "p.prediction")
    if model.weight is not None or known.weighted:
        role("weight", "weight", "coalesce(p.weight, 1.0)")
    if journal.outcomes.exists or (model.parsed_truth is not None and model.parsed_truth.absent is not None):
        roles["outcome"] = model.outcome or OUTCOME
        columns[roles["outcome"]] = "NULL"
    types = {f.name: f.type for f in schema.field("features").type} if "features" in schema.names else {}
    for name, type_ in types.items():
        if name not in columns or name == model.subject:
            columns[name] = _feature(name, type_, odd)
    return Served(journal, replace(model, **roles), columns, types)


def _feature(name: str, type_: pa.DataType, odd: Sequence[str]) -> str:
    value = f"p.features.{quoted_name(name)}"
    if name not in odd:
        return value
    text = f"{value}::VARCHAR" if type_ == NUMBER else value
    return f"coalesce({text}, p.misfits[{quoted_text(name)}])"


def _told_scores(schema: pa.Schema) -> dict[str, str]:
    """Column → expression, of what was logged under another name and may be a binary model's score: the probability of
    one class, or one in place of a label.
    """
    classes = [f.name for f in schema.field("scores").type] if "scores" in schema.names else []
    told = {SCORES.format(name): f"p.scores.{quoted_name(name)}" for name in classes}
    if "prediction" in schema.names and "score" not in schema.names:
        told["prediction"] = "p.prediction"
    return told


def _score_columns(model: Model, schema: pa.Schema) -> dict[Label, str]:
    """Class → its column."""
    named = {label_name(c): (c, column) for c, column in model.score_columns.items()}
    classes = [f.name for f in schema.field("scores").type]
    return dict(named.get(c, (c, SCORES.format(c))) for c in classes)


def traits(journal: Journal, after: int = 0) -> Traits:
    """What is known of the predictions that came in batches after this one."""
    table = journal.predictions
    if not journal.view("telling_prediction", table, table.files(after=after)):
        return Traits()
    found = journal.row(
        "SELECT coalesce(bool_or(version IS NOT NULL), false), coalesce(bool_or(weight <> 1), false)"
        f" FROM telling_prediction WHERE batch > {after}"
    )
    return Traits() if found is None else Traits(*found)


def times(journal: Journal, done: int, upto: int) -> NDArray[np.int64]:
    """(n,) µs since 1970 UTC of the predictions that came in batches after ``done`` up to ``upto``."""
    table = journal.predictions
    if not journal.view("new_prediction", table, table.files(after=done)):
        return np.zeros(0, dtype=np.int64)
    sql = f"SELECT epoch_us(timestamp) AS at FROM new_prediction WHERE batch > {done} AND batch <= {upto}"
    found: NDArray[np.int64] = journal.rows(sql)["at"].to_numpy()
    return found
