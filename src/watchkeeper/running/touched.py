"""Touched: the windows that something new fell into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model import Model

__all__ = ["NOWHERE", "Spans", "spans_of"]

Ints = NDArray[np.int64]
DAY = 86_400_000_000  # µs
APART = 400 * DAY  # between clusters of times: one wrong timestamp must not make a million empty windows


@dataclass(frozen=True)
class Spans:
    """Windows by their starts and ends, (W,) int64 each, µs since 1970 UTC, ascending."""

    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return list(zip(self.starts.tolist(), self.ends.tolist(), strict=True))

    def only(self, chosen: NDArray[np.bool_]) -> Spans:
        return Spans(self.starts[chosen], self.ends[chosen])

    def at(self, positions: NDArray[np.intp]) -> Spans:
        return Spans(self.starts[positions], self.ends[positions])

    def parts(self, size: int) -> Iterator[Spans]:
        """At most so many at a time."""
        for i in range(0, len(self), size):
            yield Spans(self.starts[i : i + size], self.ends[i : i + size])

    def with_(self, other: Spans) -> Spans:
        """Both together."""
        starts, first = np.unique(np.concatenate([self.starts, other.starts]), return_index=True)
        return Spans(starts, np.concatenate([self.ends, other.ends])[first])


NOWHERE = Spans(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def spans_of(times: Ints, model: Model) -> Spans:
    """The windows that these times lie in.

    >>> spans_of(np.array([0, 5, 90_000_000_000]), Model(window="1d")).pairs
    [(0, 86400000000), (86400000000, 172800000000)]
    """
    found = np.sort(times)
    if not found.size:
        return NOWHERE
    parts = np.split(found, np.flatnonzero(np.diff(found) > APART) + 1)
    spans = [_within(part, model) for part in parts]
    return Spans(*(np.concatenate(edge) for edge in zip(*spans, strict=True)))


def _within(times: Ints, model: Model) -> tuple[Ints, Ints]:
    edges = model.parsed_window.starts(int(times[0]), int(times[-1]), model.timezone)
    place = np.unique(np.searchsorted(edges, times, side="right") - 1)
    return edges[place], edges[place + 1]
