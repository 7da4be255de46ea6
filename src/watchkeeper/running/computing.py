"""Computing: profiles of the windows that something new fell into, each from its rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from watchkeeper import sources
from watchkeeper.checking.judging import Progress
from watchkeeper.errors import ModelError
from watchkeeper.journal import Served, Store, served
from watchkeeper.profiles import Profile, plan_of, profile_of
from watchkeeper.rows import Aside
from watchkeeper.running.news import News
from watchkeeper.running.planned import ENOUGH, Planned, grown, has_other, unseen
from watchkeeper.running.references import located
from watchkeeper.running.touched import Spans, spans_of

__all__ = ["Computing"]

ROWS = 1_048_576  # about so many are read to sample from: windows from the first to the last, evenly
CELLS = 400_000  # windows × columns × segment values that are computed at once: 1.6 kB each with their table
YEAR = 365  # windows that a plan has to serve at least, however few there are when it is made
ROLES = ("prediction", "score", "outcome", "weight", "segments")  # a plan is made for


@dataclass
class Computing:
    """The profiles of one model within one run.

    Attributes
    ----------
    number : of the run
    folder : of the workspace
    anew : whether all windows were computed, under a new plan
    aside : what could not be used of the rows that were read
    """

    news: News
    served: Served
    number: int
    folder: Path
    progress: Progress
    anew: bool = field(default=False, init=False)
    aside: Aside = field(default_factory=Aside, init=False)

    def run(self) -> tuple[Planned, Spans]:
        """The plan, and the windows that were computed under it."""
        planned = self._planned()
        touched = self.news.everything if self.anew else spans_of(self.news.fresh, self.news.given)
        return self._computed(planned, touched) if len(touched) else planned, touched

    def _planned(self) -> Planned:
        """The plan that serves the model now; a new one where it cannot."""
        newest = Planned.newest(self.news.state, self.news.given.name)
        if newest is not None and self._serves(newest):
            return newest.serving(self.served.model)
        self.anew = True
        sample = self._sample()
        if not sample.rows:
            raise ModelError(f"the journal of {self.news.given.name!r} has no row before now")
        plan = plan_of(self.served.model, sample.table, max(len(self.news.everything), YEAR))
        above = self.news.journal.tables["profiles"].greatest("plan")
        return Planned.add(self.news.state, plan, sample.rows, unseen(plan, sample.table), above)

    def _serves(self, planned: Planned) -> bool:
        old, new = planned.plan.model, self.served.model
        same = all(getattr(old, key) == getattr(new, key) for key in ROLES)
        costly = any(change.cost != "judge" for change in self.news.changes)
        settled = planned.rows >= ENOUGH or planned.settled(self.news.rows)
        return same and settled and not costly and not self._now_seen(planned)

    def _now_seen(self, planned: Planned) -> bool:
        """Whether a column has values that had none when the plan was made."""
        outcome = self.served.model.outcome if self.news.journal.outcomes.exists else None
        return any(name in self.served.types or name == outcome for name in planned.unseen)

    def _sample(self) -> sources.Sample:
        """Rows that a plan is made of: of the reference where that is a file, else of windows over all the time."""
        rule, model = self.news.given.parsed_reference, self.served.model
        if rule is not None and rule.kind == "path":
            path = located(str(rule.path), self.folder)
            return sources.sample(sources.open_rows(str(path), model, "reference", optional=True))
        every = self.news.everything
        step = max(1, self.news.rows // ROWS)
        return sources.sample(self._opened(every.only(np.arange(len(every)) % step == 0), None))

    def _computed(self, planned: Planned, touched: Spans) -> Planned:
        plan = planned.plan
        cells = len(plan.columns) * (1 + sum(len(s.values) for s in plan.segmentations))
        for part in touched.parts(max(1, CELLS // max(cells, 1))):
            planned = self._stored(planned, part)
        return planned

    def _stored(self, planned: Planned, touched: Spans) -> Planned:
        """The profiles of these windows, kept; and the plan, with cells for segment values that are new in them."""
        profile = self._profile(planned, touched)
        if has_other(planned.plan, profile):
            fresh = plan_of(self.served.model, sources.sample(self._opened(touched, None)).table)
            planned = replace(planned, plan=grown(planned.plan, fresh))
            self.news.state.set_plan(self.news.given.name, planned.number, planned.text)
            profile = self._profile(planned, touched)
        Store(self.news.journal, planned.plan, planned.number).put(profile, self.number)
        self.aside += profile.aside
        return planned

    def _profile(self, planned: Planned, touched: Spans) -> Profile:
        rows = self._opened(touched, planned)
        stage = f"computing {self.news.given.name}"
        rows.on_rows = lambda done: self.progress(stage, done, None)
        return profile_of(rows, planned.plan, self.news.now)

    def _opened(self, touched: Spans, planned: Planned | None) -> sources.SourceRows:
        """The rows of these windows; a column that holds values of another type there is read as text."""
        odd = tuple(self.served.misfits(touched.pairs))
        reader = self.served
        if odd:
            reader = served(self.news.journal, self.news.given, odd=odd, known=self.news.traits)
        relation = reader.rows(touched.pairs, self.news.now)
        kinds = self.served.kinds if planned is None else planned.plan.kinds
        return sources.open_rows(relation, self.served.model, "journal", kinds=kinds, optional=True)
