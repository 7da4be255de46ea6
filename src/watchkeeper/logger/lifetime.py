"""From the first record to the last: fork and exit."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.logger.recorder import Recorder

__all__ = ["close_all", "close_at_the_end_of_a_child", "follow"]

_loggers: weakref.WeakSet[Recorder] = weakref.WeakSet()


def follow(logger: Recorder) -> None:
    """Let a logger know of forks, and of the end of the process."""
    _loggers.add(logger)


def close_at_the_end_of_a_child() -> None:
    """Processes of ``multiprocessing`` end without ``atexit``; they have finalizers of their own."""
    processes = sys.modules.get("multiprocessing.process")
    if processes is not None and processes.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, close_all, exitpriority=-100)


def close_all() -> None:
    for logger in list(_loggers):
        with contextlib.suppress(Exception):
            logger.close()


def _after_fork() -> None:
    for logger in list(_loggers):
        logger.begin_anew()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
