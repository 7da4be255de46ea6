"""What the journal takes on disk, and what keeping it costs: a million predictions of 20 features in small batches.

size     after ``compact``, against the same table as one Parquet file compressed with Zstandard
time     of ``compact``, ``status``, ``forget`` and ``retain``
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from watchkeeper.journal import Journal
from watchkeeper.keeping import compact, forget, retain, status
from watchkeeper.model import Model
from watchkeeper.workspace import Workspace

__all__ = ["main"]

START = 1_767_225_600_000_000  # 2026-01-01
DAYS = 30
DAY = 86_400_000_000
NUMBERS, CATEGORIES = 15, 5
INSTANT = pa.timestamp("us", "UTC")
BAR = 1.2


def main(cache: Path, small: bool) -> None:
    rows, batches = (100_000, 120) if small else (1_000_000, 480)
    print(
        f"{rows:,} predictions, {NUMBERS} numbers and {CATEGORIES} categories, {DAYS} days, {batches} batches\n"
    )
    print("| ids | as logged MB | one file MB | compacted MB | × one file | whole journal MB |")
    print("|---|---:|---:|---:|---:|---:|")
    for ids in ("counted", "random"):
        with (
            tempfile.TemporaryDirectory(dir=cache) as folder,
            Workspace.open(folder, create=True) as workspace,
        ):
            workspace.save_model(Model(name="m", task="binary", score="score", outcome="actual", window="1d"))
            _fill(workspace, rows, batches, ids)
            _size(workspace, ids, Path(folder) / "one.parquet")
            if ids == "random":
                _times(workspace)


def _size(workspace: Workspace, ids: str, one: Path) -> None:
    journal = Journal.of(workspace, "m")
    opened = journal.predictions.opened()
    assert opened is not None
    table = opened.to_pyarrow_table().sort_by("timestamp")
    parquet.write_table(table, one, compression="zstd")
    before = _bytes(Path(journal.predictions.url))
    compact(workspace, hours=0)
    after = _bytes(Path(journal.predictions.url))
    ratio = after / one.stat().st_size
    sizes = (before, one.stat().st_size, after)
    told = " | ".join(f"{size / 1e6:.1f}" for size in sizes)
    print(
        f"| {ids} | {told} | **{ratio:.3f}** | {_bytes(Path(workspace.journal_url)) / 1e6:.1f} |", flush=True
    )
    assert ratio <= BAR, f"{ratio:.3f} times the bytes of one file, above {BAR}"


def _times(workspace: Workspace) -> None:
    now = START + DAYS * DAY
    print("\n| command | seconds |\n|---|---:|")
    _timed("status", lambda: status(workspace, now))
    _timed("compact, nothing new", lambda: compact(workspace))
    _timed("forget --subject, of 30 rows in 30 days", lambda: forget(workspace, subject="person-17"))
    _timed("retain --days 10", lambda: retain(workspace, 10, now=now))


def _timed(name: str, do: Callable[[], Any]) -> None:
    began = time.perf_counter()
    do()
    print(f"| {name} | {time.perf_counter() - began:.1f} |", flush=True)


def _fill(workspace: Workspace, rows: int, batches: int, ids: str) -> None:
    journal = Journal.of(workspace, "m")
    for number, part in enumerate(_parts(rows, batches, ids), start=1):
        assert workspace.state.begin_batch([]) == number
        marked = part.append_column("batch", pa.repeat(pa.scalar(number, pa.int64()), part.num_rows))
        journal.predictions.append(marked, number)
        workspace.state.set_fact("m", "recorded", number)
        workspace.state.finish_batch(number)


def _parts(rows: int, batches: int, ids: str) -> Iterator[pa.Table]:
    random = np.random.default_rng(0)
    count = rows // batches
    for first in range(0, count * batches, count):
        places = np.arange(first, first + count)
        moments = START + (places * (DAYS * DAY / (count * batches))).astype(np.int64)
        score = random.beta(2, 5, count)
        features = _features(random, count)
        yield pa.table(
            {
                "id": _ids(random, places, ids),
                "timestamp": pa.array(moments).cast(INSTANT),
                "recorded_at": pa.array(moments + random.integers(0, 10**6, count)).cast(INSTANT),
                "version": pa.repeat(pa.scalar("1.2.7"), count),
                "subject": pa.array([f"person-{i}" for i in random.integers(0, rows // 30, count)]),
                "score": pa.array(score),
                "prediction": pa.array((score > 0.5).astype(float)),
                "features": pa.StructArray.from_arrays(list(features.values()), list(features)),
            }
        )


def _ids(random: np.random.Generator, places: np.ndarray[Any, Any], ids: str) -> pa.Array:
    if ids == "counted":
        return pa.array([f"host-17-{i}" for i in places])
    return pa.array([random.bytes(16).hex() for _ in places])


def _features(random: np.random.Generator, count: int) -> dict[str, pa.Array]:
    """By turns normal, lognormal and whole 0..99, every fourth with 1 % missing; and 10, 20, … categories."""
    kinds = (random.normal, random.lognormal, lambda size: random.integers(0, 100, size).astype(float))
    found = {}
    for i in range(NUMBERS):
        missing = random.random(count) < 0.01 if i % 4 == 0 else None
        found[f"x{i}"] = pa.array(kinds[i % 3](size=count), mask=missing)
    for i in range(CATEGORIES):
        values = np.array([f"value-{j}" for j in range(10 * (i + 1))])
        found[f"c{i}"] = pa.array(values[random.integers(0, len(values), count)])
    return found


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
