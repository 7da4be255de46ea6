"""Status: how things stand with one model."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchkeeper.state import Acknowledgement, Count, Run

__all__ = ["Ages", "Status", "Waiting"]


@dataclass(frozen=True)
class Ages:
    """Of the predictions of some age, how many have an outcome.

    Attributes
    ----------
    age : in words, "up to a day"
    """

    age: str
    predictions: int
    known: int

    @property
    def share(self) -> float | None:
        return self.known / self.predictions if self.predictions else None


@dataclass(frozen=True)
class Waiting:
    """What loggers wrote and nobody has moved yet.

    Attributes
    ----------
    size : bytes
    oldest : when the oldest segment was written last, µs since 1970 UTC
    """

    segments: int = 0
    size: int = 0
    oldest: int | None = None

    def __add__(self, other: Waiting) -> Waiting:
        known = [at for at in (self.oldest, other.oldest) if at is not None]
        return Waiting(self.segments + other.segments, self.size + other.size, min(known, default=None))


@dataclass(frozen=True)
class Status:
    """How things stand with one model.

    Attributes
    ----------
    model : its name; "" of what no model is known of, such as a segment that cannot be read
    last : when it predicted last, µs since 1970 UTC
    rate : predictions per hour over the last 24
    rows : predictions in the journal
    outcomes : in the journal
    truth : how much of it has come, by the age of the predictions
    late, very_late : µs until half of the truth, and 95 % of it, had come
    waiting : in the write-ahead log
    new : predictions and outcomes in the journal that no run has folded in
    counts : what could not be used, and why
    run : the last one that folded something in
    forgotten : how often somebody was forgotten
    disk : table → bytes
    acknowledged : the last change that is taken for normal
    """

    model: str
    last: int | None = None
    rate: float = 0.0
    rows: int = 0
    outcomes: int = 0
    truth: tuple[Ages, ...] = ()
    late: int | None = None
    very_late: int | None = None
    waiting: Waiting = Waiting()
    new: int = 0
    counts: tuple[Count, ...] = ()
    run: Run | None = None
    forgotten: int = 0
    disk: dict[str, int] = field(default_factory=dict)
    acknowledged: Acknowledgement | None = None

    @property
    def share(self) -> float | None:
        """Of all predictions, how many have an outcome."""
        total = sum(ages.predictions for ages in self.truth)
        return sum(ages.known for ages in self.truth) / total if total else None
