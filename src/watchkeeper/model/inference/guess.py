"""Guess: what has been found so far; Inference: the whole of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath

from watchkeeper.errors import ColumnError
from watchkeeper.model.inference.fact import Fact
from watchkeeper.model.model import Model
from watchkeeper.model.nearest import did_you_mean

__all__ = ["Guess", "Inference"]

ROLES = ("timestamp", "id", "version", "weight", "subject", "prediction", "score", "outcome")
LISTED = 12  # columns named in one message


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

    @property
    def summary(self) -> str:
        """What was guessed, in half a sentence: ``binary, score p from 0.5 on, outcome y, no timestamp``."""
        model = self.model
        score = model.score if isinstance(model.score, str) else ", ".join(model.score_columns.values())
        cut = "" if model.threshold is None else f" from {model.threshold:g} on"
        positive = "" if model.positive is None else f" (looking for {model.positive})"
        parts = (
            model.task or "no task (data quality and drift alone)",
            model.prediction and f"prediction {model.prediction}",
            score and f"score {score}{cut}",
            model.outcome and f"outcome {model.outcome}{positive}",
            f"timestamp {model.timestamp}, window {model.window}" if model.timestamp else "no timestamp",
        )
        return ", ".join(p for p in parts if p)

    def to_yaml(self, path: str | PathLike[str] | None = None) -> str:
        """The commented file that ``watchkeeper init`` writes: every guess below its reason.

        Parameters
        ----------
        path : where it will be, as the example in its head says; default ``models/<name>.yaml``
        """
        from watchkeeper.model.inference.commented import commented

        return commented(self, fspath(path or f"models/{self.model.name}.yaml"))


@dataclass
class Guess:
    """A model in the making: each step sets keys with their reasons, and takes columns.

    ``given`` are keys that a person has set: no step changes them, and the others build on them. ``inputs`` are columns
    that are known to be features, whatever they are called.
    """

    facts: dict[str, Fact]
    given: dict[str, object] = field(default_factory=dict)
    inputs: frozenset[str] = frozenset()
    keys: dict[str, object] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    suggestions: dict[str, object] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for role in ROLES:
            fact = self.fixed(role)
            self.taken.update([fact.name] if fact else [])
        scores = self.given.get("score")
        if isinstance(scores, Mapping):
            self.taken.update(str(column) for column in scores.values())

    def fixed(self, role: str) -> Fact | None:
        """The column that a person gave a role."""
        name = self.given.get(role)
        if not isinstance(name, str) or name in self.facts:
            return self.facts[name] if isinstance(name, str) else None
        names = list(self.facts)
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        hint = did_you_mean(name, names) or f"; there are {', '.join(names[:LISTED])}{more}"
        raise ColumnError(f"{role}: there is no column {name!r}{hint}")

    def set(self, key: str, value: object, reason: str) -> None:
        self.keys[key] = self.given.get(key, value)
        self.reasons[key] = "given" if key in self.given else reason

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

    @property
    def candidates(self) -> list[Fact]:
        """Those of them that may have one."""
        return [f for f in self.free if f.name not in self.inputs]

    def fact(self, key: str) -> Fact | None:
        """The column that has a role."""
        name = self.keys.get(key)
        return self.facts.get(name) if isinstance(name, str) else None
