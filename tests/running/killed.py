"""Processes that are killed at work, and what a workspace must hold afterwards.

A child of a fork server records rows, tells in a file which of them are on disk, and moves, runs or compacts, until
``kill -9`` ends it anywhere. Each child begins where the one before was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import watchkeeper as wk
from tests.keeping.build import rows_of
from tests.running.workspaces import DAY, START, profile_of_everything, same_profile, whole
from watchkeeper.journal import move
from watchkeeper.keeping import compact, status
from watchkeeper.model import Truth
from watchkeeper.running import run
from watchkeeper.workspace import Workspace

__all__ = ["WORK", "Killed", "Tally"]

DAYS = 4
ROWS = 40  # that are acknowledged at once
ALIVE = (0.0, 1.6)  # seconds that a child lives after its first rows: one run or several, by the machine
PRELOADED = [
    "tests.running.killed",
    "deltalake",
    "duckdb",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "scipy.stats",
]
"""What a run imports at first use: a child is to be killed at work, not while it imports."""
MODEL = wk.Model(
    name="m", task="binary", score="score", threshold=0.5, outcome="actual", segments=["place"],
    truth=Truth(within="3d", absent=0),
)  # fmt: skip

Work = Callable[[Workspace, int], object]
WORK: dict[str, Work] = {
    "log": lambda workspace, now: None,
    "move": lambda workspace, now: move(workspace),
    "run": lambda workspace, now: run(workspace, now=now),
    "compact": lambda workspace, now: compact(workspace, hours=0),
}


def now_of(child: int) -> int:
    """When a child works: six hours after the one before."""
    return START + DAYS * DAY + child * DAY // 4


def work(folder: Path, told: Path, child: int, names: Sequence[str]) -> None:
    """Record and work until somebody ends this process; a line in ``told`` says that so many rows are on disk."""
    rng = random.Random(child)
    log = wk.Logger(folder, model="m")
    descriptor = os.open(told, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with Workspace.open(folder) as workspace:
        for part in range(10**6):
            for i in range(part * ROWS, (part + 1) * ROWS):
                _record(log, f"{child}-{i}", rng)
            if not log.flush(10):
                raise AssertionError(log.dropped)
            os.write(descriptor, f"{(part + 1) * ROWS}\n".encode())
            WORK[rng.choice(names)](workspace, now_of(child))


def _record(log: wk.Logger, name: str, rng: random.Random) -> None:
    at = START + rng.randrange(DAYS * DAY)
    features = {"size": rng.gauss(0, 1), "place": rng.choice("ab")}
    log.prediction(id=name, features=features, score=round(rng.random(), 3), timestamp=_time(at))
    log.outcome(id=name, actual=rng.randrange(2), known_at=_time(at + rng.randrange(2 * DAY)))


def _time(at: int) -> np.datetime64:
    return np.datetime64(at, "us")


@dataclass
class Tally:
    """What was found after kills; all but the first two must be 0."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    foreign: int = 0  # rows that nobody had begun to record
    unreadable: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[object]:
        return [n for n in (self.lost, self.twice, self.foreign) if n] + [*self.unreadable, *self.wrong]

    def __str__(self) -> str:
        return (
            f"{self.kills} processes killed; of {self.acknowledged:,} acknowledged predictions and outcomes"
            f" {self.lost} lost, {self.twice} of all twice, {self.foreign} of nobody;"
            f" {len(self.unreadable)} workspaces unreadable, {len(self.wrong)} next runs wrong"
        )


class Killed:
    """A workspace whose processes are killed one after the other.

    Parameters
    ----------
    names : of the work that they do
    seed : of the moments at which they are killed
    """

    def __init__(self, folder: Path, names: Sequence[str], seed: int, tally: Tally) -> None:
        self.folder, self.names, self.tally = folder / "ws", names, tally
        self._told, self._rng = folder / "told", random.Random(seed)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._safe: list[int] = []  # child → rows that it was told are on disk
        self._told.mkdir(parents=True)
        with Workspace.open(self.folder, create=True) as workspace:
            workspace.save_model(MODEL)

    def kill(self, times: int = 1) -> None:
        """Let a child begin, kill it; and again."""
        for _ in range(times):
            self._kill()

    def _kill(self) -> None:
        number = len(self._safe)
        told = self._told / str(number)
        child = self._context.Process(target=work, args=(self.folder, told, number, self.names), daemon=True)
        child.start()
        while not told.exists() and child.is_alive():
            time.sleep(0.002)
        child.join(self._rng.uniform(*ALIVE))
        ended = child.exitcode
        child.kill()
        child.join()
        if ended is not None:
            self.tally.wrong.append(f"child {number} ended by itself with {ended}")
        lines = told.read_text().splitlines() if told.exists() else []
        self._safe.append(max(map(int, lines), default=0))
        self.tally.kills += 1
        self.tally.acknowledged += 2 * self._safe[-1]

    def check(self) -> None:
        """Bring it up to date, and compare."""
        now = now_of(len(self._safe))
        try:
            with Workspace.open(self.folder) as workspace:
                status(workspace, now)
                workspace.state.runs()
                run(workspace, now=now)
                if not run(workspace, now=now).idle:
                    self.tally.wrong.append("the second run found something to do")
        except Exception as error:
            self.tally.unreadable.append(repr(error))
            return
        self._count("predictions", ("id", "timestamp"))
        self._count("outcomes", ("id", "known_at"))
        self._compare(now)

    def _count(self, table: str, key: tuple[str, str]) -> None:
        counts = Counter(tuple(row[k] for k in key) for row in rows_of(self.folder, table))
        found = {name for name, _ in counts}
        safe = {f"{child}-{i}" for child, rows in enumerate(self._safe) for i in range(rows)}
        begun = {f"{child}-{i}" for child, rows in enumerate(self._safe) for i in range(rows + ROWS)}
        self.tally.lost += len(safe - found)
        self.tally.twice += sum(counts.values()) - len(counts)
        self.tally.foreign += len(found - begun)

    def _compare(self, now: int) -> None:
        """What many runs stored, and what one run of everything gives."""
        other = Path(tempfile.mkdtemp(dir=self.folder.parent))
        try:
            same_profile(profile_of_everything(self.folder), whole(self.folder, other, now))
        except Exception as error:
            self.tally.wrong.append(f"{type(error).__name__}: {' '.join(str(error).split())[:500]}")
        finally:
            shutil.rmtree(other)
