"""Four processes at once: nothing is lost, and no number is given twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.state import workers
from watchkeeper.state import State

pytestmark = pytest.mark.timeout(240)  # four interpreters start up beside the other tests


def test_processes_that_open_a_new_state_at_once_agree(url: str) -> None:
    assert workers.at_once(workers.open_only, url) == [[]] * 4


def test_counts_add_up(url: str) -> None:
    workers.at_once(workers.count, url, 50)
    with State.open(url) as state:
        assert sum(c.count for c in state.counts("m")) == 4 * 50 * 2
        assert state.facts("m") == {f"worker {n}": 49 for n in range(4)}


def test_every_batch_has_its_number(url: str) -> None:
    numbers = workers.at_once(workers.number, url, 15)
    assert sorted(n for some in numbers for n in some) == list(range(1, 61))
    assert all(some == sorted(some) for some in numbers)


def test_every_plan_and_run_has_its_number(url: str) -> None:
    numbers = workers.at_once(workers.plan, url, 20)
    for first in (0, 20):
        assert sorted(n for some in numbers for n in some[first : first + 20]) == list(range(1, 81))


def test_a_lease_is_held_by_one_at_a_time(url: str, tmp_path: Path) -> None:
    assert workers.at_once(workers.hold, url, str(tmp_path), 10) == [0, 1, 2, 3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_uses_connections_of_its_own(state: State) -> None:
    state.count("m", "k", "r")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for _ in range(20):
                state.count("m", "k", "r")
            code = 0
        finally:
            os._exit(code)
    for _ in range(20):
        state.count("m", "k", "r")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [c.count for c in state.counts("m")] == [41]
