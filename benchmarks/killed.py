"""Processes killed by ``kill -9`` while they record, move, run and compact: what is lost, twice or wrong then."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from tests.running.killed import Killed, Tally

NAMES = {
    "logger": ("log",),
    "mover": ("move",),
    "compaction": ("run", "compact", "compact"),
    "run": ("run",),
    "all of them": ("log", "move", "run", "compact"),
}
ROUND = 10  # kills of one workspace, so that it stays small enough to be computed anew now and then
KILLS = 300


def main(cache: Path, small: bool, kills: int = KILLS) -> None:
    kills = kills // 10 if small else kills
    each = -(-kills // len(NAMES))
    for number, (name, names) in enumerate(NAMES.items()):
        start, tally = time.perf_counter(), Tally()
        for first in range(0, each, ROUND):
            _round(cache, names, 1000 * number + first, min(ROUND, each - first), tally)
        print(f"{name}: {tally}, in {time.perf_counter() - start:.0f} s", flush=True)
        for fault in (*tally.unreadable, *tally.wrong):
            print(f"  {fault}", flush=True)


def _round(cache: Path, names: tuple[str, ...], seed: int, kills: int, tally: Tally) -> None:
    """Some kills of one workspace, with a look at it now and then."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        killed = Killed(Path(folder), names, seed, tally)
        while kills:
            some = min(kills, rng.choice((1, 3, 5)))
            killed.kill(some)
            killed.check()
            kills -= some
