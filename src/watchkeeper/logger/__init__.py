"""The logger: what a service records of its model, without harm to the service.

``LogHandler`` and ``watch`` are imported where they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from watchkeeper.logger.job import Job
from watchkeeper.logger.logger import Logger

if TYPE_CHECKING:
    from watchkeeper.logger.handler import LogHandler
    from watchkeeper.logger.watching import Watched, watch

__all__ = ["Job", "LogHandler", "Logger", "Watched", "watch"]

_HOMES = {
    "LogHandler": "watchkeeper.logger.handler",
    **dict.fromkeys(("Watched", "watch"), "watchkeeper.logger.watching"),
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'watchkeeper.logger' has no attribute {name!r}")
