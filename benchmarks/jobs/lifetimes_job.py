"""A peer's lifetimes without drift, run with its own python: lifetimes_job.py {evidently,nannyml} LIFETIMES."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from calm_job import FEATURES, evidently, nannyml

warnings.filterwarnings("ignore")
ROWS = 1_000
WATCHED = {"evidently": 40, "nannyml": 200}  # windows; Evidently is slow
LAWS: dict[str, tuple[Callable[[np.random.Generator, tuple[int, ...]], np.ndarray], float]] = {
    "normal": (lambda rng, shape: rng.normal(size=shape), 1.0),
    "t3": (lambda rng, shape: rng.standard_t(3, shape), 3**0.5),
    "gamma": (lambda rng, shape: rng.gamma(2.0, size=shape), 2**0.5),
}


def windows_of(law: str, effects: float, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Windows one after the other, each column of each with a shift of its own."""
    draw, deviation = LAWS[law]
    shifts = effects * deviation * rng.normal(size=(number, 1, len(FEATURES)))
    rows = draw(rng, (number, ROWS, len(FEATURES))) + shifts
    return pd.DataFrame(rows.reshape(-1, len(FEATURES)), columns=FEATURES)


def main() -> None:
    peer, lifetimes = sys.argv[1], int(sys.argv[2])
    job = {"evidently": evidently, "nannyml": nannyml}[peer]
    for effects in (0.0, 0.15):
        for law in LAWS:
            for before in (30, 100):
                rng = np.random.default_rng([before, int(effects * 100), list(LAWS).index(law)])
                first = []  # window of each lifetime that alarms first; nothing is watched after it
                for _ in range(lifetimes):
                    normal, watched = (windows_of(law, effects, n, rng) for n in (before, WATCHED[peer]))
                    told = job(normal, watched, ROWS)
                    first.append(next((i for i, alarms in enumerate(told, 1) if any(alarms)), None))
                found = sorted(f for f in first if f is not None)
                middle = f", the median one first in window {found[len(found) // 2]}" if found else ""
                print(
                    f"| {law}, day effects of {effects} sd, {before} reference windows | {peer}"
                    f" | {len(found)} of {lifetimes} within {WATCHED[peer]} windows{middle} |",
                    flush=True,
                )


main()
