"""Model run: one model, from what its journal has that is new to profiles and verdicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from watchkeeper.checking.judging import Progress
from watchkeeper.errors import ModelError
from watchkeeper.journal import Journal, Served, Store, served
from watchkeeper.model import Model
from watchkeeper.running.cases import Cases
from watchkeeper.running.changes import configuration
from watchkeeper.running.computing import Computing
from watchkeeper.running.counted import count_conflicts
from watchkeeper.running.judging import Judging
from watchkeeper.running.maturity import Maturity
from watchkeeper.running.news import AHEAD, News
from watchkeeper.running.planned import Planned
from watchkeeper.running.rows import JournalRows
from watchkeeper.running.service_run import ServiceRun
from watchkeeper.running.step import Step
from watchkeeper.running.touched import NOWHERE, Spans
from watchkeeper.state import State

__all__ = ["ModelRun"]

ACKNOWLEDGED = "Something was acknowledged, or that undone: windows since then are judged again."


@dataclass
class ModelRun:
    """One model within one run.

    Attributes
    ----------
    given : the model as the user wrote it
    number : of the run
    upto : the last batch that the mover brought in
    now : µs since 1970 UTC
    folder : of the workspace
    """

    given: Model
    journal: Journal
    state: State
    number: int
    upto: int
    now: int
    folder: Path
    progress: Progress

    def run(self) -> Step:
        """Compute and judge what something new fell into."""
        if self.given.parsed_window.kind != "time":
            raise ModelError(
                f"window: {self.given.window!r} of {self.given.name!r} goes by no time; a workspace needs a window"
                " such as '1d' ('1000 rows' and null are for check)"
            )
        for rule in (self.given.parsed_reference, *self.given.own_references.values()):
            if rule is not None and rule.unit == "row" and rule.kind == "first":
                raise ModelError(
                    f"reference: 'first {rule.count} rows' of {self.given.name!r} goes by no time; a workspace needs a"
                    " time such as 'first 4w', or a file"
                )
        predicted = self.journal.predictions.exists
        if not (predicted or self.journal.events.exists):
            return Step(self.given.name)
        resolved = self.news.resolved  # written down before any window reads it
        computing = Computing(self.news, self.served, self.number, self.folder, self.progress)
        planned, touched = None, NOWHERE
        if predicted:
            count_conflicts(self.state, self.journal, self.news.done, self.upto)
            planned, touched = computing.run()
        touched = self.service.update(touched)
        judging = replace(self._judging(planned), aside=computing.aside, appeared=computing.appeared)
        step = self._judge(judging, touched, anew=computing.anew)
        self.news.remember(self.maturity, configuration(self.given))
        return replace(step, computed=len(touched), waiting=resolved.waiting)

    def history(self) -> Cases | None:
        """All windows that are stored, to be judged; nothing is changed. None before the first run."""
        known = self.stored.known
        return self.stored.cases(known) if len(known) else None

    @cached_property
    def stored(self) -> Judging:
        """What earlier runs have computed."""
        planned = Planned.newest(self.state, self.given.name)
        return self._judging(None if planned is None else planned.serving(self.served.model))

    @cached_property
    def news(self) -> News:
        return News(self.given, self.journal, self.state, self.upto, self.now)

    @cached_property
    def served(self) -> Served:
        return served(self.journal, self.given, known=self.news.traits)

    @cached_property
    def maturity(self) -> Maturity:
        return Maturity.at(self.now, self.served.model, self.news.delays)

    @cached_property
    def service(self) -> ServiceRun:
        before = self.news.before.get("now")
        return ServiceRun(
            self.journal, self.given, self.number, self.news.done, self.upto,
            None if before is None else before + AHEAD, self.now + AHEAD, self.maturity.closed,
        )  # fmt: skip

    def _judging(self, planned: Planned | None) -> Judging:
        store = None if planned is None else Store(self.journal, planned.plan, planned.number)
        rows = JournalRows(self.news, self.served, self.folder)
        acknowledged = self.news.acknowledged
        return Judging(rows, store, self.service, self.maturity, self.folder, self.progress, acknowledged)

    def _judge(self, judging: Judging, touched: Spans, *, anew: bool) -> Step:
        """What is new, what has closed or matured since the last run, and what is compared with something else now."""
        known, since = judging.known, self.news.compared_anew
        before = None if anew else self.news.maturity_before
        windows = touched.with_(self.maturity.reached_since(before, known))
        if since is not None:
            windows = windows.with_(known.only(known.starts >= since))
        windows = windows.only(np.isin(windows.starts, known.starts))
        changes = [*(c.sentence for c in self.news.changes), *([] if since is None else [ACKNOWLEDGED])]
        step = Step(self.given.name, changes=tuple(changes))
        result = judging.result(windows) if len(windows) else None
        if result is None:
            return step
        judging.write(result, self.number, self.now)
        closed = int((windows.ends <= self.maturity.closed).sum())
        return replace(step, judged=closed, result=result)
