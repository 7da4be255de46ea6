"""Schemas: the columns that every journal has. ``features`` and ``scores`` are structs that only grow."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from watchkeeper.profiles import PROFILE
from watchkeeper.result import METRICS

__all__ = [
    "COUNTED",
    "EVENTS",
    "OUTCOMES",
    "PREDICTIONS",
    "PROFILES",
    "REFERENCES",
    "SERVICE",
    "TABLES",
    "TRUTH",
    "VERDICTS",
    "Shape",
]

INSTANT = pa.timestamp("us", "UTC")
MISFITS = pa.map_(pa.string(), pa.string())


@dataclass(frozen=True)
class Shape:
    """What a table holds.

    Attributes
    ----------
    fields : columns and types; those whose type the first values decide are not among them
    dated : whether it is partitioned by a column ``date``
    indexed : columns of which the table's log keeps the least and greatest value per file; never an id, a
        subject or a feature, so that a person can be forgotten
    """

    name: str
    fields: dict[str, pa.DataType]
    dated: bool
    indexed: tuple[str, ...]


PREDICTIONS = Shape(
    "predictions",
    {
        "id": pa.string(), "timestamp": INSTANT, "version": pa.string(), "weight": pa.float64(),
        "seconds": pa.float64(), "subject": pa.string(), "recorded_at": INSTANT, "misfits": MISFITS,
        "batch": pa.int64(),
    },
    True, ("timestamp", "batch"),
)  # fmt: skip
OUTCOMES = Shape(
    "outcomes",
    {
        "id": pa.string(), "timestamp": INSTANT, "known_at": INSTANT, "recorded_at": INSTANT, "misfits": MISFITS,
        "batch": pa.int64(),
    },
    True, ("timestamp", "known_at", "batch"),
)  # fmt: skip
EVENTS = Shape(
    "events",
    {
        "kind": pa.string(), "timestamp": INSTANT, "version": pa.string(), "name": pa.string(),
        "process": pa.string(), "seconds": pa.float64(), "memory": pa.float64(), "cpu": pa.float64(),
        "rows": pa.float64(), "status": pa.string(), "error": pa.string(), "value": pa.float64(),
        "low": pa.float64(), "high": pa.float64(), "count": pa.float64(), "reason": pa.string(),
        "trained_at": INSTANT, "batch": pa.int64(),
    },
    True, ("timestamp", "batch"),
)  # fmt: skip
TRUTH = Shape(
    "truth",
    {
        "id": pa.string(), "timestamp": INSTANT, "known_at": INSTANT, "outcome_batch": pa.int64(),
        "withdrawn": pa.bool_(), "batch": pa.int64(),
    },
    True, ("timestamp", "batch"),
)  # fmt: skip
PROFILES = Shape(
    "profiles",
    {"plan": pa.int64(), "run": pa.int64(), **{f.name: f.type for f in PROFILE}},
    False, ("window_start", "plan", "run"),
)  # fmt: skip
SERVICE = Shape(
    "service",
    {"series": pa.string(), "run": pa.int64(), **{f.name: f.type for f in PROFILE}},
    False, ("window_start", "run"),
)  # fmt: skip
REFERENCES = Shape("references", {"reference": pa.string(), **PROFILES.fields}, False, ("plan", "run"))
VERDICTS = Shape(
    "verdicts",
    {
        "run": pa.int64(), "judged_at": INSTANT, "configuration": pa.string(), "watchkeeper": pa.string(),
        **{f.name: f.type for f in METRICS},
    },
    False, ("window_start", "run"),
)  # fmt: skip
COUNTED = Shape(
    "counted",
    {
        "window_start": pa.int64(), "run": pa.int64(), "reference": pa.string(), "kind": pa.string(),
        "layout": pa.string(), "numbers": pa.large_list(pa.float64()),
    },
    False, ("window_start", "run"),
)  # fmt: skip
TABLES = {
    s.name: s
    for s in (PREDICTIONS, OUTCOMES, EVENTS, TRUTH, PROFILES, SERVICE, REFERENCES, VERDICTS, COUNTED)
}
