"""Tables to measure on: scored rows of a binary classifier, 90 days, numbers of three kinds, categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

__all__ = ["Table", "written"]

BATCH = 500_000
START = np.datetime64("2026-01-01", "us")


@dataclass(frozen=True)
class Table:
    """What a table is made of.

    ``numbers`` are by turns normal, lognormal and whole 0..99, every fourth with 1 % missing; ``categories`` have
    10, 20, … values (at most 50); ``label`` is drawn from ``score``, ``pred`` is score > 0.5.
    """

    rows: int
    numbers: int = 20
    categories: int = 5
    days: int = 90
    seed: int = 0

    @property
    def name(self) -> str:
        return f"r{self.rows}-n{self.numbers}-c{self.categories}-d{self.days}-s{self.seed}.parquet"

    def batches(self) -> Iterator[pa.Table]:
        rng = np.random.default_rng(self.seed)
        for first in range(0, self.rows, BATCH):
            yield self._batch(rng, first, min(BATCH, self.rows - first))

    def _batch(self, rng: np.random.Generator, first: int, n: int) -> pa.Table:
        passed = (first + np.arange(n)) / self.rows * self.days * 86_400e6
        columns = {"ts": pa.array(START + passed.astype("int64").astype("timedelta64[us]"))}
        for i in range(self.numbers):
            kinds = (rng.normal, rng.lognormal, lambda size: rng.integers(0, 100, size).astype(float))
            missing = rng.random(n) < 0.01 if i % 4 == 0 else None
            columns[f"x{i}"] = pa.array(kinds[i % 3](size=n), mask=missing)
        for i in range(self.categories):
            values = np.array([f"v{j}" for j in range(10 * (i % 5 + 1))])
            columns[f"c{i}"] = pa.array(values[rng.integers(0, len(values), n)])
        score = rng.beta(2, 5, n)
        happened = (rng.random(n) < score).astype("int64")
        return pa.table(columns | {"score": score, "pred": (score > 0.5).astype("int64"), "label": happened})


def written(table: Table, cache: Path) -> Path:
    """The table's file, made at first use."""
    path = cache / table.name
    if not path.exists():
        part = path.with_suffix(".part")
        with parquet.ParquetWriter(part, next(table.batches()).schema) as writer:
            for batch in table.batches():
                writer.write_table(batch, row_group_size=245_760)
        part.rename(path)
    return path
