"""Delays: how many windows a change takes to be told, median over 200 streams."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.trust import streams
from benchmarks.trust.streams import Stream
from watchkeeper.evidence import Readings, earn

Floats = NDArray[np.float64]

STREAMS = 200
ALPHA = 0.01
FEATURE, PERFORMANCE = 0.4 / 20, 0.5  # weights: of one of 20 features, of the only performance metric
LATE = 100  # windows before a late change
SHOWN = 120  # windows after the change


def delay(readings: list[Readings], weight: float, start: int, independent: bool) -> float:
    """Median windows from the change (1: told in its first one); infinite where half are never told."""
    found = []
    for earned in earn(readings, [ALPHA * weight] * len(readings), independent):
        assert earned is not None
        hit = np.flatnonzero((earned.alarm | earned.far)[start:])
        found.append(hit[0] + 1 if len(hit) else np.inf)
    return float(np.median(found))


def both(
    make: Callable[[Stream, int], list[Readings]], weight: float, effects: float, independent: bool
) -> str:
    """Delay of a change at the first window / at window 101."""
    shown = []
    for start in (0, LATE):
        stream = Stream(windows=start + SHOWN, effects=effects)
        shown.append(delay(make(stream, start), weight, start, independent))
    return " / ".join(f"{d:.0f}" if np.isfinite(d) else "–" for d in shown)


def shifted(size: float, rng: np.random.Generator) -> Callable[[Stream, int], list[Readings]]:
    def make(stream: Stream, start: int) -> list[Readings]:
        return streams.numbers(stream, rng, STREAMS, size * _after(stream, start))

    return make


def less_accurate(
    before: float, after: float, rng: np.random.Generator
) -> Callable[[Stream, int], list[Readings]]:
    def make(stream: Stream, start: int) -> list[Readings]:
        right = before + (after - before) * _after(stream, start)
        return streams.accuracies(stream, rng, STREAMS, right)

    return make


def grown(before: float, after: float, rng: np.random.Generator) -> Callable[[Stream, int], list[Readings]]:
    """One of ten categories, the others alike."""

    def make(stream: Stream, start: int) -> list[Readings]:
        share = before + (after - before) * _after(stream, start)
        rest = np.repeat(((1 - share) / 9)[:, None], 9, axis=1)
        return streams.categories(stream, rng, STREAMS, np.column_stack([share, rest]))

    return make


def _after(stream: Stream, start: int) -> Floats:
    """(G + T,) 1 from the change on."""
    every = np.zeros(stream.reference + stream.windows)
    every[stream.reference + start :] = 1.0
    return every


CHANGES = (
    ("3 sd", lambda rng: shifted(3.0, rng), FEATURE),
    ("0.5 sd", lambda rng: shifted(0.5, rng), FEATURE),
    ("0.25 sd", lambda rng: shifted(0.25, rng), FEATURE),
    ("0.1 sd", lambda rng: shifted(0.1, rng), FEATURE),
    ("0.05 sd", lambda rng: shifted(0.05, rng), FEATURE),
    ("accuracy 0.90 → 0.87", lambda rng: less_accurate(0.90, 0.87, rng), PERFORMANCE),
    ("a category 5 → 8 %", lambda rng: grown(0.05, 0.08, rng), FEATURE),
)
MODES = (
    ("exchangeable", 0.0, False),
    ("independent", 0.0, True),
    ("exchangeable, day effects of 0.15 sd", 0.15, False),
)


def table(seed: int = 20_260) -> list[str]:
    """Lines of markdown."""
    lines = ["| change | " + " | ".join(name for name, _, _ in MODES) + " |", "|---" * (len(MODES) + 1) + "|"]
    for name, change, weight in CHANGES:
        rng = np.random.default_rng(seed)
        cells = [both(change(rng), weight, effects, independent) for _, effects, independent in MODES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    print("\n".join(table()[:2]))
