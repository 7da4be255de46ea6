"""The queue between the service's threads and the one that writes: bounded by rows and by bytes."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, NamedTuple

__all__ = ["Batch", "Call", "Made", "Marker", "Names", "Queue"]

Names = tuple[str, ...] | str  # of a prediction's features; of another record its kind
Made = tuple[Names, bytes]  # a row as MessagePack
Call = tuple[
    Any, ...
]  # who makes a row of it, the id, and the other arguments: one object, since each costs time
SMALL = 50  # rows made at once: 0.1 ms in which the service's threads wait
OVERHEAD = 150  # bytes that a row takes beside its own: measured, CPython 3.11


class Marker(threading.Event):
    """Set once everything that was recorded before it is on disk."""


class Batch(NamedTuple):
    """Rows by features or kind, and the markers among them."""

    groups: dict[Names, list[bytes]]
    markers: list[Marker]

    @classmethod
    def empty(cls) -> Batch:
        return cls({}, [])

    def add(self, names: Names, row: bytes) -> None:
        try:
            self.groups[names].append(row)
        except KeyError:
            self.groups[names] = [row]

    @property
    def rows(self) -> int:
        return sum(map(len, self.groups.values()))


class Queue:
    """First in, first out; full, it takes nothing more. No lock: appending to a deque is atomic.

    >>> queue = Queue(rows=1, size=1_000)
    >>> queue.put("release", b"..."), queue.put("release", b"...")
    (True, False)
    """

    def __init__(self, rows: int, size: int) -> None:
        self.items: deque[Any] = deque()
        self.rows, self._limit = rows, size
        self._size = (
            0  # bytes; threads may lose an update of each other's, so it is set right whenever it can be
        )

    def put(self, names: Names, row: bytes) -> bool:
        if len(self.items) >= self.rows or self._size >= self._limit:
            return False
        self._size += len(row) + OVERHEAD
        self.items.append((names, row))
        return True

    def mark(self, marker: Marker) -> None:
        self.items.append(marker)

    def __len__(self) -> int:
        return len(self.items)

    def rows_left(self) -> int:
        return sum(item.__class__ is not Marker for item in tuple(self.items))

    def take(self, count: int, into: Batch) -> int:
        """At most so many items, added to a batch in their order; how many it were."""
        items, size, add = self.items, 0, into.add
        taken = calls = 0
        while taken < count and calls < SMALL and items:
            item = items.popleft()
            taken += 1
            if item.__class__ is Marker:
                into.markers.append(item)
            elif item[1].__class__ is bytes:
                size += len(item[1]) + OVERHEAD
                add(*item)
            else:
                calls += 1
                made = item[0].made(item)
                if made is not None:
                    add(*made)
        self._size = self._size - size if items else 0
        return taken
