"""Unlisted: which values lie behind "other", the values of a segmentation that have no cells of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["Unlisted"]

Ints = NDArray[np.int64]

KEPT = 64  # the commonest: what a person is told of is frequent, and there may be as many values as rows


@dataclass(frozen=True)
class Unlisted:
    """Rows of each value that the plan gives no cells, at most 64 of them.

    Attributes
    ----------
    windows : number of windows
    rows : value → (W,) int64, rows in each window
    """

    windows: int
    rows: Mapping[str, Ints]

    @classmethod
    def count(cls, windows: int, window: Ints, labels: pa.Array) -> Unlisted:
        """Count (n,) labels in (n,) windows."""
        encoded = labels.cast(pa.string()).dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        words = encoded.dictionary.to_pylist()
        commonest = np.argsort(-np.bincount(codes, minlength=len(words)), kind="stable")[:KEPT]
        rows = {words[i]: np.bincount(window[codes == i], minlength=windows) for i in commonest}
        return cls(windows, rows)

    @classmethod
    def join(cls, parts: Sequence[Unlisted], positions: Sequence[NDArray[np.intp]], windows: int) -> Unlisted:
        """All parts in one: window i of a part is window ``positions[part][i]`` of ``windows``."""
        rows: dict[str, Ints] = {}
        for part, where in zip(parts, positions, strict=True):
            for value, counts in part.rows.items():
                rows.setdefault(value, np.zeros(windows, np.int64))[where] += counts
        commonest = sorted(rows, key=lambda value: (-int(rows[value].sum()), value))[:KEPT]
        return cls(windows, {value: rows[value] for value in commonest})

    def take(self, positions: NDArray[np.intp]) -> Unlisted:
        return Unlisted(len(positions), {value: counts[positions] for value, counts in self.rows.items()})

    def total(self) -> Unlisted:
        """All windows added into one."""
        return Unlisted(1, {value: counts.sum(keepdims=True) for value, counts in self.rows.items()})
