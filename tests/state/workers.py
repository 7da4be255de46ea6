"""What several processes do to one state at the same time; started by ``spawn``, as strangers would be."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from watchkeeper.errors import WorkspaceError
from watchkeeper.state import State

T = TypeVar("T")


def at_once(work: Callable[..., T], *arguments: object, processes: int = 4) -> list[T]:
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return pool.starmap(work, [(*arguments, n) for n in range(processes)], chunksize=1)


def open_only(url: str, _: int) -> list[str]:
    with State.open(url) as state:
        return state.models()


def count(url: str, times: int, worker: int) -> None:
    with State.open(url) as state:
        for i in range(times):
            state.count("m", "misfit", f"reason {i % 3}", 2, example=f"{worker}")
            state.set_fact("m", f"worker {worker}", i)
            state.set_file("log", i, i, "same")


def number(url: str, times: int, worker: int) -> list[int]:
    """The numbers of the batches that this process could begin."""
    mine: list[int] = []
    with State.open(url) as state:
        while len(mine) < times:
            try:
                mine.append(state.begin_batch([f"{worker}"]))
            except WorkspaceError:
                time.sleep(0.002)
                continue
            found = state.open_batch()
            assert found is not None
            assert (found.number, found.segments) == (mine[-1], (f"{worker}",))
            state.finish_batch(mine[-1])
    return mine


def plan(url: str, times: int, worker: int) -> list[int]:
    with State.open(url) as state:
        return [state.add_plan("m", f"{worker}") for _ in range(times)] + [
            state.begin_run() for _ in range(times)
        ]


def hold(url: str, folder: str, times: int, worker: int) -> int:
    """Hold the lease a few times; ``alone`` exists while somebody does, so that it must not be there yet."""
    alone = Path(folder, "alone")
    with State.open(url) as state:
        for _ in range(times):
            with state.lease("mover", seconds=20, wait=60) as lease:
                alone.touch(exist_ok=False)
                time.sleep(0.01)
                lease.renew()
                alone.unlink()
    return worker
