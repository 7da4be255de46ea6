"""The queue between the service's threads and the one that writes: bounded by rows and by bytes."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, NamedTuple

__all__ = ["Batch", "Marker", "Names", "Queue", "Row"]

Names = tuple[str, ...] | str  # of a prediction's features; of another record its kind
Row = bytes | tuple[Any, ...]  # encoded already, or values that still have to be made plain
OVERHEAD = 150  # bytes that a row takes beside its own: measured, CPython 3.11


class Marker(threading.Event):
    """Set once everything that was recorded before it is on disk."""


class Batch(NamedTuple):
    """Rows by features or kind, and the markers among them."""

    groups: dict[Names, list[Row]]
    markers: list[Marker]
    rows: int


class Queue:
    """First in, first out; full, it takes nothing more. No lock: appending to a deque is atomic.

    >>> queue = Queue(rows=1, size=1_000)
    >>> queue.put("release", b"...", 3), queue.put("release", b"...", 3)
    (True, False)
    """

    def __init__(self, rows: int, size: int) -> None:
        self._items: deque[Any] = deque()
        self._rows, self._limit = rows, size
        self._size = (
            0  # bytes; threads may lose an update of each other's, so it is set right whenever it can be
        )

    def put(self, names: Names, row: Row, size: int) -> bool:
        items = self._items
        if len(items) >= self._rows or self._size >= self._limit:
            return False
        self._size += size + OVERHEAD
        items.append((names, row, size))
        return True

    def mark(self, marker: Marker) -> None:
        self._items.append(marker)

    def __len__(self) -> int:
        return len(self._items)

    def take(self, rows: int, into: Batch | None = None) -> Batch:
        """At most so many items, added to a batch."""
        items, taken = self._items, 0
        groups, markers, count = into or Batch({}, [], 0)
        for _ in range(min(rows, len(items))):
            item = items.popleft()
            if item.__class__ is Marker:
                markers.append(item)
                continue
            names, row, size = item
            taken += size + OVERHEAD
            count += 1
            try:
                groups[names].append(row)
            except KeyError:
                groups[names] = [row]
        self._size = self._size - taken if items else 0
        return Batch(groups, markers, count)
