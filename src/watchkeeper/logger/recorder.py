"""Recorder: one process's worker from the first record to the last, across forks and exit."""

from __future__ import annotations

import contextlib
import threading
import weakref
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from watchkeeper.logger import lifetime
from watchkeeper.logger.drops import Drops
from watchkeeper.logger.folder import WAL
from watchkeeper.logger.packing import encoded
from watchkeeper.logger.queue import Queue
from watchkeeper.logger.worker import Worker

__all__ = ["Recorder"]


class Recorder:
    """Begins a worker with the first record, and another one in a forked child."""

    def __init__(
        self, folder: Path, model: str, bounds: tuple[int, int], exit_seconds: float, examples: bool
    ) -> None:
        self.folder, self.model = folder, model
        self._bounds, self._exit, self._examples = bounds, exit_seconds, examples
        self._closed = False
        self._worker: Worker | None = None
        self._ends: Any = None  # finalizer of the worker
        self.begin_anew()
        lifetime.follow(self)

    def begin_anew(self) -> None:
        """In a forked child: what waits in the queue is the parent's to write, and locks may be held for ever."""
        if self._worker is not None:
            self._worker.forsake()
            self._ends.detach()
        self._worker = None
        self._drops = Drops(self.model, self._examples)
        self._lock = threading.RLock()  # a signal handler may record, too

    def _begin(self) -> Worker:
        with self._lock:
            if self._closed:
                raise ValueError("the logger is closed")
            if self._worker is None:
                worker = Worker(self.folder / WAL, self.model, Queue(*self._bounds), self._drops)
                worker.start()
                self._ends = weakref.finalize(self, worker.finish, self._exit)
                self._ends.atexit = False
                lifetime.close_at_the_end_of_a_child()
                self._worker = worker
            return self._worker

    def _record(self, kind: str, row: tuple[Any, ...]) -> None:
        """Queue a row of a kind that has no features."""
        (self._worker or self._begin()).put_row(kind, encoded(row))

    def fault(self, kind: str, error: BaseException) -> None:
        """Count a record that could not be made of what came."""
        self._drops.fault(kind, error)
        if self._closed:  # no thread is left that would tell
            with contextlib.suppress(Exception):
                self._drops.warn()

    @property
    def dropped(self) -> dict[str, int]:
        """How many records of this process were not kept, by reason."""
        return self._drops.total

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until everything that was recorded before is on disk.

        Parameters
        ----------
        timeout : seconds; None: as long as the disk takes anything

        Returns
        -------
        whether all of it is: from then on neither a killed process nor a loss of power takes it away. What was
        dropped does not count; ``dropped`` has it.
        """
        worker = self._worker
        return worker is None or worker.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Write what waits, and end; further records are dropped.

        Parameters
        ----------
        timeout : seconds; None: ``exit_seconds``

        Returns
        -------
        whether everything was written
        """
        with self._lock:
            worker, self._worker, self._closed = self._worker, None, True
        return worker is None or worker.stop(self._exit if timeout is None else timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
