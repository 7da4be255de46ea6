"""Killed at any moment: nothing that was acknowledged is lost or there twice, and the next run is right."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.running.killed import Killed, Tally

pytestmark = pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="this system has no fork server"
)


@pytest.mark.parametrize(("names", "seed"), [(("run",), 1), (("move", "run"), 2), (("run", "compact"), 3)])
def test_killed_anywhere(tmp_path: Path, names: tuple[str, ...], seed: int) -> None:
    tally = Tally()
    killed = Killed(tmp_path, names, seed, tally)
    for _ in range(2):
        killed.kill(2)
        killed.check()
    assert tally.kills == 4
    assert tally.acknowledged > 0
    assert tally.faults == []
