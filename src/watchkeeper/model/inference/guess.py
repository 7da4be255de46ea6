"""Guess: what has been found so far; Inference: the whole of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchkeeper.model.inference.fact import Fact
from watchkeeper.model.model import Model

__all__ = ["Guess", "Inference"]


@dataclass(frozen=True)
class Inference:
    """A model that was guessed, and why.

    Attributes
    ----------
    reasons : key → why it has its value; ``metrics`` → which numbers fit the task
    suggestions : key → a value that a person may want to set
    excluded : column → why it is not among the features
    warnings : what looks wrong, one sentence each
    """

    model: Model
    reasons: dict[str, str]
    suggestions: dict[str, object] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    source: str = ""

    def to_yaml(self) -> str:
        """The commented file that ``watchkeeper init`` writes: every guess below its reason."""
        from watchkeeper.model.inference.commented import commented

        return commented(self)


@dataclass
class Guess:
    """A model in the making: each step sets keys with their reasons, and takes columns."""

    facts: dict[str, Fact]
    keys: dict[str, object] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    suggestions: dict[str, object] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def set(self, key: str, value: object, reason: str) -> None:
        self.keys[key] = value
        self.reasons[key] = reason

    def take(self, key: str, fact: Fact, reason: str) -> None:
        """Give a column a role."""
        self.set(key, fact.name, reason)
        self.taken.add(fact.name)

    def suggest(self, key: str, value: object, reason: str) -> None:
        self.suggestions[key] = value
        self.reasons[key] = reason

    @property
    def free(self) -> list[Fact]:
        """The columns without a role."""
        return [f for f in self.facts.values() if f.name not in self.taken and f.name not in self.excluded]

    def fact(self, key: str) -> Fact | None:
        """The column that has a role."""
        name = self.keys.get(key)
        return self.facts.get(name) if isinstance(name, str) else None
