"""Computing: profiles of the windows that something new fell into, each from its rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from watchkeeper import sources
from watchkeeper.checking.judging import Progress
from watchkeeper.errors import ModelError
from watchkeeper.journal import Served, Store
from watchkeeper.journal.features import feature_counts, feature_times, feature_values
from watchkeeper.profiles import Profile, plan_of, profile_of
from watchkeeper.rows import Aside
from watchkeeper.running.news import AHEAD, News
from watchkeeper.running.planned import ENOUGH, Planned, grown, has_other, scarce, unseen
from watchkeeper.running.reference_files import located
from watchkeeper.running.rows import JournalRows
from watchkeeper.running.touched import NOWHERE, Spans, spans_of
from watchkeeper.sources.layout import RESERVED
from watchkeeper.sources.sampling import SAMPLE_ROWS

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
    appeared : features that are watched since this run
    aside : what could not be used of the rows that were read
    """

    news: News
    served: Served
    number: int
    folder: Path
    progress: Progress
    anew: bool = field(default=False, init=False)
    appeared: tuple[str, ...] = field(default=(), init=False)
    aside: Aside = field(default_factory=Aside, init=False)

    def run(self) -> tuple[Planned, Spans]:
        """The plan, and the windows that were computed under it."""
        planned, grown = self._grown(self._planned())
        if self.anew or not len(Store(self.news.journal, planned.plan, planned.number).windows()):
            touched = (
                self.news.everything
            )  # none are there where a run was killed before it had computed them
        else:
            touched = spans_of(self.news.fresh, self.news.given).with_(grown)
        return self._computed(planned, touched) if len(touched) else planned, touched

    def _grown(self, planned: Planned) -> tuple[Planned, Spans]:
        """With the features that came since, and the windows that have values of these."""
        counts = feature_counts(self.news.journal, self._young(planned), self._until)
        names = planned.due(counts)
        if not names:
            return planned, NOWHERE
        known = {c.name for c in planned.plan.columns}
        self.appeared = tuple(n for n in names if n not in known)
        journal, until = self.news.journal, self._until
        values = {name: feature_values(journal, name, until, SAMPLE_ROWS) for name in names}
        planned = planned.with_features(values, counts, len(self.news.everything))
        self.news.state.set_plan(self.news.given.name, planned.number, planned.text)
        return planned, spans_of(feature_times(journal, names, until), self.news.given)

    def _young(self, planned: Planned) -> list[str]:
        """Features that the plan lacks, or knows from few values."""
        wanted = self.served.model.features
        settled = {c.name for c in planned.plan.columns} - {*planned.unseen, *planned.young, *planned.pending}
        apart = {*self.served.model.roles, *settled}
        names = [n for n in self.served.types if n not in apart and not n.startswith(RESERVED)]
        return [n for n in names if wanted is None or n in wanted]

    @property
    def _until(self) -> int:
        return self.news.now + AHEAD

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
        # a file is all that there will be of the reference: nothing is gained by planning it anew when rows come
        rows = max(sample.rows, ENOUGH) if self._file is not None else sample.rows
        few = [n for n in scarce(plan, sample.table) if n in self.served.types]
        counts = feature_counts(self.news.journal, few if sample.rows >= ENOUGH else [], self._until)
        young = {name: count for name, count in counts.items() if 0 < count < ENOUGH}
        return Planned.add(self.news.state, plan, rows, unseen(plan, sample.table), young, above)

    @property
    def _file(self) -> Path | None:
        """The file that is the model's reference, where it is one."""
        rule = self.news.given.parsed_reference
        return located(str(rule.path), self.folder) if rule is not None and rule.kind == "path" else None

    def _serves(self, planned: Planned) -> bool:
        old, new = planned.plan.model, self.served.model
        same = all(getattr(old, key) == getattr(new, key) for key in ROLES)
        costly = any(change.cost != "judge" for change in self.news.changes)
        settled = planned.rows >= ENOUGH or planned.settled(self.news.rows)
        return same and settled and not costly and not self._now_seen(planned)

    def _now_seen(self, planned: Planned) -> bool:
        """Whether outcomes have come that there were none of when the plan was made."""
        return self.news.journal.outcomes.exists and self.served.model.outcome in planned.unseen

    def _sample(self) -> sources.Sample:
        """Rows that a plan is made of: of the reference where that is a file, else of windows over all the time."""
        if self._file is not None:
            model = self.served.model
            return sources.sample(sources.open_rows(str(self._file), model, "reference", optional=True))
        every = self.news.everything
        step = max(1, self.news.rows // ROWS)
        return sources.sample(self._rows.opened(every.only(np.arange(len(every)) % step == 0)))

    def _computed(self, planned: Planned, touched: Spans) -> Planned:
        plan = planned.plan
        cells = len(plan.columns) * (1 + sum(len(s.values) for s in plan.segmentations))
        for part in touched.parts(max(1, CELLS // max(cells, 1))):
            planned = self._stored(planned, part)
        if planned.pending:
            planned = replace(planned, pending=())
            self.news.state.set_plan(self.news.given.name, planned.number, planned.text)
        return planned

    def _stored(self, planned: Planned, touched: Spans) -> Planned:
        """The profiles of these windows, kept; and the plan, with cells for segment values that are new in them."""
        profile = self._profile(planned, touched)
        if has_other(planned.plan, profile):
            fresh = plan_of(self.served.model, sources.sample(self._rows.opened(touched)).table)
            planned = replace(planned, plan=grown(planned.plan, fresh))
            self.news.state.set_plan(self.news.given.name, planned.number, planned.text)
            profile = self._profile(planned, touched)
        Store(self.news.journal, planned.plan, planned.number).put(profile, self.number)
        self.aside += profile.aside
        return planned

    def _profile(self, planned: Planned, touched: Spans) -> Profile:
        rows = self._rows.opened(touched, planned.plan.kinds)
        stage = f"computing {self.news.given.name}"
        rows.on_rows = lambda done: self.progress(stage, done, None)
        return profile_of(rows, planned.plan, self.news.now)

    @property
    def _rows(self) -> JournalRows:
        return JournalRows(self.news, self.served, self.folder)
