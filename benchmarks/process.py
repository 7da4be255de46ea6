"""Whole processes, measured by the operating system."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["OURS", "Cost", "run"]

ROOT = Path(__file__).resolve().parent.parent
OURS = [sys.executable, str(ROOT / "benchmarks" / "jobs" / "watchkeeper_job.py")]


@dataclass(frozen=True)
class Cost:
    """Wall-clock and processor seconds, and peak memory (MB), of one process and its own; what it printed."""

    wall: float
    cpu: float
    memory: float
    output: str

    @property
    def seconds(self) -> float:
        """The seconds that a job measured itself (a line ``total SECONDS``), else the wall clock."""
        totals = [line.split()[1] for line in self.output.splitlines() if line.startswith("total ")]
        return float(totals[-1]) if totals else self.wall


class Memory:
    """The peak memory (MB) of a process and all below it together, looked at 20 times a second; 0 without /proc."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self, pid: int) -> None:
        while not self._over.wait(0.05):
            self.peak = max(self.peak, sum(map(_megabytes, _family(pid))))


def _family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it ended
            for child in listed.read_text().split():
                yield from _family(int(child))


def _megabytes(pid: int) -> float:
    """What a process has in memory, pages that it shares counted in parts."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def run(command: Sequence[str], timeout: float = 1_800, **environment: str) -> Cost:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        where it fails, with the end of what it printed
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environment,
        cwd=ROOT,
    )
    assert process.stdout is not None
    with Memory(process.pid) as memory:
        output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output[-2000:]}")
    if wall > timeout:
        raise RuntimeError(f"{' '.join(command)} took {wall:.0f} s")
    return Cost(wall, usage.ru_utime + usage.ru_stime, max(usage.ru_maxrss / 1024, memory.peak), output)
