"""What was not recorded, and why: counted, written into the log, and warned of once a minute."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter

__all__ = ["Drops"]

EVERY = 60.0  # seconds between warnings
REASONS = 100  # beyond them "other": nobody's values can fill the memory
logger = logging.getLogger("watchkeeper")


class Drops:
    """Counts of records that were dropped, by reason.

    Parameters
    ----------
    model : for the warnings
    examples : whether a warning may show a value that could not be used

    >>> drops = Drops("flight-delay")
    >>> drops.count("queue full")
    >>> drops.total, drops.take()
    ({'queue full': 1}, {'queue full': 1})
    >>> drops.take()
    {}
    """

    def __init__(self, model: str, examples: bool = True) -> None:
        self._model, self._examples = model, examples
        self._lock = threading.RLock()  # a signal handler may record, too
        self._total: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self._example: dict[str, str] = {}
        self._warned = -EVERY

    def count(self, reason: str, number: int = 1, example: object = None) -> None:
        with self._lock:
            if reason not in self._total and len(self._total) >= REASONS:
                reason = "other"
            self._total[reason] += number
            if example is not None:
                self._example[reason] = repr(example)[:100]

    def fault(self, kind: str, error: BaseException) -> None:
        """A record that could not be made of what came."""
        told = isinstance(error, ValueError) and bool(error.args) and isinstance(error.args[0], str)
        what = error.args[0] if told else f"{type(error).__name__}"
        shown = self._examples and len(error.args) > told
        try:
            self.count(f"{kind}: {what:.100}", example=error.args[-1] if shown else None)
        except Exception:  # the example may have no repr
            self.count(f"{kind}: {what:.100}")

    @property
    def total(self) -> dict[str, int]:
        with self._lock:
            return dict(self._total)

    def take(self) -> dict[str, int]:
        """What was counted since the last call, to be written into the log."""
        with self._lock:
            new = self._total - self._taken
            self._taken = self._total.copy()
            return dict(new)

    def warn(self, at_once: bool = False, trouble: str = "") -> None:
        """Tell what was dropped since the last warning, and what is wrong now, at most once a minute."""
        now = time.monotonic()
        with self._lock:
            new = self._total - self._told
            if not (new or trouble) or (now - self._warned < EVERY and not at_once):
                return
            self._warned, self._told = now, self._total.copy()
            examples = dict(self._example)
        parts = [f"{n:,} × {r}" + (f" ({examples[r]})" if r in examples else "") for r, n in new.items()]
        if parts:
            logger.warning("%s: records were not logged: %s", self._model, "; ".join(parts))
        elif trouble:
            logger.warning("%s: the log cannot be written (%s); records wait in memory", self._model, trouble)
