"""A workspace of the tests: a month of predictions and outcomes in many small batches, with runs in between."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from deltalake import DeltaTable
from pyarrow import parquet

import watchkeeper as wk
from watchkeeper.journal import Journal, move
from watchkeeper.running import run
from watchkeeper.workspace import Workspace

DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01
DAYS = 12
NOW = START + DAYS * DAY
MODEL = wk.Model(
    name="m", task="binary", score="score", threshold=0.5, outcome="actual", segments=["place"], subject="who",
    reference="first 4d",
)  # fmt: skip


def moment(us: float) -> np.datetime64:
    return np.datetime64(int(us), "us")


def built(folder: Path, model: wk.Model = MODEL, days: int = DAYS, rows: int = 30, every: int = 3) -> Path:
    """``rows`` predictions a day, about ``person-0`` to ``person-9``; a batch a day, a run every few days."""
    with Workspace.open(folder, create=True) as workspace:
        workspace.save_model(model)
    random = np.random.default_rng(0)
    with wk.Logger(folder, model="m") as log:
        for day in range(days):
            for i in range(day * rows, (day + 1) * rows):
                predicted(log, i, START + day * DAY + int(random.integers(DAY)), random)
            log.flush()
            with Workspace.open(folder) as workspace:
                move(workspace)
                if day % every == every - 1:
                    run(workspace, now=START + (day + 1) * DAY)
    return folder


def predicted(log: wk.Logger, i: int, at: int, random: np.random.Generator) -> None:
    who = f"person-{i % 10}"
    features = {"size": float(random.normal()), "place": str(random.choice(["a", "b"])), "who": who}
    log.prediction(
        id=f"order-{i}", features=features, score=float(random.random()), timestamp=moment(at), subject=who,
        seconds=float(random.lognormal()) / 10,
    )  # fmt: skip
    if random.random() < 0.8:
        late = at + int(random.exponential(2 * DAY))
        log.outcome(f"order-{i}", int(random.random() < 0.5), known_at=moment(late))


def rows_of(folder: Path, table: str = "predictions", model: str = "m") -> list[dict[str, Any]]:
    """All rows of a table, as any reader of Delta sees them, in an order of their own."""
    path = folder / "journal" / model / table
    if not path.exists():
        return []
    rows = DeltaTable(path).to_pyarrow_table().to_pylist()
    return sorted(rows, key=repr)


def files_of(folder: Path, table: str = "predictions") -> int:
    return len(Journal(str(folder / "journal"), "m").tables[table].files())


def ids_of(folder: Path) -> list[str]:
    return sorted(row["id"] for row in rows_of(folder))


def disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def traces(folder: Path, name: str) -> Iterator[str]:
    """Every place in which a text is found: bytes of files, values of Parquet files and of databases."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        where = os.fspath(path.relative_to(folder))
        if name.encode() in path.read_bytes():
            yield f"{where}: bytes"
        if path.suffix == ".parquet" and name in str(parquet.ParquetFile(path).read().to_pylist()):
            yield f"{where}: values"
        if ".db" in path.name and not path.name.endswith(("-wal", "-shm")) and name in _dump(path):
            yield f"{where}: rows"


def _dump(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        return "\n".join(connection.iterdump())
