"""The workspace: the folder in which everything about some models lies."""

from watchkeeper.workspace.settings import Settings
from watchkeeper.workspace.workspace import Workspace

__all__ = ["Settings", "Workspace"]
