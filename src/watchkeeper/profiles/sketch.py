"""Sketch: how many distinct values, how many of them more than once, from a bottom-k sample by hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Sketch", "hash_values", "mixed"]

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

KEPT = 4_096


def mixed(h: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea & Flood 2014): a bijection that spreads every bit."""
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


def hash_values(values: pa.Array) -> Hashes:
    """(n,) 64-bit hashes, the same on every machine; equal values have equal hashes. Nulls must be gone.

    >>> hash_values(pa.array(["a", "b", "a"]))[[0, 2]].tolist() == [hash_values(pa.array(["a"]))[0]] * 2
    True
    """
    if pa.types.is_integer(values.type):
        return mixed(
            values.cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False).view(np.uint64) + np.uint64(1)
        )
    text = pc.cast(values, pa.large_binary() if pa.types.is_binary(values.type) else pa.large_string())
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    data = np.concatenate([np.frombuffer(text.buffers()[2] or b"", dtype=np.uint8), np.zeros(8, np.uint8)])
    words = np.lib.stride_tricks.sliding_window_view(data, 8)
    start, length = offsets[:-1], np.diff(offsets)
    out = mixed(length.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    for at in range(0, int(length.max(initial=0)), 8):
        rest = np.flatnonzero(length > at)
        word = np.ascontiguousarray(words[start[rest] + at]).view("<u8").ravel()
        spare = np.minimum(8 * (8 - np.minimum(length[rest] - at, 8)), 63).astype(np.uint64)
        out[rest] = mixed(out[rest] ^ ((word << spare) >> spare))
    return out


@dataclass(frozen=True)
class Sketch:
    """For each window the k = 4,096 values with the least hashes, each with its exact number of rows.

    Exact where a window has at most k distinct values; above, a uniform sample of the distinct values.

    Attributes
    ----------
    windows : number of windows
    cell : (m,) int64, the window, ascending
    hash : (m,) uint64, ascending within a window
    rows : (m,) int64, rows with this value
    """

    windows: int
    cell: Ints
    hash: Hashes
    rows: Ints

    @classmethod
    def count(cls, windows: int, cell: Ints, hashes: Hashes) -> Sketch:
        """Sketch (n,) hashes of the values in (n,) windows."""
        return cls._least(windows, cell, hashes, np.ones(len(cell), np.int64))

    @classmethod
    def _least(cls, windows: int, cell: Ints, hashes: Hashes, rows: Ints) -> Sketch:
        order = np.lexsort((hashes, cell)) if windows > 1 else np.argsort(hashes, kind="stable")
        cell, hashes, rows = cell[order], hashes[order], rows[order]
        fresh = np.ones(len(cell), dtype=bool)
        fresh[1:] = (cell[1:] != cell[:-1]) | (hashes[1:] != hashes[:-1])
        first = np.flatnonzero(fresh)
        if first.size:
            cell, hashes, rows = cell[first], hashes[first], np.add.reduceat(rows, first)
        rank = np.arange(len(cell)) - np.searchsorted(cell, cell)
        kept = rank < KEPT
        return cls(windows, cell[kept], hashes[kept], rows[kept])

    @classmethod
    def join(cls, parts: Sequence[Sketch], positions: Sequence[NDArray[np.intp]], windows: int) -> Sketch:
        """All parts in one: window i of a part is window ``positions[part][i]`` of ``windows``."""
        cell = np.concatenate([where[part.cell] for part, where in zip(parts, positions, strict=True)])
        hashes, rows = np.concatenate([p.hash for p in parts]), np.concatenate([p.rows for p in parts])
        return cls._least(windows, cell.astype(np.int64), hashes, rows)

    def __add__(self, other: Sketch) -> Sketch:
        every = np.arange(self.windows)
        return self.join([self, other], [every, every], self.windows)

    def take(self, positions: NDArray[np.intp]) -> Sketch:
        place = np.full(self.windows, -1, dtype=np.int64)
        place[positions] = np.arange(len(positions))
        moved = place[self.cell]
        kept = moved >= 0
        return Sketch(len(positions), moved[kept], self.hash[kept], self.rows[kept])

    def total(self) -> Sketch:
        """All windows added into one."""
        return self._least(1, np.zeros_like(self.cell), self.hash, self.rows)
