"""What a run costs when little is new: one more day, late outcomes, a year of many features."""

from __future__ import annotations

import os
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import watchkeeper as wk
from watchkeeper.journal import Journal, resolve
from watchkeeper.recording import log_files, outcome_files

DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01
FEATURES = 20
FOUR_WEEKS = 28  # days


def main(cache: Path, small: bool) -> None:
    """Print every figure as a ratio to the whole computed in the same process."""
    folder = cache / "increments"
    one_more_day(folder, days=90, rows=20_000 if small else 200_000)
    lookups(folder, predictions=2_000_000 if small else 20_000_000, outcomes=100_000 if small else 1_000_000)
    many_features(folder, days=36 if small else 365, rows=1_000, features=50 if small else 500)


class Took(NamedTuple):
    """Seconds by the clock, and of processors: this process's and its children's, whatever else runs on the machine."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s of processors ({self.wall:.2f} s by the clock)"


def timed(work: Callable[..., object], *given: object, **keys: object) -> Took:
    """What a call takes."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    work(*given, **keys)
    return Took(time.perf_counter() - wall, sum(os.times()[:4]) - cpu)


def day_of(day: int, rows: int, features: int, known: bool = True) -> pa.Table:
    """One day's predictions."""
    random = np.random.default_rng(day)
    at = START + day * DAY + np.sort(random.integers(0, DAY, rows))
    columns = {
        "id": pa.array([f"{day}-{i}" for i in range(rows)]),
        "at": pa.array(at).cast(pa.timestamp("us", "UTC")),
        "segment": pa.array(random.integers(0, 20, rows).astype(str)),
        "score": pa.array(random.random(rows)),
    }
    if known:
        columns["actual"] = pa.array(random.integers(0, 2, rows))
    return pa.table(columns | {f"x{i}": pa.array(random.normal(size=rows)) for i in range(features)})


def workspace(folder: Path, **keys: object) -> Path:
    """A new workspace with one model."""
    shutil.rmtree(folder, ignore_errors=True)
    model = wk.Model.from_dict(
        {
            "name": "m", "task": "binary", "timestamp": "at", "id": "id", "score": "score", "threshold": 0.5,
            "outcome": "actual", "positive": 1, "reference": "first 4w", **keys,
        }
    )  # fmt: skip
    with wk.Workspace.open(folder, create=True) as opened:
        opened.save_model(model)
    return folder


def log_day(folder: Path, day: int, rows: int, features: int, known: bool = True) -> None:
    path = folder / "day.parquet"
    parquet.write_table(day_of(day, rows, features, known), path)
    log_files([str(path)], folder, "m")


def after(day: int) -> int:
    """A moment when this day is over."""
    return START + (day + 1) * DAY + DAY // 2


def one_more_day(cache: Path, days: int, rows: int) -> None:
    """A day on top of many, and late outcomes for ten of them."""
    folder = workspace(cache / "days")
    for day in range(days):
        log_day(folder, day, rows, FEATURES)
    whole = timed(wk.run, folder, now=after(days - 1))
    print(f"\n{days} days x {rows:,} rows x {FEATURES} features: all of them in one run {whole}")
    found = []
    for day in range(days, days + 3):
        log_day(folder, day, rows, FEATURES)
        found.append(timed(wk.run, folder, now=after(day)))
    took = sorted(found, key=lambda f: f.cpu)[1]
    three = ", ".join(f"{f.cpu:.2f}" for f in found)
    print(f"  one more day: {took}, {took.cpu / whole.cpu:.1%} of it (median of {three})")
    late = pa.table(
        {
            "id": [f"{day}-{i}" for day in range(40, 50) for i in range(5)],
            "actual": np.arange(50) % 2,
            "known_at": pa.array([after(day) + DAY for day in range(40, 50) for _ in range(5)]).cast(
                pa.timestamp("us", "UTC")
            ),
        }
    )
    parquet.write_table(late, folder / "late.parquet")
    outcome_files([str(folder / "late.parquet")], folder, "m")
    done: list[wk.Run] = []
    took = timed(lambda: done.append(wk.run(folder, now=after(days + 2))))
    computed = done[0].steps[0].computed
    print(f"  late outcomes of 10 days: {computed} windows, {took}, {took.cpu / whole.cpu:.1%} of it")
    idle = timed(wk.run, folder, now=after(days + 2))
    print(f"  nothing new: {idle}")


def lookups(cache: Path, predictions: int, outcomes: int) -> None:
    """Late outcomes among many predictions find their windows."""
    folder = workspace(cache / "lookups")
    days, random = 200, np.random.default_rng(0)
    with wk.Workspace.open(folder) as opened:
        journal = Journal.of(opened, "m")
        each = predictions // days
        for day in range(days):
            at = pa.array(START + day * DAY + random.integers(0, DAY, each)).cast(pa.timestamp("us", "UTC"))
            ids = pa.array([f"customer-{day}-{i}" for i in range(each)])
            rows = {
                "id": ids,
                "timestamp": at,
                "prediction": pa.array(np.ones(each)),
                "batch": pa.array([day + 1] * each),
            }
            journal.predictions.append(pa.table(rows), day + 1)
        chosen = random.integers(0, predictions, outcomes)
        ids = pa.array([f"customer-{i // each}-{i % each}" for i in chosen.tolist()])
        known = pa.array(np.full(outcomes, START + 201 * DAY)).cast(pa.timestamp("us", "UTC"))
        rows = {
            "id": ids,
            "known_at": known,
            "actual": pa.array(np.ones(outcomes)),
            "batch": pa.array([days + 1] * outcomes),
        }
        journal.outcomes.append(
            pa.table(rows).append_column("date", known.cast(pa.date32(), safe=False)), days + 1
        )
        journal = Journal.of(opened, "m")
        scan = timed(
            lambda: (
                journal.view("every", journal.predictions)
                and journal.row("SELECT count(DISTINCT id) FROM every")
            )
        )
        took = timed(lambda: resolve(journal, days, days + 1, None))
        found = len(set(chosen.tolist()))
    print(
        f"\n{outcomes:,} outcomes among {predictions:,} predictions: {took}, {found:,} found"
        f"; counting all ids {scan}"
    )


def many_features(cache: Path, days: int, rows: int, features: int) -> None:
    """A year of many features by day, a segment of 20 values: a run every four weeks, then one of the newest day."""
    folder = workspace(cache / "features", segments=["segment"])
    spent = 0.0
    for first in range(0, days - 1, FOUR_WEEKS):
        last = min(first + FOUR_WEEKS, days - 1)
        record(folder, range(first, last), rows, features)
        spent += timed(wk.run, folder, now=after(last - 1)).cpu
    record(folder, range(days - 1, days), rows, features)
    took = timed(wk.run, folder, now=after(days - 1))
    size = sum(f.stat().st_size for f in (folder / "journal" / "m" / "profiles").rglob("*.parquet"))
    print(
        f"\n{days} days x {rows:,} rows x {features} features, 20 segment values: profiles {size / 1e6:.0f} MB,"
        f" in runs of four weeks {spent:.1f} s of processors"
    )
    print(f"  the newest day {took}; peak {peak():,.0f} MB", flush=True)


def record(folder: Path, days: range, rows: int, features: int) -> None:
    """What a service would have logged on these days, as one batch of the journal."""
    predictions, outcomes = zip(*(recorded(day_of(day, rows, features)) for day in days), strict=True)
    with wk.Workspace.open(folder) as opened:
        journal = Journal.of(opened, "m")
        batch = journal.last_batch() + 1
        for table, parts in ((journal.predictions, predictions), (journal.outcomes, outcomes)):
            whole = pa.concat_tables(parts)
            table.append(whole.append_column("batch", pa.repeat(pa.scalar(batch), whole.num_rows)), batch)


def recorded(day: pa.Table) -> tuple[pa.Table, pa.Table]:
    """A day's predictions and outcomes in the columns of the journal."""
    features = [n for n in day.column_names if n not in ("id", "at", "score", "actual")]
    arrays = [day[name].combine_chunks() for name in features]
    shared = {"id": day["id"], "timestamp": day["at"]}
    predictions = {**shared, "score": day["score"], "features": pa.StructArray.from_arrays(arrays, features)}
    outcomes = {**shared, "known_at": day["at"], "actual": day["actual"].cast(pa.float64())}
    return pa.table(predictions), pa.table(outcomes)


def peak() -> float:
    """MB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
