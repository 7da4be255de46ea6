"""Acknowledged: how many models alarm of which nothing changes, though somebody acknowledges changes now and then."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.trust import streams
from benchmarks.trust.delays import FEATURE, PERFORMANCE
from benchmarks.trust.lifetimes import FEATURES
from benchmarks.trust.streams import Stream
from watchkeeper.evidence import LEAST_EXCHANGEABLE, LEAST_INDEPENDENT, Earned, Readings, earn
from watchkeeper.running.eras import parts_of_alpha

Floats = NDArray[np.float64]
Moment = Callable[[Floats, np.random.Generator], int]

TIMES = 3  # acknowledgements in each life
STARTLING = 3.0  # evidence at which somebody takes fright
WINDOWS = 160


def at_random(evidence: Floats, rng: np.random.Generator) -> int:
    """A window of the epoch, whatever was seen."""
    return int(rng.integers(1, max(2 * len(evidence) // (TIMES + 1), 2)))


def startled(evidence: Floats, rng: np.random.Generator) -> int:
    """As soon as something looks odd: what follows is not chosen by it, what went before is."""
    odd = np.flatnonzero(evidence >= STARTLING)
    return int(odd[0]) + 1 if len(odd) else len(evidence)


MOMENTS: dict[str, Moment] = {"at random": at_random, "once E reaches 3": startled}


def alarms(
    stream: Stream, lifetimes: int, moment: str, alpha: float, independent: bool = False, seed: int = 2_027
) -> tuple[int, int]:
    """How many of the lifetimes alarm before anything is acknowledged, and how many in any epoch after that."""
    rng = np.random.default_rng([seed, stream.reference, int(1000 * stream.effects), independent])
    first = later = 0
    for _ in range(lifetimes):
        found = _life(stream, MOMENTS[moment], alpha, independent, rng)
        first += found[0]
        later += any(found[1:])
    return first, later


def _life(
    stream: Stream, moment: Moment, alpha: float, independent: bool, rng: np.random.Generator
) -> list[bool]:
    """For each epoch whether anything alarms in it."""
    counts = streams.binned(stream, rng, FEATURES)
    (accuracy,) = streams.accuracies(stream, rng, 1)
    found, begin, reference = [], 0, stream.reference
    for epoch in range(TIMES + 1):
        if begin + reference >= counts.shape[1]:
            break
        share = alpha / parts_of_alpha(epoch)
        readings = [streams.number_readings(c[begin:], reference) for c in counts]
        earned = earn(readings, [share * FEATURE] * FEATURES, independent)
        earned += earn([_since(accuracy, begin, reference)], [share * PERFORMANCE], independent)
        end = moment(_strongest(earned), rng) if epoch < TIMES else counts.shape[1]
        found.append(any(bool((e.alarm | e.far)[:end].any()) for e in earned if e is not None))
        begin += reference + end
        reference = LEAST_INDEPENDENT if independent else LEAST_EXCHANGEABLE
    return found


def _since(readings: Readings, begin: int, reference: int) -> Readings:
    (own,) = streams.watched([readings], slice(begin, None))
    return replace(own, reference=reference)


def _strongest(earned: list[Earned | None]) -> Floats:
    """(T,) the greatest evidence of any series in each window."""
    logs = np.stack([e.log for e in earned if e is not None])
    return np.asarray(np.exp(np.nan_to_num(logs, nan=-np.inf).max(axis=0)))


def table(lifetimes: int, alpha: float) -> list[str]:
    """Lines of markdown."""
    cases = [(Stream("normal", 100, WINDOWS, effects), False) for effects in (0.0, 0.15)]
    cases += [(Stream("normal", 100, WINDOWS), True)]
    lines = [
        f"| stream | mode | acknowledged | alarm before, after, of {lifetimes:,} lifetimes |",
        "|---|---|---|---|",
    ]
    with ProcessPoolExecutor(2) as pool:
        jobs = [
            (stream, independent, name, pool.submit(alarms, stream, lifetimes, name, alpha, independent))
            for stream, independent in cases
            for name in MOMENTS
        ]
        for stream, independent, name, job in jobs:
            mode = "independent" if independent else "exchangeable"
            first, later = job.result()
            lines.append(f"| {stream.name} | {mode} | {name} | {first}, {later} |")
            print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lifetimes", type=int, default=500)
    parser.add_argument("--alpha", type=float, default=0.1)
    given = parser.parse_args()
    table(given.lifetimes, given.alpha)
