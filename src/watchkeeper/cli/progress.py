"""Progress on stderr: bars on a terminal, nothing where it would litter a log."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

__all__ = ["Progress"]


class Progress:
    """Shows which stage is at work and how far it is; gone when the block ends.

    Parameters
    ----------
    lines : where there is no terminal, write each stage as a line
    """

    def __init__(self, *, lines: bool = False) -> None:
        self._lines = lines
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self._stage = ""

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bars = _bars()
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def stage(self, name: str) -> None:
        """A stage of unknown length begins."""
        self(name, 0, None)

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """``done`` of ``total`` (None: nobody knows) are behind us in ``stage``."""
        if stage != self._stage:
            self._begin(stage, total)
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=done, total=total if done else None)  # None: it pulses

    def _begin(self, stage: str, total: int | None) -> None:
        self._stage = stage
        if self._bars is not None:
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._task = self._bars.add_task(stage, total=total)
        elif self._lines:
            print(f"{stage} …", file=sys.stderr, flush=True)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
