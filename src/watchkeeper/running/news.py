"""News: what a model's journal has that the last run did not know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.journal import Journal, Resolved, Traits, resolve, times, traits
from watchkeeper.model import Model
from watchkeeper.running.changes import Change, changes
from watchkeeper.running.eras import holding
from watchkeeper.running.maturity import Delays, Maturity
from watchkeeper.running.touched import Spans, spans_of
from watchkeeper.state import Acknowledgement, State

__all__ = ["AHEAD", "News"]

Ints = NDArray[np.int64]
AHEAD = 5 * 60_000_000  # µs by which a clock may be wrong: rows beyond it wait until their time has come
NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass
class News:
    """What is new of one model.

    Attributes
    ----------
    given : the model as the user wrote it
    upto : the last batch that the mover brought in
    now : µs since 1970 UTC
    """

    given: Model
    journal: Journal
    state: State
    upto: int
    now: int

    @cached_property
    def done(self) -> int:
        """The last batch that a run folded in."""
        return self.state.progress(self.given.name)

    @cached_property
    def before(self) -> dict[str, int]:
        """Moments of the last run: "now", and up to when windows were "closed" and "mature"."""
        found = self.state.fact(self.given.name, "moments")
        return {str(k): int(v) for k, v in found.items()} if isinstance(found, dict) else {}

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What differs in the configuration."""
        return changes(self.state.configuration(self.given.name), self.given)

    @cached_property
    def traits(self) -> Traits:
        """Of all predictions: what the last run knew, and what came since."""
        stored = self.state.fact(self.given.name, "traits")
        known = Traits(*stored) if isinstance(stored, list) else None
        return traits(self.journal) if known is None else known | traits(self.journal, after=self.done)

    @cached_property
    def resolved(self) -> Resolved:
        """New truth, found its predictions."""
        return resolve(self.journal, self.done, self.upto, self._within)

    @cached_property
    def delays(self) -> Delays:
        """How late truth came so far; batches that an unfinished run has counted are not counted again."""
        stored = self.state.fact(self.given.name, "delays")
        if not isinstance(stored, dict):
            return Delays({}).plus(self.resolved.delays)
        known = Delays.of(stored["counts"])
        return known if stored["upto"] >= self.upto else known.plus(self.resolved.delays)

    @cached_property
    def acknowledged(self) -> tuple[Acknowledgement, ...]:
        """Every acknowledgement of the model, as it is when the run begins."""
        return tuple(self.state.acknowledgements(self.given.name))

    @cached_property
    def compared_anew(self) -> int | None:
        """From where on windows are compared with something else, since something was acknowledged or undone; None for
        nowhere; µs since 1970 UTC."""
        stored = self.state.fact(self.given.name, "epochs")
        before = {tuple(epoch) for epoch in stored} if isinstance(stored, list) else set()
        return min((begin for _, begin in before ^ self._epochs), default=None)

    @property
    def _epochs(self) -> set[tuple[int, int]]:
        """(number, begin) of each that holds."""
        return {(a.number, a.begin) for a in holding(self.acknowledged, self.given)}

    @property
    def maturity_before(self) -> Maturity | None:
        """That of the last run; None where everything is to be judged again."""
        before = self.before
        return Maturity(before["closed"], before["mature"]) if before and not self.changes else None

    @cached_property
    def fresh(self) -> Ints:
        """(n,) µs since 1970 UTC of the predictions that are new, or whose truth is."""
        parts = [
            times(self.journal, self.done, self.upto),
            self.resolved.timestamps,
            self._come(),
            self._due(),
        ]
        every = np.concatenate(parts)
        return every[every <= self.now + AHEAD]

    @cached_property
    def everything(self) -> Spans:
        """All windows that have predictions."""
        return spans_of(self._between(-(2**62), self.now + AHEAD), self.given)

    @cached_property
    def rows(self) -> int:
        """Predictions in the journal."""
        self.journal.view("every_prediction", self.journal.predictions)
        found = self.journal.row("SELECT count(*) FROM every_prediction")
        return 0 if found is None else int(found[0])

    def remember(self, maturity: Maturity, configuration: str) -> None:
        """What the next run begins with; the batches count as done when the run is finished."""
        name = self.given.name
        stored = self.state.fact(name, "delays")
        if not isinstance(stored, dict) or stored["upto"] < self.upto:
            self.state.set_fact(name, "delays", {"upto": self.upto, "counts": self.delays.stored})
        self.state.set_fact(name, "traits", [self.traits.versioned, self.traits.weighted])
        moments = {"now": self.now, "closed": maturity.closed, "mature": maturity.mature}
        self.state.set_fact(name, "moments", moments)
        self.state.set_fact(name, "epochs", sorted(self._epochs) or None)
        self.state.set_configuration(name, configuration)

    @property
    def _within(self) -> int | None:
        return None if self.given.parsed_truth is None else self.given.parsed_truth.within_us

    def _come(self) -> Ints:
        """Of rows that lay ahead of the clock at the last run."""
        before = self.before.get("now")
        return NONE if before is None else self._between(before + AHEAD, self.now + AHEAD)

    def _due(self) -> Ints:
        """Of rows whose outcome is taken to be absent from now on."""
        truth, before, within = self.given.parsed_truth, self.before.get("now"), self._within
        if truth is None or truth.absent is None or before is None or within is None:
            return NONE
        return self._between(before - within, self.now - within)

    def _between(self, after: int, upto: int) -> Ints:
        table = self.journal.predictions
        if not self.journal.view("between", table, table.files(after, upto + 1)):
            return NONE
        sql = "SELECT epoch_us(timestamp) AS us FROM between WHERE us > $after AND us <= $upto"
        found: Ints = self.journal.rows(sql, {"after": after, "upto": upto})["us"].to_numpy()
        return found
