"""Whole processes, measured by the operating system."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["OURS", "Cost", "run"]

ROOT = Path(__file__).resolve().parent.parent
OURS = [sys.executable, str(ROOT / "benchmarks" / "jobs" / "watchkeeper_job.py")]


@dataclass(frozen=True)
class Cost:
    """Wall-clock and processor seconds, and peak memory (MB) of one process; what it printed."""

    wall: float
    cpu: float
    memory: float
    output: str

    @property
    def seconds(self) -> float:
        """The seconds that a job measured itself (a line ``total SECONDS``), else the wall clock."""
        totals = [line.split()[1] for line in self.output.splitlines() if line.startswith("total ")]
        return float(totals[-1]) if totals else self.wall


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
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output[-2000:]}")
    if wall > timeout:
        raise RuntimeError(f"{' '.join(command)} took {wall:.0f} s")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)
