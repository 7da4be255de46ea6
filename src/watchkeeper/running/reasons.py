"""Reasons: why performance fell in a workspace, from rows that are read again, only where something alarms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from watchkeeper import sources
from watchkeeper.checking.reasons import why_of
from watchkeeper.estimation import (
    REFERENCE_ROWS,
    WINDOW_ROWS,
    Estimator,
    Sample,
    can_estimate,
    sample_of,
)
from watchkeeper.explaining import Explainer, Why
from watchkeeper.profiles import Plan, Profile
from watchkeeper.result import Result
from watchkeeper.running.reference_files import located
from watchkeeper.running.rows import JournalRows
from watchkeeper.running.touched import spans_of

__all__ = ["Reasons"]

LEARNED_ROWS = 20_000  # that teach how features hang together
READ_ROWS = 400_000  # about so many of the reference, and of the windows, are read for them


@dataclass(frozen=True)
class Reasons:
    """Explains the alarms of one run."""

    rows: JournalRows
    plan: Plan
    folder: Path

    def why(self, result: Result) -> tuple[Why, ...]:
        """Why performance over all rows is worse; nothing where windows have different references."""
        if result.current is None or result.reference is None or not can_estimate(self.plan):
            return ()
        return why_of(result, lambda windows: self._explainer(result, windows))

    def _explainer(self, result: Result, windows: NDArray[np.intp]) -> Explainer | None:
        current, reference = result.current, result.reference
        assert current is not None
        assert reference is not None
        learned = self._of_reference(reference)
        samples = self._sample(current.take(windows), WINDOW_ROWS)
        if learned is None or samples is None:
            return None
        estimator = Estimator.fit(reference, learned.least(LEARNED_ROWS))
        if estimator is None:
            return None
        return Explainer(estimator, learned.least(LEARNED_ROWS), samples, current, reference)

    def _of_reference(self, reference: Profile) -> Sample | None:
        model = self.plan.model
        rule = model.parsed_reference
        if rule is not None and rule.kind == "path":
            path = str(located(str(rule.path), self.folder))
            opened = sources.open_rows(path, model, "reference", kinds=self.plan.kinds, optional=True)
            return sample_of(opened, self.plan, REFERENCE_ROWS, whole=True, now=self.rows.news.now)
        return self._sample(reference, REFERENCE_ROWS, whole=True)

    def _sample(self, profile: Profile, most: int, *, whole: bool = False) -> Sample | None:
        """Of windows from the first to the last, evenly, as many as there is time to read."""
        counts = profile.everything.rows[:, 0]
        step = max(1, -(-int(counts.sum()) // READ_ROWS))
        some = spans_of(profile.windows[counts > 0][::step], self.plan.model)
        opened = self.rows.opened(some, self.plan.kinds)
        return sample_of(opened, self.plan, most, whole=whole, now=self.rows.news.now)
