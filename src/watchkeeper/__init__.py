"""Watchkeeper watches machine-learning models after deployment.

>>> import watchkeeper as wk
>>> result = wk.check({"day": ["2026-01-01", "2026-01-01"], "label": [0, 1], "said": [0, 1]},
...                   model=wk.Model(name="m", task="binary", timestamp="day", outcome="label", prediction="said"))
>>> result.verdict
'no_data'

Everything heavy is imported where it is first used: ``import watchkeeper`` costs little more than NumPy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchkeeper.check import check
    from watchkeeper.errors import ColumnError, DependencyError, ModelError, SourceError, WatchkeeperError
    from watchkeeper.model import Band, Bins, Model, Where
    from watchkeeper.result import Result

__version__ = "0.1.0"

__all__ = [
    "Band", "Bins", "ColumnError", "DependencyError", "Model", "ModelError", "Result", "SourceError",
    "WatchkeeperError", "Where", "check",
]  # fmt: skip

_HOMES = {
    **dict.fromkeys(("Band", "Bins", "Model", "Where"), "watchkeeper.model"),
    **dict.fromkeys(
        ("ColumnError", "DependencyError", "ModelError", "SourceError", "WatchkeeperError"),
        "watchkeeper.errors",
    ),
    "Result": "watchkeeper.result",
    "check": "watchkeeper.check",
}


class _Package(ModuleType):
    """Importing the module ``watchkeeper.check`` would put it where the function of that name is."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, getattr(value, "check", value) if name == "check" else value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'watchkeeper' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
