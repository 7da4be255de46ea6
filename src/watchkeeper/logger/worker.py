"""Worker: the thread that brings rows onto the disk, many with one fsync."""

from __future__ import annotations

import contextlib
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.logger.drops import Drops
from watchkeeper.logger.packing import encoded, payloads
from watchkeeper.logger.queue import Batch, Call, Marker, Names, Queue
from watchkeeper.logger.usage import Usage, memory
from watchkeeper.wal.writing import Writer

if TYPE_CHECKING:
    from watchkeeper.logger.job import Job

__all__ = ["Worker"]

PAUSE = 0.05  # seconds between commits: what a killed process may lose
PATIENCE = 2.0  # seconds between tries on a disk that refuses
SOON = 500  # waiting rows from which on the caller makes them itself
SLICE = 500  # rows taken at once: 0.1 ms in which the service's threads wait
COMMIT = 20_000  # rows of one commit
MINUTE = 60.0  # between process records
GRACE = 0.5  # seconds beyond a timeout, to close what is open and say what was lost
REPORT = 1.0  # seconds between records of what was dropped


class Worker:
    """One process's thread, queue and writer."""

    def __init__(self, wal: Path, model: str, queue: Queue, drops: Drops) -> None:
        self.model, self.queue, self.drops = model, queue, drops
        self.waiting, self.soon = queue.items, min(SOON, queue.rows)
        self.writer = Writer(wal)
        self._number = count(1)
        self.jobs: set[Job] = set()
        self.trouble = ""  # what the disk said last
        self._pending: tuple[list[bytes], Batch] | None = None
        self._wake = threading.Event()
        self._until: float | None = None  # when closing must be over
        self._pause = PAUSE
        self._usage, self._look, self._reported = Usage(), time.monotonic() + MINUTE, 0.0
        self._thread = threading.Thread(target=self._run, name="watchkeeper-logger", daemon=True)

    def start(self) -> None:
        self._thread.start()

    # called by the service's threads

    def new_id(self) -> str:
        return f"{self.writer.name}-{next(self._number)}"

    def put(self, call: Call) -> None:
        """Queue a call as a row.

        In a service of few requests the row is made later, by the thread, for all of them at once. Where many wait, the
        caller makes it: it is smaller than what it is made of, and who records faster than the thread writes is slowed.
        """
        made = call[0].made(call)
        if made is not None:
            self.put_row(*made)

    def put_row(self, names: Names, row: bytes) -> None:
        if not self.queue.put(names, row):
            self.drops.count(self.trouble or "queue full")

    def flush(self, timeout: float | None) -> bool:
        """Wait until what was recorded so far is on disk; without a timeout, while the disk takes anything."""
        marker, end = Marker(), None if timeout is None else time.monotonic() + timeout
        self.queue.mark(marker)
        self._wake.set()
        while not marker.wait(0.05 if end is None else min(0.05, max(0.0, end - time.monotonic()))):
            late = self.trouble if end is None else time.monotonic() >= end
            if late or not self._thread.is_alive():
                return marker.is_set()
        return True

    def stop(self, timeout: float) -> bool:
        """Write what is there, close the segment, end; False where the time was too short."""
        self.finish(timeout)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout + GRACE)
        return not (self._thread.is_alive() or self._left())

    def finish(self, timeout: float) -> None:
        self._until = time.monotonic() + timeout
        self._wake.set()

    # the thread

    def _run(self) -> None:
        while True:
            self._wake.wait(self._pause)
            self._wake.clear()
            ending = self._until is not None  # before the look at the queue
            try:
                self._turn(ending)
                self.trouble, self._pause = "", PAUSE
            except OSError as error:
                self.trouble = f"disk: {error.strerror or error}"
                self._pause = PAUSE if ending else min(PATIENCE, 2 * self._pause)
            except Exception as error:  # a fault of ours costs these rows, never the service
                self._give_up(f"internal: {type(error).__name__}: {error}")
            self.drops.warn(trouble=self.trouble)
            if ending and (not self._left() or time.monotonic() >= (self._until or 0.0)):
                break
        self._end()

    def _turn(self, ending: bool) -> None:
        self._observe()
        self._commit()
        waiting = len(self.queue)
        while waiting > 0:
            batch = self._gather(min(waiting, COMMIT))
            self._pending = list(payloads(batch, self.model, self.drops)), batch
            waiting -= COMMIT
            self._commit()
        self._report(ending)
        self.writer.rotate_when_due()

    def _gather(self, count: int) -> Batch:
        """Rows, a slice at a time: between slices the service's threads may run."""
        step, batch = max(SLICE, count // 4), Batch.empty()
        while count > 0 and self.queue:
            count -= self.queue.take(min(step, count), batch)
            time.sleep(0)
        return batch

    def _commit(self) -> None:
        """Write what is pending; it stays so where the disk refuses."""
        if self._pending is None:
            return
        blocks, batch = self._pending
        if blocks:
            self.writer.commit(blocks)
        self._pending = None
        for marker in batch.markers:
            marker.set()

    def _report(self, ending: bool) -> None:
        """Write down what was dropped."""
        now = time.monotonic()
        if now - self._reported < REPORT and not ending:
            return
        self._reported = now
        stamp = time.time_ns() // 1000
        rows = [encoded((stamp, reason, n)) for reason, n in self.drops.take().items()]
        if rows:
            batch = Batch({"dropped": rows}, [])
            self._pending = list(payloads(batch, self.model, self.drops)), batch
            self._commit()

    def _observe(self) -> None:
        for job in tuple(self.jobs):
            job.look()
        if time.monotonic() < self._look:
            return
        self._look = time.monotonic() + MINUTE
        row = (time.time_ns() // 1000, self.writer.name, memory(), self._usage.look()[1])
        self.put_row("process", encoded(row))

    def _left(self) -> int:
        return len(self.queue) + (self._pending is not None)

    def _give_up(self, reason: str) -> None:
        rows = self._pending[1].rows if self._pending else 0
        self._pending = None
        self.drops.count(reason, max(1, rows))

    def _end(self) -> None:
        lost = self.queue.rows_left() + (self._pending[1].rows if self._pending else 0)
        if lost:
            self.drops.count(f"{self.trouble or 'no time'} at exit", lost)
        with contextlib.suppress(OSError):
            self.writer.close()
        self.drops.warn(at_once=True)

    def forsake(self) -> None:
        """In a forked child: the thread is the parent's, and so is all that it had."""
        self.writer.release()
