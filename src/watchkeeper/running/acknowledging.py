"""Acknowledging: a change is the new normal of a model, which a person says, and may take back."""

from __future__ import annotations

import os
import time
from datetime import date

import numpy as np

from watchkeeper.errors import WorkspaceError
from watchkeeper.journal import Journal
from watchkeeper.model import Model
from watchkeeper.model.versions import moment_of
from watchkeeper.running.eras import holding, stays
from watchkeeper.running.judging import Judging
from watchkeeper.running.model_run import ModelRun
from watchkeeper.state import Acknowledgement
from watchkeeper.verdicts import Windows
from watchkeeper.workspace import Workspace

__all__ = ["acknowledge", "acknowledgements", "undo_acknowledgement"]

Place = Workspace | str | os.PathLike[str]
SECOND = 1_000_000  # µs


def acknowledge(
    workspace: Place,
    model: str,
    at: str | date | None = None,
    *,
    by: str | None = None,
    note: str | None = None,
    now: int | None = None,
) -> Acknowledgement:
    """Say that what changed is the new normal of a model: windows since then are compared with each other.

    Parameters
    ----------
    workspace : or its folder
    model : its name
    at : a date or time from which on; without a zone in the model's. The first window that starts then or later begins
        the new epoch. Default: the end of the last closed window that runs have computed
    by, note : who says so, and why; kept with it
    now : µs since 1970 UTC. Default: the clock

    Raises
    ------
    WorkspaceError
        where there is no such model, or no reference that stays, or nothing was judged before that moment since the
        last acknowledgement; or while a run is at work for longer than half a minute
    """
    if not isinstance(workspace, Workspace):
        with Workspace.open(workspace) as opened:
            return acknowledge(opened, model, at, by=by, note=note, now=now)
    described = workspace.model(model)
    if not stays(described):
        rule = described.reference_for()
        raise WorkspaceError(
            f"{model}: nothing is there to acknowledge: its reference, {rule or 'none'}, "
            f"{'rolls along and takes what lasts for normal by itself' if rule else 'compares windows with nothing'}"
        )
    moment = time.time_ns() // 1000 if now is None else now
    with workspace.state.lease("run"):
        journal = Journal.of(workspace, model)
        job = ModelRun(described, journal, workspace.state, 0, 0, moment, workspace.folder, _silent)
        begin, seen = _begin(job.stored, described, at, moment)
        reference = str(described.reference_for())
        return workspace.state.acknowledge(model, begin, seen, reference, by, note)


def acknowledgements(workspace: Place, model: str) -> list[Acknowledgement]:
    """Everything that was ever acknowledged of a model, oldest first, also what was undone."""
    if not isinstance(workspace, Workspace):
        with Workspace.open(workspace) as opened:
            return acknowledgements(opened, model)
    return workspace.state.acknowledgements(workspace.model(model).name)


def undo_acknowledgement(workspace: Place, model: str, *, by: str | None = None) -> Acknowledgement:
    """Take back the last acknowledgement that holds: its windows are compared as if it had never been made.

    Raises
    ------
    WorkspaceError
        where none holds; or while a run is at work for longer than half a minute
    """
    if not isinstance(workspace, Workspace):
        with Workspace.open(workspace) as opened:
            return undo_acknowledgement(opened, model, by=by)
    with workspace.state.lease("run"):
        found = [a for a in acknowledgements(workspace, model) if a.holds]
        if not found:
            raise WorkspaceError(f"{model}: nothing is acknowledged, so that nothing can be undone")
        workspace.state.undo_acknowledgement(model, found[-1].number, by)
        return workspace.state.acknowledgements(model)[found[-1].number - 1]


def _begin(judging: Judging, model: Model, at: str | date | None, now: int) -> tuple[int, int]:
    """(where the new epoch begins, up to where windows have been judged); µs since 1970 UTC."""
    eras, known = judging.references.eras, judging.known
    judged = known.only((known.starts >= eras[-1].began) & (known.starts >= eras[0].begin))
    judged = judged.only(judged.ends <= judging.maturity.closed)
    if not len(judged):
        since = " since the last acknowledgement" if holding(judging.acknowledged, model) else ""
        raise WorkspaceError(
            f"{model.name}: no window was judged{since}, so that there is no change to acknowledge; "
            "'watchkeeper run' judges what is closed"
        )
    first, seen = int(judged.ends[0]), int(judged.ends[-1])
    if at is None:
        return seen, seen
    moment = _moment(at, model)
    begin = model.parsed_window.end(moment - 1, model.timezone)
    if begin < first or moment > now:
        raise WorkspaceError(
            f"{model.name}: {at} is no moment after which windows can be compared anew; give one from "
            f"{_said(first, model)} on, when the first window had been judged, and not ahead of the clock"
        )
    return begin, seen


def _moment(at: str | date, model: Model) -> int:
    text = at.isoformat() if isinstance(at, date) else str(at).strip()
    try:
        found = moment_of(text, model.timezone)
    except (ValueError, OverflowError):
        raise WorkspaceError(
            f"{model.name}: a date or a time such as 2026-05-03 or 2026-05-03T12:00 is needed, got {at!r}"
        ) from None
    return round(found.timestamp() * SECOND)


def _said(at: int, model: Model) -> str:
    edges = np.array([at]), np.array([model.parsed_window.end(at, model.timezone)])
    return Windows.of(edges, model).since(0)


def _silent(stage: str, done: int, total: int | None) -> None:
    pass
