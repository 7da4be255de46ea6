"""Job: a run of a batch job, recorded when it ends, however it ends."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from watchkeeper.logger.usage import Usage, memory, peak

if TYPE_CHECKING:
    from watchkeeper.logger.logger import Logger

__all__ = ["Job", "error_text"]

LENGTH = 1_000  # characters of an error that are kept


class Job:
    """The context of ``Logger.job``.

    Attributes
    ----------
    rows : how many it handled; set it at any time before the end
    """

    def __init__(self, log: Logger, name: str) -> None:
        self._log, self._name = log, name
        self.rows: int | None = None
        self._most: int | None = None

    def __enter__(self) -> Job:
        self._usage, self._peak = Usage(), peak()
        self._stamp = time.time_ns() // 1000
        self.look()
        self._log.follow(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.follow(self, False)
        seconds, cores = self._usage.look()
        status, told = ("ok", None) if error is None else ("failed", error_text(error))
        self._log.finished(
            (self._stamp, self._name, seconds, self._highest(), cores, self.rows, status, told)
        )

    def look(self) -> None:
        """How much memory is in use now; the worker looks, too, at every commit."""
        now = memory()
        if now is not None:
            self._most = max(now, self._most or 0)

    def _highest(self) -> int | None:
        """The peak during the job: exact where it is the process's greatest, else what was seen."""
        self.look()
        highest = peak()
        return highest if highest is not None and highest > (self._peak or 0) else self._most


def error_text(error: object) -> str:
    """What went wrong, in one line.

    >>> error_text(ZeroDivisionError("division by zero")), error_text("timeout")
    ('ZeroDivisionError: division by zero', 'timeout')
    """
    if isinstance(error, BaseException):
        said = str(error)
        return f"{type(error).__name__}: {said}"[:LENGTH] if said else type(error).__name__
    return str(error)[:LENGTH]
