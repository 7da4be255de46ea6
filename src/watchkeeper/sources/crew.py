"""Crew: a few processes that share the parts of a large source."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from queue import SimpleQueue
from typing import Any, TypeVar

from watchkeeper.errors import SourceError
from watchkeeper.sources.streaming import mapped

__all__ = ["Crew", "crew", "expect", "lanes"]

A = TypeVar("A")
B = TypeVar("B")

SETTING = "WATCHKEEPER_PROCESSES"
MOST = 8  # each takes some 300 MB, and this process adds up what all of them found
BOOT = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from watchkeeper.sources.worker import main
main()
"""
THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS")
KEPT = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
SETTINGS = {
    **dict.fromkeys(THREADED, "1"),  # every core has a process of its own already
    **dict.fromkeys(
        KEPT, str(256 * 2**20)
    ),  # bytes; memory that is given back costs as much as the work in it
    "MIMALLOC_PURGE_DELAY": "-1",  # the same for PyArrow's memory
}
BROKEN = (EOFError, OSError, pickle.UnpicklingError)


def lanes() -> int:
    """How many processes work at once: ``WATCHKEEPER_PROCESSES``, else one per core, at most 8; 1 is this one alone.

    Raises
    ------
    SourceError
        where the setting is no whole number from 1 on
    """
    said = os.environ.get(SETTING, "")
    if said and not (said.isdecimal() and int(said)):
        raise SourceError(f"{SETTING}={said!r}: a whole number from 1 on is needed; 1 means no other process")
    if said:
        return int(said)
    known = hasattr(os, "sched_getaffinity")
    return min(MOST, len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1)


class Worker:
    """Another Python that runs what it is sent; it ends with its input, whatever becomes of this process.

    It does not import the user's ``__main__``: scripts need no guard, notebooks no file.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | SETTINGS,
            process_group=0 if os.name == "posix" else None,  # Ctrl-C is for this process to handle
        )
        self._greeted = False
        with suppress(OSError):  # it ended at once: ``ready`` will tell
            self._send(sys.path)

    def ready(self) -> bool:
        """Whether it came up; waits until that is known."""
        if not self._greeted:
            try:
                self._greeted = self._receive() == "ready"
            except BROKEN:
                self.end()
        return self._greeted

    def __call__(self, function: Callable[[A], B], item: A) -> B:
        try:
            self._send((function, item))
            done, answer = self._receive()
        except BROKEN:
            raise self._crash() from None
        if not done:
            raise answer
        result: B = answer
        return result

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        self._process.stdin.flush()

    def _receive(self) -> Any:
        return pickle.load(self._process.stdout)  # type: ignore[arg-type]

    def _crash(self) -> SourceError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)  # it was not this process that ended it
        self.end()
        return SourceError(
            f"one of Watchkeeper's worker processes ended (exit status {self._process.returncode}), most likely for "
            f"want of memory; free some, or set {SETTING}=1 to do without them"
        )

    def end(self) -> None:
        """At once: it holds nothing that could be lost."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not sent any more
                if pipe is not None:
                    pipe.close()


class Crew:
    """Workers from the first need of them on; where there are none, this process does their work."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []
        self._free: SimpleQueue[Worker | None] = SimpleQueue()

    def start(self) -> None:
        """Call the workers; they come up while this process goes on."""
        wanted = lanes()
        while 1 < wanted > len(self._workers) and _spawns():
            try:
                worker = Worker()
            except OSError:  # no processes or no memory left: fewer must do
                return
            self._workers.append(worker)
            self._free.put(worker)

    def map(self, function: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
        """``map(function, items)`` in the same order; both must be picklable, and what fails there is raised here."""
        self.start()
        if not self._workers:
            return map(function, items)
        return mapped(
            lambda item: self._run(function, item), items, len(self._workers), 2 * len(self._workers)
        )

    def _run(self, function: Callable[[A], B], item: A) -> B:
        worker = self._free.get()
        if worker is not None and not worker.ready():
            worker = None
        try:
            return function(item) if worker is None else worker(function, item)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        for worker in self._workers:
            worker.end()


def _spawns() -> bool:
    """Whether this is a Python that others can be started from: not embedded in a program, and not frozen."""
    return os.path.basename(sys.executable or "").lower().startswith(("python", "pypy")) and not getattr(
        sys, "frozen", False
    )


_at_hand: ContextVar[Crew | None] = ContextVar("crew", default=None)


@contextmanager
def crew() -> Iterator[Crew]:
    """The crew at hand, else a new one that ends with the block."""
    known = _at_hand.get()
    if known is not None:
        yield known
        return
    made = Crew()
    token = _at_hand.set(made)
    try:
        yield made
    finally:
        _at_hand.reset(token)
        made.close()


def expect() -> None:
    """Let the workers of the crew at hand come up, where there is one: they will be needed."""
    known = _at_hand.get()
    if known is not None:
        known.start()
