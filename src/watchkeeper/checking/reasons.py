"""Reasons: which alarms are explained, over which windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from watchkeeper.explaining import Explainer, Why
from watchkeeper.result import Result
from watchkeeper.verdicts import Finding, Judgement

__all__ = ["why_of"]

MOST = 6  # metrics that are explained, the worst


def why_of(result: Result, explainer: Callable[[NDArray[np.intp]], Explainer | None]) -> tuple[Why, ...]:
    """Why performance over all rows is worse, of each metric that alarms.

    Parameters
    ----------
    explainer : of some windows; asked for only where something is to be explained, because it has to be fitted
    """
    fallen = [
        f for f in result.findings if f.family == "performance" and f.segment_by is None and f.column is None
    ]
    if not fallen:
        return ()
    periods = {f.metric: _period(f, result.judgements[f.position]) for f in fallen[:MOST]}
    given = explainer(np.unique(np.concatenate(list(periods.values()))))
    if given is None:
        return ()
    reasons = (given.explain(metric, windows) for metric, windows in periods.items())
    return tuple(why for why in reasons if why is not None)


def _period(finding: Finding, judgement: Judgement) -> NDArray[np.intp]:
    """The unbroken run of alarms around the worst window."""
    quiet = np.flatnonzero((judgement.verdict == "ok") | (judgement.verdict == "unclear"))
    after = int(np.searchsorted(quiet, finding.worst_window))
    first = int(quiet[after - 1]) + 1 if after else 0
    last = int(quiet[after]) if after < len(quiet) else len(judgement.verdict)
    alarms = np.flatnonzero(judgement.verdict == "alarm")
    return alarms[(alarms >= first) & (alarms < last)]
