"""Turns: long work under a lease that lets others in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from watchkeeper.state import State

__all__ = ["in_turns"]

HELD = 5.0  # seconds: others wait for 30 before they give up
GIVEN = 0.25  # seconds in which somebody who waits looks twice
T = TypeVar("T")


def in_turns(state: State, name: str, steps: Sequence[T], do: Callable[[T], None]) -> None:
    """Do each step while the lease is held; it is given up now and then between two of them.

    The lease is renewed before each step, so that a process that stood still finds out that it has lost it.

    Raises
    ------
    WorkspaceError
        where another holds the lease for long, or took it over
    """
    left = list(reversed(steps))
    while left:
        with state.lease(name) as lease:
            until = time.monotonic() + HELD
            while left and time.monotonic() < until:
                lease.renew()
                do(left.pop())
        if left:
            time.sleep(GIVEN)
