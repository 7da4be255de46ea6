"""Cases: windows in groups of one reference each, measured once, judged by whichever rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.judging import Case, Reading
from watchkeeper.checking.reasons import why_of
from watchkeeper.model import Model
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
    whole : of all windows, where there are several groups and all rows are compared with the same everywhere
    """

    model: Model
    windows: Spans
    parts: tuple[tuple[NDArray[np.intp], Case], ...]
    notes: tuple[str, ...]
    whole: Reading | None = None

    def result(self, model: Model | None = None) -> Result:
        """One result of all windows, by the rules as they are, or by others."""
        rules = model or self.model
        found = [(where, case.conclude(rules)) for where, case in self.parts]
        if len(found) == 1:
            return replace(found[0][1], notes=(*self.notes, *found[0][1].notes))
        spans = Windows.of((self.windows.starts, self.windows.ends), rules)
        judgements = joined([(result.judgements, where) for where, result in found], len(self.windows))
        told = tuple(dict.fromkeys(note for _, result in found for note in result.notes))
        profiles = (None, None) if self.whole is None else (self.whole.current, self.whole.reference)
        joint = Result.build(rules, judgements, spans, (*self.notes, *told), *profiles)
        return joint if self.whole is None else replace(joint, why=why_of(joint, self.whole.explainer))
