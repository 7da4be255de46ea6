"""Run: what is new in a workspace, brought into profiles and verdicts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.checking.judging import Progress
from watchkeeper.errors import WorkspaceError
from watchkeeper.journal import Journal, in_reach
from watchkeeper.journal.mover import Moved, move
from watchkeeper.journal.told import last_batch, last_run
from watchkeeper.model import Model
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.running.changes import changes
from watchkeeper.running.first import models_of
from watchkeeper.running.model_run import ModelRun
from watchkeeper.running.step import Step
from watchkeeper.wal import segments
from watchkeeper.workspace import Workspace

__all__ = ["Run", "preview", "run"]


@dataclass(frozen=True)
class Run:
    """What a run did.

    Attributes
    ----------
    number : of the run; 0 where there was nothing to do
    moved : what the write-ahead log brought
    steps : one for each model
    notes : what a person should know, one sentence each
    """

    number: int
    moved: Moved
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The worst of all models: "alarm", "unclear", "ok" or "no_data"."""
        found = {step.result.verdict for step in self.steps if step.result is not None}
        return next((v for v in ("alarm", "unclear", "ok") if v in found), "no_data")

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return all(step.idle for step in self.steps)


def run(
    workspace: Workspace | str | os.PathLike[str],
    models: Sequence[str] = (),
    *,
    progress: Progress | None = None,
    now: int | None = None,
) -> Run:
    """Bring everything up to date: the journal, the windows that something new fell into, their verdicts.

    Parameters
    ----------
    workspace : or its folder
    models : names; default: all of the workspace
    now : µs since 1970 UTC. Default: the clock

    Raises
    ------
    WorkspaceError
        where another run is at work, or the workspace cannot be used
    """
    if not isinstance(workspace, Workspace):
        with Workspace.open(workspace) as opened:
            return run(opened, models, progress=progress, now=now)
    show = progress or _silent
    moment = time.time_ns() // 1000 if now is None else now
    state = workspace.state
    with state.lease("run"), in_reach(workspace):
        moved = move(workspace, progress=show)
        upto = _last_batch(workspace)
        number = state.begin_run("watchkeeper run", above=last_run(workspace))
        steps: list[Step] = []
        done: dict[str, int] = {}
        outcome = "interrupted"
        try:
            known, notes = models_of(workspace, moment)
            for model in _chosen(known, models):
                journal = Journal.of(workspace, model.name)
                job = ModelRun(model, journal, state, number, upto, moment, workspace.folder, show)
                steps.append(job.run())
                done[model.name] = upto
            outcome = Run(number, moved, tuple(steps)).verdict
        finally:
            state.finish_run(number, done, outcome)
    return Run(number, moved, tuple(steps), tuple(notes))


def _last_batch(workspace: Workspace) -> int:
    """Of the state, or of the tables: after a restored backup they have more than it knows."""
    return max(workspace.state.last_batch(), last_batch(workspace))


def preview(workspace: Workspace, models: Sequence[str] = ()) -> list[str]:
    """What a run would do and why, one sentence each; nothing is changed."""
    lines = []
    for model in _chosen(workspace.models(), models):
        found = changes(workspace.state.configuration(model.name), model)
        new = _last_batch(workspace) - workspace.state.progress(model.name)
        lines += [f"{model.name}: {change.sentence}" for change in found]
        lines.append(f"{model.name}: {_said(new)}.")
    waiting = sum(s.size for s in segments(workspace.wal))
    if waiting:
        lines.append(f"{waiting / 1e6:,.1f} MB wait in the write-ahead log.")
    return lines


def _said(batches: int) -> str:
    if not batches:
        return "nothing new in the journal"
    return f"{batches:,} new batch{'es' * (batches != 1)}: the windows that they fall into are computed again"


def _chosen(models: Mapping[str, Model], names: Sequence[str]) -> list[Model]:
    for name in names:
        if name not in models:
            hint = did_you_mean(name, models) or f"; there are {', '.join(models) or 'none'}"
            raise WorkspaceError(f"there is no model {name!r}{hint}")
    return [models[name] for name in names or models]


def _silent(stage: str, done: int, total: int | None) -> None:
    pass
