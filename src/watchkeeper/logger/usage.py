"""What this process uses: memory and CPU."""

from __future__ import annotations

import os
import sys
import time
from typing import Final

__all__ = ["Usage", "memory", "peak"]

PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
UNIT: Final = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


def memory() -> int | None:
    """Bytes of memory that this process has now; where the system does not tell, the most it had."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return peak()


def peak() -> int | None:
    """The most bytes of memory that this process ever had."""
    try:
        import resource
    except ImportError:  # pragma: no cover - not a POSIX system
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


class Usage:
    """CPU since the last look.

    >>> usage = Usage()
    >>> seconds, cores = usage.look()
    >>> seconds >= 0 and cores >= 0
    True
    """

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def look(self) -> tuple[float, float]:
        """(seconds since the last look, how many cores were busy on average); then begin anew."""
        wall, cpu = time.monotonic(), time.process_time()
        seconds, used = wall - self._wall, cpu - self._cpu
        self._wall, self._cpu = wall, cpu
        return seconds, used / seconds if seconds > 0 else 0.0
