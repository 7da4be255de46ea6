"""Cases: windows in groups of one reference each, measured once, judged by whichever rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.judging import Case, Reading
from watchkeeper.checking.reasons import why_of
from watchkeeper.explaining import Why
from watchkeeper.model import Model
from watchkeeper.profiles import Profile
from watchkeeper.result import Result
from watchkeeper.running.touched import Spans
from watchkeeper.verdicts import Windows, joined

__all__ = ["Cases"]


@dataclass(frozen=True)
class Cases:
    """What there is to judge of one model.

    Attributes
    ----------
    model : its rules as they are now
    windows : all that are judged
    parts : where among these a group's windows lie, and the group
    notes : what is said of all of them
    whole : of all windows, where there are several groups: with what all rows are compared with everywhere, or since
        the change that was acknowledged last
    since : position of the first window since that change
    acknowledged : what is said of it; "" where there is none
    """

    model: Model
    windows: Spans
    parts: tuple[tuple[NDArray[np.intp], Case], ...]
    notes: tuple[str, ...]
    whole: Reading | None = None
    since: int = 0
    acknowledged: str = ""

    def result(self, model: Model | None = None) -> Result:
        """One result of all windows, by the rules as they are, or by others."""
        rules = model or self.model
        found = [(where, case.conclude(rules)) for where, case in self.parts]
        if len(found) == 1 and not self.since:
            only = found[0][1]
            return replace(only, notes=(*self.notes, *only.notes), acknowledged=self.acknowledged)
        spans = Windows.of((self.windows.starts, self.windows.ends), rules)
        judgements = joined([(result.judgements, where) for where, result in found], len(self.windows))
        judgements = [j if j.rule == "band" else replace(j, since=self.since) for j in judgements]
        told = tuple(dict.fromkeys(note for _, result in found for note in result.notes))
        result = Result.build(rules, judgements, spans, (*self.notes, *told), *self._profiles(found[0][1]))
        return replace(result, acknowledged=self.acknowledged, why=self._why(result, found[0][1]))

    def _why(self, result: Result, first: Result) -> tuple[Why, ...]:
        """Nothing where windows are compared with different references."""
        if len(self.parts) == 1:
            return first.why
        return () if self.whole is None or self.since else why_of(result, self.whole.explainer)

    def _profiles(self, first: Result) -> tuple[Profile | None, Profile | None]:
        """(current, reference) of the pictures."""
        if len(self.parts) == 1:
            return first.current, first.reference
        return (None, None) if self.whole is None else (self.whole.current, self.whole.reference)
