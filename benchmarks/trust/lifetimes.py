"""Lifetimes: how many models ever alarm of which nothing changes, 20 features and accuracy over 200 windows."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.peers import QUIET, environment
from benchmarks.process import ROOT, run
from benchmarks.trust import streams
from benchmarks.trust.delays import ALPHA, FEATURE, PERFORMANCE
from benchmarks.trust.streams import Stream
from watchkeeper.evidence import Earned, earn

FEATURES = 20
TOGETHER = 25  # lifetimes simulated at once

INDEPENDENT_STREAMS = [Stream(d, g) for d in ("normal", "t3", "gamma") for g in (30, 100)]
DAY_EFFECTS = [Stream(d, g, effects=0.15) for d in ("normal", "t3", "gamma") for g in (30, 100)]
AUTOCORRELATED = [Stream("normal", 100, effects=0.15, autocorrelation=0.5)]


def alarming(stream: Stream, lifetimes: int, independent: bool, seed: int) -> int:
    """How many of the lifetimes alarm."""
    kind = list(streams.DISTRIBUTIONS).index(stream.distribution)
    rng = np.random.default_rng([seed, kind, stream.reference, int(1000 * stream.effects), independent])
    found, at = (
        0,
        np.array([stream.windows - 1]),
    )  # seen from the end, only what may have alarmed is computed before
    for first in range(0, lifetimes, TOGETHER):
        number = min(TOGETHER, lifetimes - first)
        features = earn(
            streams.numbers(stream, rng, number * FEATURES),
            [ALPHA * FEATURE] * number * FEATURES,
            independent,
            at=at,
        )
        accuracy = earn(
            streams.accuracies(stream, rng, number), [ALPHA * PERFORMANCE] * number, independent, at=at
        )
        ever = _ever(features).reshape(number, FEATURES).any(axis=1) | _ever(accuracy)
        found += int(ever.sum())
    return found


def _ever(earned: Sequence[Earned | None]) -> np.ndarray:
    return np.array([e is not None and e.ever for e in earned])


def table(lifetimes: int, processes: int = 2, seed: int = 2_026) -> list[str]:
    """Lines of markdown."""
    cases = [(stream, False) for stream in (*INDEPENDENT_STREAMS, *DAY_EFFECTS, *AUTOCORRELATED)]
    cases += [(stream, True) for stream in INDEPENDENT_STREAMS]
    lines = [f"| stream | mode | alarming of {lifetimes:,} lifetimes |", "|---|---|---|"]
    with ProcessPoolExecutor(processes) as pool:
        jobs = [pool.submit(alarming, s, lifetimes, independent, seed) for s, independent in cases]
        for (stream, independent), job in zip(cases, jobs, strict=True):
            mode = "independent" if independent else "exchangeable"
            lines.append(f"| {stream.name} | {mode} | {job.result()} |")
            print(lines[-1], flush=True)
    return lines


def peers(lifetimes: int, cache: Path) -> None:
    """What the peers' defaults say of rows from the same laws: drift of the 20 features."""
    for peer in ("nannyml", "evidently"):
        job = [
            str(environment(peer, cache).absolute()),
            str(ROOT / "benchmarks" / "jobs" / "lifetimes_job.py"),
        ]
        print(run([*job, peer, str(lifetimes)], **QUIET).output, end="", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lifetimes", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--peers", type=int, default=2, help="lifetimes of each setting that peers watch")
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    given = parser.parse_args()
    if given.lifetimes:
        table(given.lifetimes, given.processes)
    if given.peers:
        peers(given.peers, given.cache)
