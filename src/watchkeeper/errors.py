"""Every exception of Watchkeeper.

    WatchkeeperError
    ├── ModelError       what is watched is described wrongly (a Model or its YAML file)
    ├── SourceError      rows cannot be read: a file, a format, a frame
    ├── ColumnError      a column is missing, or its values cannot serve its role
    ├── WorkspaceError   a workspace, its state or its journal cannot be used
    └── DependencyError  an optional package is needed and not installed

Each message names what came, what is valid, and the fix.
"""

from __future__ import annotations

__all__ = [
    "ColumnError", "DependencyError", "ModelError", "SourceError", "WatchkeeperError", "WorkspaceError",
]  # fmt: skip


class WatchkeeperError(Exception):
    """The root: catches everything that Watchkeeper raises for a user's mistake."""


class ModelError(WatchkeeperError):
    """The description of what is watched is wrong: names the key, what came and what is valid."""


class SourceError(WatchkeeperError):
    """Rows cannot be read: names the file or frame, what was found and the fix."""


class ColumnError(WatchkeeperError):
    """A column is missing or cannot serve its role: names the column and the nearest valid one."""


class WorkspaceError(WatchkeeperError):
    """A workspace, its state or its journal cannot be used: names the place, what was found and the fix."""


class DependencyError(WatchkeeperError):
    """An optional package is needed: names the extra that installs it."""
