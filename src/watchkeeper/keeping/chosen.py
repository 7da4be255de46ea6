"""Chosen: the models of a workspace that have a journal, or one of them."""

from __future__ import annotations

from watchkeeper.errors import WorkspaceError
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.workspace import Workspace

__all__ = ["chosen"]


def chosen(workspace: Workspace, name: str | None = None) -> list[str]:
    """Names of models that are described, or that something was recorded of.

    Raises
    ------
    WorkspaceError
        where ``name`` is none of them
    """
    names = sorted({*workspace.models(), *workspace.state.models()})
    if name is None:
        return names
    if name not in names:
        hint = did_you_mean(name, names) or f"; there are {', '.join(names) or 'none'}"
        raise WorkspaceError(f"{workspace.folder}: there is no model {name!r}{hint}")
    return [name]
