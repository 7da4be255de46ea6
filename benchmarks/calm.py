"""Calm: how often monitors alarm on streams that do not drift, with their defaults; and what they find."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import watchkeeper as wk
from benchmarks.peers import QUIET, environment
from benchmarks.process import ROOT, run

__all__ = ["flagged", "main", "stream"]

FEATURES, WINDOWS = 20, 100
SIZES = ((10_000, 200), (10_000, 1_000))  # rows of reference, rows of a window
SHIFT = 0.5


def stream(rows: int, seed: int, shift: float = 0.0) -> pa.Table:
    """Independent standard normal features; the first one's mean moved by ``shift``."""
    x = np.random.default_rng(seed).normal(size=(FEATURES, rows))
    x[0] += shift
    return pa.table({f"x{i}": x[i] for i in range(FEATURES)})


def flagged(
    reference: int, size: int, shift: float = 0.0, windows: int = WINDOWS
) -> tuple[set[tuple[str, int]], set[str]]:
    """(column, window) of every alarm, and the metrics that alarmed."""
    model = wk.Model(name="calm", window=f"{size} rows")
    result = wk.check(stream(size * windows, 2, shift), stream(reference, 1), model)
    alarms = result.metrics.filter(pc.equal(result.metrics["verdict"], "alarm"))
    found = set()
    for judgement in result.judgements:
        if judgement.series.column is not None:
            found |= {(judgement.series.column, int(w)) for w in np.flatnonzero(judgement.verdict == "alarm")}
    return found, set(alarms["metric"].to_pylist())


def main(cache: Path, small: bool) -> None:
    windows = 20 if small else WINDOWS
    print(
        "| | reference, window rows | feature windows flagged | windows with one | a shift of 0.5 sd flagged |"
    )
    print("|---|---|---:|---:|---:|")
    for reference, size in SIZES:
        found, metrics = flagged(reference, size, windows=windows)
        shifted, _ = flagged(reference, size, SHIFT, windows)
        hits = sum(column == "x0" for column, _ in shifted)
        print(
            f"| Watchkeeper | {reference:,} / {size:,} | {len(found)} of {windows * FEATURES:,} "
            f"| {len({w for _, w in found})} of {windows} | {hits} of {windows} | {', '.join(sorted(metrics))}",
            flush=True,
        )
    for peer in ("evidently", "nannyml"):
        job = [str(environment(peer, cache).absolute()), str(ROOT / "benchmarks" / "jobs" / "calm_job.py")]
        try:
            print(run([*job, peer, str(10 if small else 30)], **QUIET).output, end="", flush=True)
        except RuntimeError as error:
            print(f"{peer}: {error}", file=sys.stderr)
