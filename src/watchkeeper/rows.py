"""Rows: a stream of Arrow record batches with a known schema; where they lie is no longer visible."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Protocol, Self, TypeVar

import pyarrow as pa

__all__ = ["OUTCOME_DELAY", "RESERVED", "Aside", "Chunk", "Rows", "Summable", "settled", "sum_in_order"]

BATCH_ROWS = 131_072  # a column of a batch (1 MB) stays in a core's second-level cache
RESERVED = ("where:", "kpi:", "misfit:", "delay:")  # of columns that are not the user's
OUTCOME_DELAY = (
    "delay:outcome"  # seconds from a prediction until its outcome became known; a journal's rows have it
)


@dataclass(frozen=True)
class Aside:
    """Rows or values that could not be used, counted by reason, with an example of each."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def __add__(self, other: Aside) -> Aside:
        counts = dict(self.counts)
        for reason, count in other.counts.items():
            counts[reason] = counts.get(reason, 0) + count
        return Aside(counts, {**other.examples, **self.examples})


@dataclass(frozen=True)
class Chunk:
    """One prepared batch: columns in the types that profiles expect.

    ``batch`` holds numbers as float64 (null: missing), categories as dictionary<int32, string>, the timestamp
    as timestamp[us, UTC], ``where:<name>`` as bool, ``kpi:<name>`` and ``delay:outcome`` as float64. ``offset`` is
    the position of its first row in the order of the source.
    """

    batch: pa.RecordBatch
    offset: int
    aside: Aside = field(default_factory=Aside)


class Summable(Protocol):
    def __add__(self, other: Self, /) -> Self: ...


T = TypeVar("T", bound=Summable)


def sum_in_order(parts: Iterable[T]) -> T | None:
    """``a + b + c + ...``, from the left; None without any part.

    >>> sum_in_order(iter("abc")), sum_in_order(iter(""))
    ('abc', None)
    """
    total: T | None = None
    for part in parts:
        total = part if total is None else total + part
    return total


def settled(part: T) -> T:
    """A part as another process would send it: what a sum has put off (``__reduce__``) is done."""
    return copy(part)


class Rows(ABC):
    """A source of rows that can be read more than once.

    Attributes
    ----------
    name : what messages call it (``current.parquet``, ``the current frame``)
    schema : the columns as the source has them, before preparation
    count : number of rows where the source knows it without reading, else None
    absent : columns that the plan profiles and the source lacks
    added : columns of the source that the plan does not profile
    notes : guesses and differences that a person should know, one sentence each
    on_rows : called with the number of rows done so far, after each chunk
    """

    name: str
    schema: pa.Schema
    count: int | None
    on_rows: Callable[[int], None] | None = None

    @property
    def absent(self) -> tuple[str, ...]:
        return ()

    @property
    def added(self) -> tuple[str, ...]:
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    @abstractmethod
    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """Stream the rows in their order, at most ``BATCH_ROWS`` at a time."""

    @abstractmethod
    def fold(self, kernel: Callable[[Chunk], T], columns: Sequence[str] | None = None) -> T | None:
        """``kernel(first) + kernel(second) + ...`` in the order of the rows; None without any row.

        An engine may run the kernel elsewhere and in parallel: it must be picklable.
        """
