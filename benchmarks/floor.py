"""The floor: what DuckDB takes to read the same file once for min, max, sum and count of every number."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.process import OURS, run
from benchmarks.tables import Table, written

__all__ = ["main"]

PAIRS = 3
SCAN = """
import sys, time, duckdb
path, numbers = sys.argv[1], int(sys.argv[2])
what = ", ".join(f"min(x{i}), max(x{i}), sum(x{i}), count(x{i})" for i in range(numbers))
start = time.perf_counter()
duckdb.sql(f"select {what} from '{path}'").fetchall()
print("total", time.perf_counter() - start)
"""


def main(cache: Path, small: bool) -> None:
    """Ours and the scan in turn, so that a machine that slows down slows both."""
    table = Table(1_000_000 if small else 10_000_000, seed=2)
    path = str(written(table, cache).resolve())
    reference = str(written(Table(1_000_000, seed=0), cache).resolve())
    ratios, memory = [], 0.0
    for _ in range(PAIRS):
        scan = run([sys.executable, "-c", SCAN, path, str(table.numbers)])
        ours = run([*OURS, path, "--reference", reference])
        ratios.append(ours.seconds / scan.seconds)
        memory = max(memory, ours.memory)
        print(f"scan {scan.seconds:.2f} s, check {ours.seconds:.2f} s, ratio {ratios[-1]:.2f}", flush=True)
    print(
        f"{table.rows:,} rows × {table.numbers + table.categories} features by day (and 1,000,000 rows of reference):"
    )
    print(f"{statistics.median(ratios):.2f} × a bare scan (median of {PAIRS}), peak {memory:,.0f} MB")
