"""Backtest: what the current rules would have told, and what others would have told instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa

from watchkeeper.backtesting.replay import Replay
from watchkeeper.backtesting.told import Told
from watchkeeper.model import Model
from watchkeeper.verdicts import Windows

__all__ = ["TOLD", "Backtest"]

FIELDS: list[tuple[str, pa.DataType]] = [
    ("model", pa.string()),
    ("rules", pa.string()),
    ("alpha", pa.float64()),
    ("metric", pa.string()),
    ("column", pa.string()),
    ("segment_by", pa.string()),
    ("segment", pa.string()),
    ("rule", pa.string()),
    ("kind", pa.string()),
    ("first_window", pa.int64()),
    ("last_window", pa.int64()),
    ("first_start", pa.timestamp("us", "UTC")),
    ("last_start", pa.timestamp("us", "UTC")),
    ("windows", pa.int64()),
    ("times", pa.int64()),
    ("ongoing", pa.bool_()),
    ("alike", pa.list_(pa.string())),
    ("segments", pa.int64()),
    ("change", pa.string()),
    ("later", pa.int64()),
    ("sentence", pa.string()),
]
TOLD = pa.schema(FIELDS)
WHAT = ("metric", "column", "segment_by", "segment")
NOWHERE = ("kind", "first_window", "last_window", "first_start", "last_start", "ongoing", "sentence")


@dataclass(frozen=True, repr=False)
class Backtest:
    """What would have been told.

    Attributes
    ----------
    model : whose rules the current ones are
    windows : all that were replayed
    judged : in how many of them anything was judged
    current : what the current rules would have told
    variants : the same of other rules, set against these
    notes : what a person should know of the input, one sentence each
    """

    model: Model
    windows: Windows
    judged: int
    current: Replay
    variants: tuple[Replay, ...]
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What the current rules would have told, in one sentence."""
        over = f"Over {self.judged:,} {self._noun}{'s' * (self.judged != 1)}"
        if not self.judged:
            return (
                f"Nothing was judged in {self.windows.count:,} {self._noun}{'s' * (self.windows.count != 1)}."
            )
        told = self.current.told
        if not told:
            return f"{over} the current rules would have told nothing."
        things = f"{len(told):,} thing{'s' * (len(told) != 1)}"
        when = self.windows.phrase(told[0].first_window)
        first = f", {'first ' * (len(told) > 1)}{when}" if when else ""
        return f"{over} the current rules would have told {things}{first}."

    @property
    def replays(self) -> tuple[Replay, ...]:
        """All of them, the current rules first."""
        return (self.current, *self.variants)

    def to_arrow(self) -> pa.Table:
        """One row for each thing under each set of rules, schema ``TOLD``; what only the current rules tell has a row
        under the others as well, with ``change`` "not here", 0 ``windows`` and no times.
        """
        rows = [
            {"model": self.model.name, "rules": replay.name, "alpha": replay.alpha, **row}
            for replay in self.replays
            for row in _rows(replay)
        ]
        return pa.Table.from_pylist(rows, schema=TOLD)

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "model": self.model.name,
            "sentence": self.sentence,
            "windows": self.windows.count,
            "judged": self.judged,
            "rules": [_as_object(replay) for replay in self.replays],
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, allow_nan=False)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write ``to_arrow`` (``.parquet``, ``.csv``, ``.json``) and give the path.

        Raises
        ------
        SourceError
            for another ending
        """
        from watchkeeper.result import write_table

        target = Path(path)
        table = self.to_arrow()
        if target.suffix.lower() == ".csv":  # has no lists
            alike = [", ".join(names) for names in table["alike"].to_pylist()]
            table = table.set_column(table.schema.get_field_index("alike"), "alike", [alike])
        write_table(table, target)
        return target

    def __repr__(self) -> str:
        return f"<Backtest {self.model.name!r}: {self.sentence} ({len(self.variants):,} variants)>"

    @property
    def _noun(self) -> str:
        window = self.model.parsed_window
        return window.unit if window.kind == "time" and window.count == 1 else "window"


def _rows(replay: Replay) -> Iterator[dict[str, Any]]:
    names = set(TOLD.names) - {"model", "rules", "alpha"}
    for told in replay.told:
        yield {name: getattr(told, name) for name in names}
    for told in replay.missed:
        nothing = dict.fromkeys(NOWHERE) | {"windows": 0, "times": 0}
        yield {name: getattr(told, name) for name in names} | nothing


def _as_object(replay: Replay) -> dict[str, Any]:
    return {
        "name": replay.name,
        "alpha": replay.alpha,
        "bands": replay.bands,
        "sentence": replay.sentence,
        "incidents": replay.incidents,
        "differences": replay.differences,
        "told": [_told(told) for told in replay.told],
        "missed": [{name: getattr(told, name) for name in ("what", *WHAT)} for told in replay.missed],
    }


def _told(told: Told) -> dict[str, Any]:
    plain = {name: getattr(told, name) for name in ("what", *WHAT, "rule", "kind")}
    for name in ("first_window", "last_window"):
        plain[name] = getattr(told, name)
    for name in ("first_start", "last_start"):
        at = getattr(told, name)
        plain[name] = None if at is None else at.isoformat()
    others = ("windows", "times", "ongoing", "segments", "alike", "change", "later", "sentence")
    return plain | {name: getattr(told, name) for name in others}
