"""Why: a fall in performance, taken apart."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cause", "Portion", "Why"]


@dataclass(frozen=True)
class Portion:
    """A part of the rows, and what it has of a cause's effect.

    Attributes
    ----------
    by : the feature or segmentation
    value : which of its values: "missing", "EV", "12 to 30"; "" for a feature that moved as a whole
    rows : share of the rows, NaN for a feature as a whole
    loss : share of the loss; of a feature that moved, what its own move alone explains; NaN where it is not known
    importance : how much the model leans on the feature (shares of all features sum to 1); NaN for segments
    """

    by: str
    value: str
    rows: float
    loss: float
    importance: float = float("nan")


@dataclass(frozen=True)
class Cause:
    """One cause and its part of the difference.

    Attributes
    ----------
    name : "broken rows", "input shift", "concept change" or "label coverage"
    effect : what it changes the metric by, in the metric's own unit; the four add up
    low, high : 95 % interval of ``effect``
    share : of everything that made performance worse, 0 to 1; 0 for what made it better
    named : whether it is a reason: beyond chance, and worth telling
    portions : where it sits, the greatest first
    """

    name: str
    effect: float
    low: float
    high: float
    share: float
    named: bool
    portions: tuple[Portion, ...] = ()


@dataclass(frozen=True)
class Why:
    """Why a metric is worse than in the reference.

    Attributes
    ----------
    metric : its name in the registry
    first_window, last_window : positions of the windows that are explained
    reference, value : the metric in the reference's sampled rows, and in those of these windows
    causes : the four, the worst first; without any where inputs and outcomes cannot be told apart
    segments : where the loss sits, by the model's segments
    sentence : all of it in words
    rows : sampled rows with an outcome that it rests on
    """

    metric: str
    first_window: int
    last_window: int
    reference: float
    value: float
    causes: tuple[Cause, ...]
    segments: tuple[Portion, ...]
    sentence: str
    rows: int

    @property
    def named(self) -> tuple[Cause, ...]:
        """The causes that are reasons."""
        return tuple(cause for cause in self.causes if cause.named)
