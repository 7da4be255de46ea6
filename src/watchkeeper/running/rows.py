"""Rows: those of some windows, from the journal, as a source or as a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper import sources
from watchkeeper.checking.sampled import Sampled
from watchkeeper.estimation import WINDOW_ROWS, Sample, can_estimate, sample_of
from watchkeeper.journal import Served, served
from watchkeeper.profiles import Plan, Profile
from watchkeeper.running.news import News
from watchkeeper.running.reference_files import located
from watchkeeper.running.touched import Spans, spans_of

__all__ = ["JournalRows"]

LEARNED_ROWS = 20_000  # of the reference, that teach how features hang together
SPARE = 2  # times the rows that are wanted are read: a hash divides them unevenly


@dataclass(frozen=True)
class JournalRows:
    """The rows of one model.

    Attributes
    ----------
    folder : of the workspace, in which a reference's path is looked for
    """

    news: News
    served: Served
    folder: Path

    def opened(
        self,
        windows: Spans,
        kinds: Mapping[str, Literal["number", "category"]] | None = None,
        part: int = 1,
    ) -> sources.SourceRows:
        """The rows of these windows; a column that holds values of another type there is read as text.

        Parameters
        ----------
        kinds : what each column is; None: what the journal says
        part : one row in so many, chosen by a hash of its id
        """
        odd = tuple(self.served.misfits(windows.pairs))
        reader = self.served
        if odd:
            reader = served(self.news.journal, self.news.given, odd=odd, known=self.news.traits)
        relation = reader.rows(windows.pairs, self.news.now, part)
        known = self.served.kinds if kinds is None else dict(kinds)
        return sources.open_rows(relation, self.served.model, "journal", kinds=known, optional=True)

    def sampled(
        self,
        plan: Plan,
        reference: Profile | None,
        current: Profile,
        young: NDArray[np.int64],
        *,
        from_file: bool,
    ) -> Sampled | None:
        """Rows of both sides, read where they are asked for.

        Parameters
        ----------
        young : starts of the windows whose truth is still coming
        from_file : whether the reference is the model's file; else it is windows of the journal
        """
        if reference is None or not can_estimate(plan):
            return None
        return _Read(self, plan, reference, current, young, from_file)

    def sample(self, profile: Profile, plan: Plan, most: int, *, whole: bool = False) -> Sample | None:
        """Of the windows of a profile, ``most`` rows of each, or of the ``whole``."""
        counts = profile.everything.rows[:, 0]
        some = profile.windows[counts > 0]
        if not len(some):
            return None
        rows = counts.sum() if whole else counts.max()
        part = max(1, int(rows) // (SPARE * most))
        opened = self.opened(spans_of(some, plan.model), plan.kinds, part)
        return sample_of(opened, plan, most, whole=whole, now=self.news.now)


@dataclass(frozen=True)
class _Read:
    rows: JournalRows
    plan: Plan
    reference: Profile
    current: Profile
    young: NDArray[np.int64]
    from_file: bool

    def learned(self) -> Sample | None:
        return self._learned

    @cached_property
    def _learned(self) -> Sample | None:
        rule = self.plan.model.parsed_reference
        if rule is None or not self.from_file:
            return self.rows.sample(self.reference, self.plan, LEARNED_ROWS, whole=True)
        path = str(located(str(rule.path), self.rows.folder))
        opened = sources.open_rows(path, self.plan.model, "reference", kinds=self.plan.kinds, optional=True)
        return sample_of(opened, self.plan, LEARNED_ROWS, whole=True, now=self.rows.news.now)

    def estimated(self) -> Sample | None:
        return self._of(self.young) if len(self.young) else None

    def explained(self, starts: NDArray[np.int64]) -> Sample | None:
        return self._of(starts)

    def _of(self, starts: NDArray[np.int64]) -> Sample | None:
        windows = self.current.take(np.flatnonzero(np.isin(self.current.windows, starts)))
        return self.rows.sample(windows, self.plan, WINDOW_ROWS)
