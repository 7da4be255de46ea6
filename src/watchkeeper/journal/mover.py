"""Mover: what loggers wrote, brought into the tables, exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from watchkeeper.workspace import Workspace

__all__ = ["Moved", "move"]

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Moved:
    """What came in."""

    rows: dict[str, int] = field(default_factory=dict)  # by kind


def move(workspace: Workspace, *, progress: Progress) -> Moved:
    return Moved()
