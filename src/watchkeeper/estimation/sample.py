"""Sample: a bounded number of rows, as the plan's bins, for what no sums can tell: how the features hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["Sample", "chosen"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.intp]

TOTAL = 500_000  # rows of all windows together: 50 MB with 25 features


@dataclass(frozen=True)
class Sample:
    """At most ``most`` rows of each window, those with the least hashes: the same however the rows are divided.

    Attributes
    ----------
    features : (F,) names of the columns in ``bins``
    window : (n,) start of each row's window, ascending; within a window by ``key``
    key : (n,) hash of the row's id or position
    bins : (n, F) bin on the column's grid, or position among its values; −1 where missing
    scores : (n, S) probability of each class (binary: of the positive one alone, S = 1; regression: S = 0)
    prediction, outcome : (n,) position among the plan's classes, or the number; NaN where there is none
    most : rows kept of each window (fewer where they are many), or of all rows together where ``whole``
    whole : the windows share the bound
    """

    features: tuple[str, ...]
    window: Ints
    key: NDArray[np.uint64]
    bins: NDArray[np.int16]
    scores: Floats
    prediction: Floats
    outcome: Floats
    most: int
    whole: bool = False

    def __len__(self) -> int:
        return len(self.key)

    def of(self, start: int) -> Sample:
        """The rows of the window that starts then."""
        first, end = np.searchsorted(self.window, [start, start + 1])
        return self.take(slice(first, end))

    def take(self, rows: NDArray[Any] | slice) -> Sample:
        """Only these rows, by position, flag or slice."""
        arrays: dict[str, Any] = {name: getattr(self, name)[rows] for name in ARRAYS}
        return replace(self, **arrays)

    def thinned(self, most: Mapping[int, int]) -> Sample:
        """At most so many rows of the window that starts then, again those with the least hashes."""
        starts, first = np.unique(self.window, return_index=True)
        rank = np.arange(len(self)) - np.repeat(first, np.diff(first, append=len(self)))
        kept = np.array([most.get(int(start), 0) for start in starts], np.int64)
        return self.take(rank < np.repeat(kept, np.diff(first, append=len(self))))

    def least(self, most: int) -> Sample:
        """The so many rows with the least hashes, in the same order."""
        return self if len(self) <= most else self.take(np.sort(np.argpartition(self.key, most)[:most]))

    @classmethod
    def join(cls, parts: Sequence[Sample]) -> Sample:
        """All parts in one, bounded again."""
        window, key = (np.concatenate([getattr(part, name) for part in parts]) for name in ("window", "key"))
        whole = parts[0].whole
        rows, most = chosen(window, key, min(part.most for part in parts), whole)
        arrays: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts])[rows] for name in ARRAYS
        }
        return replace(parts[0], most=most, **arrays)

    def __add__(self, other: Sample) -> Sample:
        return self.join([self, other])

    def to_arrow(self) -> pa.Table:
        """One row per row; ``from_arrow`` reads it back."""
        columns: dict[str, pa.Array] = {
            "window": pa.array(self.window), "key": pa.array(self.key),
            "prediction": pa.array(self.prediction), "outcome": pa.array(self.outcome),
        }  # fmt: skip
        columns |= {f"bin:{name}": pa.array(self.bins[:, i]) for i, name in enumerate(self.features)}
        columns |= {f"score:{i}": pa.array(self.scores[:, i]) for i in range(self.scores.shape[1])}
        return pa.table(columns, metadata={"most": str(self.most), "whole": str(int(self.whole))})

    @classmethod
    def from_arrow(cls, table: pa.Table) -> Sample:
        """What ``to_arrow`` gave."""
        names = [name for name in table.column_names if name.startswith("bin:")]
        scores = [name for name in table.column_names if name.startswith("score:")]
        n, metadata = table.num_rows, table.schema.metadata or {}

        def stacked(columns: list[str], dtype: Any) -> NDArray[Any]:
            return (
                np.stack([table[c].to_numpy() for c in columns], axis=1)
                if columns
                else np.empty((n, 0), dtype)
            )

        return cls(
            tuple(name.removeprefix("bin:") for name in names), table["window"].to_numpy(), table["key"].to_numpy(),
            stacked(names, np.int16), stacked(scores, np.float64), table["prediction"].to_numpy(),
            table["outcome"].to_numpy(), int(metadata[b"most"]), bool(int(metadata[b"whole"])),
        )  # fmt: skip


def chosen(window: Ints, key: NDArray[np.uint64], most: int, whole: bool) -> tuple[Places, int]:
    """Positions of the rows of a sample, in its order, and how many are kept of each window.

    With more than ``TOTAL`` of all windows together a window keeps half as many, and again: how many these are depends
    on the rows alone, not on how they are divided.
    """
    if whole:
        rows = np.argpartition(key, most)[:most] if len(key) > most else np.arange(len(key))
        return rows[np.lexsort((key[rows], window[rows]))], most
    rows = np.lexsort((key, window))
    ordered = window[rows]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(rows) else rows
    counts = np.diff(first, append=len(rows))
    while np.minimum(counts, most).sum() > TOTAL and most > 1:
        most //= 2
    if counts.max(initial=0) <= most:
        return rows, most
    rank = np.arange(len(rows)) - np.repeat(first, counts)
    return rows[rank < most], most


ARRAYS = tuple(f.name for f in fields(Sample) if f.name not in ("features", "most", "whole"))
