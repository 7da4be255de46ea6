"""Step: one model brought up to date."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.result import Result

__all__ = ["Step"]


@dataclass(frozen=True)
class Step:
    """What a run did for one model.

    Attributes
    ----------
    computed : windows computed from their rows
    judged : windows judged
    waiting : new outcomes that no prediction is known for
    changes : what changed in the configuration, or was acknowledged, and what that cost, one sentence each
    result : of the judged windows; None where none was. Of single columns in segments it holds what may have a
        verdict; ``wk.history`` measures everything
    """

    model: str
    computed: int = 0
    judged: int = 0
    waiting: int = 0
    changes: tuple[str, ...] = ()
    result: Result | None = None

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.computed or self.judged or self.changes)
