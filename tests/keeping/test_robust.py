"""Robust: several at once, and killed anywhere; nothing that was acknowledged is lost, and the next run is right."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import watchkeeper as wk
from tests.keeping.build import DAY, NOW, START, built, ids_of, predicted, rows_of, traces
from tests.keeping.worker import WORK
from tests.running.workspaces import profile_of_everything, same_profile, whole
from watchkeeper.keeping import status
from watchkeeper.running import run
from watchkeeper.workspace import Workspace

ROOT = Path(__file__).parents[2]
KILLS = 3  # of each command
DAYS = 9  # of which ``retain`` leaves two


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every date in three files."""
    folder = built(tmp_path_factory.mktemp("original") / "ws", days=DAYS, rows=20, every=DAYS)
    more(folder, 1000)
    more(folder, 2000)
    return folder


def more(folder: Path, first: int) -> None:
    """A prediction for each day, and a run."""
    random = np.random.default_rng(first)
    with wk.Logger(folder, model="m") as log:
        for day in range(DAYS):
            predicted(log, first + day, START + day * DAY + first, random)
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "ws"))


class Worker:
    """A process that waits to begin."""

    def __init__(self, folder: Path, work: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.keeping.worker", str(folder), work],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def begin(self, kill_after: float = 0.0) -> None:
        """Work; 0: to the end."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kill_after}\n")
        self.process.stdin.flush()

    def ended(self) -> float | None:
        """Seconds of CPU time that the work took; None where it was killed."""
        out, error = self.process.communicate(timeout=100)
        assert "Traceback" not in error, error
        return float(out.split()[1]) if "done" in out else None


def finish(folder: Path, work: str) -> None:
    with Workspace.open(folder) as workspace:
        WORK[work](workspace)


def test_two_at_once_with_runs_and_loggers(folder: Path, tmp_path: Path) -> None:
    before = ids_of(folder)
    workers = [Worker(folder, work) for work in ("compact gently", "compact gently", "run", "run")]
    with wk.Logger(folder, model="m") as log:
        random = np.random.default_rng(5)
        for number, worker in enumerate(workers):
            for i in range(DAYS):
                predicted(log, 3000 + 100 * number + i, START + i * DAY + number, random)
            log.flush()
            worker.begin()
            time.sleep(0.1)
        assert None not in [worker.ended() for worker in workers]
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
        assert run(workspace, now=NOW).idle
    assert ids_of(folder) == sorted(
        before + [f"order-{3000 + 100 * n + i}" for n in range(4) for i in range(DAYS)]
    )
    (tmp_path / "whole").mkdir()
    same_profile(profile_of_everything(folder), whole(folder, tmp_path / "whole", NOW))


def _took(folder: Path, work: str, place: Path) -> float:
    worker = Worker(Path(shutil.copytree(folder, place)), work)
    worker.begin()
    seconds = worker.ended()
    assert seconds is not None
    return seconds


@pytest.mark.timeout(400)
@pytest.mark.parametrize("work", ["compact", "retain", "forget"])
def test_killed_anywhere(original: Path, tmp_path: Path, work: str) -> None:
    before = {name: rows_of(original, name) for name in ("predictions", "outcomes")}
    expected = Path(shutil.copytree(original, tmp_path / "expected"))
    finish(expected, work)
    after = {name: rows_of(expected, name) for name in before}
    seconds = _took(original, work, tmp_path / "timed")
    moments = seconds * np.random.default_rng(len(work)).random(KILLS)
    killed = 0
    for number, moment in enumerate(moments):
        folder = Path(shutil.copytree(original, tmp_path / f"killed-{number}"))
        worker = Worker(folder, work)
        worker.begin(kill_after=float(moment))
        killed += worker.ended() is None
        for name, rows in before.items():
            left = rows_of(folder, name)
            assert _holds(left, after[name]), name
            assert _holds(rows, left), name
        _goes_on(folder, work, after)
    assert killed
    if work == "compact":
        (tmp_path / "whole").mkdir()
        same_profile(profile_of_everything(folder), whole(folder, tmp_path / "whole", NOW))


def _holds(rows: list[dict[str, object]], some: list[dict[str, object]]) -> bool:
    """Whether all of some rows are there, each as often."""
    return Counter(map(repr, some)) <= Counter(map(repr, rows))


def _goes_on(folder: Path, work: str, after: dict[str, list[dict[str, object]]]) -> None:
    """The next run is right, and the command does the rest."""
    with Workspace.open(folder) as workspace:
        assert run(workspace, now=NOW).idle
    finish(folder, work)
    assert {name: rows_of(folder, name) for name in after} == after
    if work == "forget":
        assert list(traces(folder, "person-3")) == []
    more(folder, 5000)
    with Workspace.open(folder) as workspace:
        found = status(workspace, NOW)[0]
        assert (found.rows, found.new) == (len(after["predictions"]) + DAYS, 0)
