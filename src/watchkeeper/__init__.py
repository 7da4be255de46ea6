"""Watchkeeper watches machine-learning models after deployment.

>>> import watchkeeper as wk
>>> result = wk.check({"day": ["2026-01-01", "2026-01-01"], "label": [0, 1], "said": [0, 1]},
...                   model=wk.Model(name="m", task="binary", timestamp="day", outcome="label", prediction="said"))
>>> result.verdict
'no_data'

Everything heavy is imported where it is first used: ``import watchkeeper`` costs little more than NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchkeeper.backtesting import Backtest, backtest
    from watchkeeper.checking import check
    from watchkeeper.errors import (
        ColumnError,
        DependencyError,
        ModelError,
        SourceError,
        WatchkeeperError,
        WorkspaceError,
    )
    from watchkeeper.logger import Logger, LogHandler, watch
    from watchkeeper.model import Band, Bins, Model, Truth, Where
    from watchkeeper.result import Result
    from watchkeeper.running import acknowledge, history, run
    from watchkeeper.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "Backtest", "Band", "Bins", "ColumnError", "DependencyError", "LogHandler", "Logger", "Model", "ModelError",
    "Result", "SourceError", "Truth", "WatchkeeperError", "Where", "Workspace", "WorkspaceError", "acknowledge",
    "backtest", "check", "history", "run", "watch",
]  # fmt: skip

_HOMES = {
    "watchkeeper.backtesting": ("Backtest", "backtest"),
    "watchkeeper.checking": ("check",),
    "watchkeeper.errors": (
        "ColumnError",
        "DependencyError",
        "ModelError",
        "SourceError",
        "WatchkeeperError",
        "WorkspaceError",
    ),
    "watchkeeper.logger": ("LogHandler", "Logger", "watch"),
    "watchkeeper.model": ("Band", "Bins", "Model", "Truth", "Where"),
    "watchkeeper.result": ("Result",),
    "watchkeeper.running": ("acknowledge", "history", "run"),
    "watchkeeper.workspace": ("Workspace",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'watchkeeper' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
