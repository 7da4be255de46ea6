"""Replay: what one set of rules would have told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from watchkeeper.backtesting.told import Change, Told
from watchkeeper.backtesting.variant import Variant

__all__ = ["Replay"]

ORDER: tuple[tuple[Change, str], ...] = (
    ("earlier", "earlier"),
    ("later", "later"),
    ("only here", "only here"),
    ("not here", "not told"),
)


@dataclass(frozen=True)
class Replay:
    """What one set of rules would have told.

    Attributes
    ----------
    variant : what differs from the current rules; nothing of these themselves
    alpha : by which it was judged
    bands : metric → band, all that judged
    told : in the order in which it would have come
    missed : what the current rules tell and these never do
    """

    variant: Variant
    alpha: float
    bands: dict[str, str]
    told: tuple[Told, ...]
    missed: tuple[Told, ...] = ()

    @property
    def name(self) -> str:
        return self.variant.name

    @property
    def incidents(self) -> int:
        """How often something new would have been told: unbroken runs of alarms, of all that is told."""
        return sum(told.times for told in self.told)

    @property
    def differences(self) -> dict[Change, int]:
        """How many things come at the same time as by the current rules, earlier, later, only here, or not here."""
        found = Counter(told.change for told in (*self.told, *self.missed))
        return {change: found[change] for change in ("same", *(c for c, _ in ORDER))}

    @property
    def sentence(self) -> str:
        """How much it would have told, and what differs: "2 things in 3 incidents, first 3 June 2013; 1 later."."""
        if self.variant == Variant():
            return f"{self._count}."
        found = self.differences
        parts = [f"{found[change]:,} {word}" for change, word in ORDER if found[change]]
        return f"{self._count}; {', '.join(parts) or 'the same at the same time'}."

    @property
    def _count(self) -> str:
        if not self.told:
            return "nothing"
        things = f"{len(self.told):,} thing{'s' * (len(self.told) != 1)}"
        often = f"{self.incidents:,} incident{'s' * (self.incidents != 1)}"
        return f"{things} in {often}, first {self.told[0].first}"
