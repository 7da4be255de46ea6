"""Store: profiles of windows, each as the last run made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.table import Table
from watchkeeper.profiles import PROFILE, Plan, Profile, from_arrow, to_arrow

__all__ = ["Store"]

Ints = NDArray[np.int64]
COLUMNS = ", ".join(PROFILE.names)
FAR = 2**62  # µs: beyond every window


@dataclass(frozen=True)
class Store:
    """Profiles under one plan of one model."""

    journal: Journal
    plan: Plan
    number: int  # of the plan

    @property
    def _table(self) -> Table:
        return self.journal.tables["profiles"]

    def put(self, profile: Profile, run: int) -> None:
        """Keep the windows of a profile; of each window the greatest run counts.

        One lies after the other, so that some are read without the rest.
        """
        rows = to_arrow(profile).replace_schema_metadata(None).sort_by("window_start")
        for name, value in (("plan", self.number), ("run", run)):
            rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.int64()), rows.num_rows))
        if rows.num_rows:
            self._table.append(rows)

    def windows(self) -> Ints:
        """(W,) starts of the windows that there are profiles of, ascending; no file of one window is opened."""
        single = self._table.single("plan", "window_start")
        told = [start for plan, start in single.values() if plan == self.number]
        files = [f for f in self._table.files(within={"plan": (self.number, self.number)}) if f not in single]
        if self.journal.view("profile", self._table, files):
            sql = f"SELECT DISTINCT window_start FROM profile WHERE plan = {self.number}"
            told += self.journal.rows(sql)["window_start"].to_pylist()
        return np.unique(np.array(told, dtype=np.int64))

    def first(self, by: str) -> dict[str, int]:
        """Value of a segmentation → start of the first window that has rows of it, in the order of these."""
        values = next(s.values for s in self.plan.segmentations if s.by == by)
        if not self.journal.view("profile", self._table):
            return {}
        rows = f"""SELECT window_start, run, position FROM profile
            WHERE plan = {self.number} AND segment_by = $by AND part = 'rows' AND field = 'rows'"""
        last = f"{rows} QUALIFY row_number() OVER (PARTITION BY window_start ORDER BY run DESC) = 1"
        each = f"SELECT window_start, unnest(position) AS place FROM ({last})"
        sql = f"SELECT place, min(window_start) AS start FROM ({each}) GROUP BY place ORDER BY start, place"
        found = self.journal.rows(sql, {"by": by}).to_pylist()
        return {values[row["place"]]: row["start"] for row in found}

    def get(
        self, start: int | None = None, end: int | None = None, starts: Ints | None = None
    ) -> Profile | None:
        """The windows that start in [start, end), or exactly at ``starts``; None where there are none."""
        within = {"plan": (self.number, self.number)}
        if starts is not None:
            within["window_start"] = int(starts.min(initial=FAR)), int(starts.max(initial=-FAR))
        elif start is not None or end is not None:
            within["window_start"] = -FAR if start is None else start, FAR if end is None else end - 1
        if not self.journal.view("profile", self._table, self._table.files(within=within)):
            return None
        bounds = [f"plan = {self.number}"]
        bounds += [] if start is None else [f"window_start >= {start}"]
        bounds += [] if end is None else [f"window_start < {end}"]
        if starts is not None:
            bounds.append(f"window_start IN ({', '.join(map(str, [*starts.tolist(), -1]))})")
        rows = f"SELECT * FROM profile WHERE {' AND '.join(bounds)}"
        last = f"SELECT window_start, max(run) AS run FROM ({rows}) GROUP BY window_start"
        sql = f"SELECT {COLUMNS} FROM ({rows}) SEMI JOIN ({last}) USING (window_start, run)"
        table = self.journal.rows(sql).cast(PROFILE)
        return from_arrow(table, self.plan) if table.num_rows else None
