"""Scaling: how our own cost grows with rows, columns, windows and segments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.process import OURS, Cost, run
from benchmarks.tables import Table, written

__all__ = ["main"]


def main(cache: Path, small: bool) -> None:
    most = 1_000_000 if small else 10_000_000
    base = 100_000 if small else 1_000_000
    print("| what | | seconds | × the first | peak MB |\n|---|---:|---:|---:|---:|")
    rows = [n for n in (100_000, 1_000_000, 10_000_000) if n <= most]
    _sweep("rows", [(f"{n:,}", Table(n), ()) for n in rows], cache)
    _sweep(
        "features",
        [(str(n), Table(base // 10, numbers=n * 4 // 5, categories=n // 5), ()) for n in (10, 100, 500)],
        cache,
    )
    _sweep("windows", [(f"{n:,}", Table(base, days=n), ()) for n in (1, 10, 100, 1_000)], cache)
    segments = [("0", ()), ("10", ("c0",)), ("50", ("c4",)), ("10 + 20 + 50", ("c0", "c1", "c4"))]
    _sweep("segments", [(name, Table(base), by) for name, by in segments], cache)


def _sweep(what: str, steps: Sequence[tuple[str, Table, Sequence[str]]], cache: Path) -> None:
    """Each step's rows against a reference of the same shape; every cost in units of the first."""
    first: Cost | None = None
    for name, table, segments in steps:
        reference = Table(min(table.rows, 100_000), table.numbers, table.categories, table.days, seed=1)
        paths = [str(written(t, cache).resolve()) for t in (table, reference)]
        cost = run([*OURS, paths[0], "--reference", paths[1], "--segments", ",".join(segments)])
        first = first or cost
        print(
            f"| {what} | {name} | {cost.seconds:.2f} | {cost.seconds / first.seconds:.1f} | {cost.memory:,.0f} |",
            flush=True,
        )
