"""Leases: one holder at a time, whatever becomes of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import update

from watchkeeper.errors import WorkspaceError
from watchkeeper.state import State, leases
from watchkeeper.state.tables import leases as table

HOLD = """
import sys, time
from watchkeeper.state import State
with State.open(sys.argv[1]).lease("mover", seconds=float(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(url: str, seconds: float = 60) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_it_is_free_again_afterwards(state: State) -> None:
    for _ in range(2):
        with state.lease("mover", wait=0) as lease, state.lease("another", wait=0):
            assert lease.name == "mover"
    with pytest.raises(ZeroDivisionError), state.lease("mover", wait=0):
        _ = 1 / 0
    with state.lease("mover", wait=0):
        pass


def test_another_is_told_who_holds_it_since_when(state: State, url: str) -> None:
    with State.open(url) as other, other.lease("mover") as lease, pytest.raises(WorkspaceError) as raised:  # noqa: PT012
        began = time.monotonic()
        with state.lease("mover", wait=0.3):
            pass
    assert time.monotonic() - began >= 0.3
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    assert re.search(
        f"{re.escape(lease.holder)} holds the lease 'mover' since {stamp} .* until {stamp}", str(raised.value)
    )


def test_it_is_waited_for(state: State, url: str) -> None:
    process = holder(url)
    try:
        with pytest.raises(WorkspaceError, match=f"-{process.pid}-"), state.lease("mover", wait=0.2):
            pass
    finally:
        end(process)
    with state.lease("mover", wait=5):
        pass


def test_a_killed_holder_of_this_machine_has_no_lease(state: State, url: str) -> None:
    process = holder(url, seconds=3600)
    process.send_signal(signal.SIGKILL)
    end(process)
    with state.lease("mover", wait=0):
        pass


def test_a_silent_holder_elsewhere_keeps_it_until_it_expires(
    state: State, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = holder(url, seconds=2)
    end(process)
    monkeypatch.setattr(leases, "_place", lambda: "another machine, where this process id says nothing")
    with pytest.raises(WorkspaceError, match="holds the lease"), state.lease("mover", wait=0):
        pass
    with state.lease("mover", wait=10):
        pass


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals")
def test_a_holder_that_stood_still_learns_that_it_was_taken_over(state: State, url: str) -> None:
    with State.open(url) as other, state.lease("mover", seconds=60) as lease:
        with state.writing() as connection:
            connection.execute(update(table).values(expires=0))
        with other.lease("mover", wait=0) as second:
            with pytest.raises(WorkspaceError, match=r"the lease 'mover' was lost.*repeat"):
                lease.renew()
            lease.release()  # of what is not held any more: nothing
            second.renew()


def test_it_is_renewed_in_the_background(state: State, url: str) -> None:
    with State.open(url) as other, state.lease("mover", seconds=0.6):
        time.sleep(1.5)
        with pytest.raises(WorkspaceError, match="holds the lease"), other.lease("mover", wait=0):
            pass


def test_a_living_process_is_not_taken_for_ended() -> None:
    assert not leases._ended(leases._place(), os.getpid())
    assert not leases._ended(leases._place(), 1)
    assert not leases._ended("elsewhere", 2**22 + 1)
    assert leases._ended(leases._place(), 2**22 + 1)  # beyond the greatest that Linux gives
