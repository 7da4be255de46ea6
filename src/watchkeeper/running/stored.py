"""History: everything that is stored of a model, as one result."""

from __future__ import annotations

import os
import time

from watchkeeper.checking.judging import Progress
from watchkeeper.errors import WorkspaceError
from watchkeeper.journal import Journal, in_reach
from watchkeeper.model import Model
from watchkeeper.result import Result
from watchkeeper.running.cases import Cases
from watchkeeper.running.model_run import ModelRun
from watchkeeper.workspace import Workspace

__all__ = ["described", "history", "stored"]


def history(
    workspace: Workspace | str | os.PathLike[str],
    model: str | None = None,
    *,
    progress: Progress | None = None,
    now: int | None = None,
) -> Result:
    """All windows that runs have computed, measured from their profiles and judged as they would be now.

    Parameters
    ----------
    workspace : or its folder
    model : its name; default: the only one there is
    now : µs since 1970 UTC. Default: the clock

    Raises
    ------
    WorkspaceError
        where nothing was computed yet, or the model is not there
    """
    if not isinstance(workspace, Workspace):
        with Workspace.open(workspace) as opened:
            return history(opened, model, progress=progress, now=now)
    return stored(workspace, described(workspace, model), progress=progress, now=now).result()


def described(workspace: Workspace, name: str | None) -> Model:
    """The model of this name, or the only one there is."""
    names = sorted(workspace.models())
    if name is None and len(names) != 1:
        raise WorkspaceError(f"which model? There are {', '.join(names) or 'none yet'}")
    return workspace.model(name or names[0])


def stored(
    workspace: Workspace, model: Model, *, progress: Progress | None = None, now: int | None = None
) -> Cases:
    """What ``history`` judges."""
    moment = time.time_ns() // 1000 if now is None else now
    journal = Journal.of(workspace, model.name)
    job = ModelRun(model, journal, workspace.state, 0, 0, moment, workspace.folder, progress or _silent)
    with in_reach(workspace):
        found = job.history()
    if found is None:
        raise WorkspaceError(
            f"{workspace.folder}: nothing is computed of {model.name!r} yet, or all of it is the reference;"
            " 'watchkeeper run' computes what is new"
        )
    return found


def _silent(stage: str, done: int, total: int | None) -> None:
    pass
