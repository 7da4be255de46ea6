"""Counted: what new batches hold that contradicts what was there, once, however often a run is begun."""

from __future__ import annotations

from watchkeeper.journal import Journal, conflicts
from watchkeeper.state import State

__all__ = ["count_conflicts"]

COUNTED = (
    "conflicts_upto"  # the fact that tells up to which batch they are counted: a run may have ended early
)
REASON = "predictions whose id and timestamp were there with other values; the first one counts"


def count_conflicts(state: State, journal: Journal, done: int, upto: int) -> int:
    """Count the conflicts of batches after ``done`` up to ``upto`` that are not counted yet; gives how many."""
    known = state.fact(journal.model, COUNTED)
    done = max(done, known) if isinstance(known, int) else done
    if done >= upto:
        return 0
    count, examples = conflicts(journal, done, upto)
    if count:
        state.count(journal.model, "conflict", REASON, count, ", ".join(examples))
    state.set_fact(journal.model, COUNTED, upto)
    return count
