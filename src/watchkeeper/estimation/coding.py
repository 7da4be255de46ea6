"""Coding: the plan's many bins of a feature joined to a few that trees can ask about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.sample import Sample
from watchkeeper.profiles import NumberColumn, Plan

__all__ = ["Coding"]

NUMBER_CODES = 64  # by equal numbers of reference rows; with 32, errors of car prices are told a tenth worse
PAIRED = 8  # features of the greatest importance, whose pairs are looked at
RANGES = 12
TENTH = 0.1  # of a window outside the reference: nothing that was learned there is believed any more
CATEGORY_CODES = 32  # the most frequent values; all others share one


@dataclass(frozen=True)
class Coding:
    """Codes of every feature: 0 where missing, then numbers in ascending order or categories by frequency.

    Attributes
    ----------
    tables : by feature, the code of each bin of the column's grid (or value of its categories), then of −1 (missing)
    seen : by feature, whether the reference has rows with the bin, laid out in the same way
    ordered : by feature, whether the codes are in an order
    pairs : two features, and which of 12 × 12 joint ranges of their codes the reference has rows in
    usual : share of rows like the reference's own that lie outside it because it is finite: as many as there are
        rows whose value, or pair of values, no other row has (Good, 1953)
    """

    tables: tuple[NDArray[np.uint8], ...]
    seen: tuple[NDArray[np.bool_], ...]
    ordered: tuple[bool, ...]
    pairs: tuple[tuple[int, int, NDArray[np.bool_]], ...] = ()
    usual: float = 0.0

    @classmethod
    def of(cls, plan: Plan, sample: Sample) -> Coding:
        """By the reference's sample."""
        tables, seen, ordered = [], [], []
        alone = np.zeros(len(sample), np.bool_)
        for position, name in enumerate(sample.features):
            number = plan.numbers.get(name)
            size = len(plan.categories[name].values) + 1 if number is None else number.grid.size
            counts = np.bincount(sample.bins[:, position] % (size + 1), minlength=size + 1)  # −1 is the last
            tables.append(_by_frequency(counts[:-1]) if number is None else _by_quantile(counts[:-1]))
            seen.append(_within(counts, number))
            ordered.append(number is not None)
            alone |= ~_within(np.where(counts == 1, 0, counts), number)[sample.bins[:, position]]
        coding = cls(tuple(np.append(t, np.uint8(0)) for t in tables), tuple(seen), tuple(ordered))
        importance = {column.name: column.importance for column in plan.columns}
        chosen = sorted(range(len(tables)), key=lambda i: -importance[sample.features[i]])[:PAIRED]
        ranges = coding._ranges(sample)
        pairs = []
        for a, b in combinations(chosen, 2):
            joint = _joint(ranges, a, b)
            counts = np.bincount(joint, minlength=RANGES**2)
            pairs.append((a, b, counts > 0))
            alone |= (counts == 1)[joint]
        return replace(coding, pairs=tuple(pairs), usual=float(alone.mean()) if len(alone) else 0.0)

    def _ranges(self, sample: Sample) -> NDArray[np.uint8]:
        """(F, n) codes joined to at most 12 ranges."""
        tables = [(t.astype(np.intp) * RANGES) // max(int(t.max()) + 1, RANGES) for t in self.tables]
        ranges = [table.astype(np.uint8)[sample.bins[:, i]] for i, table in enumerate(tables)]
        return np.stack(ranges) if ranges else np.empty((0, len(sample)), np.uint8)

    def __call__(self, sample: Sample) -> NDArray[np.uint8]:
        """(F, n) codes."""
        codes = [table[sample.bins[:, i]] for i, table in enumerate(self.tables)]
        return np.stack(codes) if codes else np.empty((0, len(sample)), np.uint8)

    def unseen(self, sample: Sample) -> NDArray[np.bool_]:
        """(F, n) which values lie where the reference has none, or where it has none together with another's."""
        flags = [~table[sample.bins[:, i]] for i, table in enumerate(self.seen)]
        found = np.stack(flags) if flags else np.empty((0, len(sample)), np.bool_)
        ranges = self._ranges(sample)
        for a, b, known in self.pairs:
            alone = ~known[_joint(ranges, a, b)]
            found[a] |= alone
            found[b] |= alone
        return found

    def trust(self, sample: Sample) -> NDArray[np.float64]:
        """(n,) how far trees are believed: not outside the reference, and less the more of the window lies there."""
        outside = self.unseen(sample).any(axis=0)
        _, window, rows = np.unique(sample.window, return_inverse=True, return_counts=True)
        share = np.bincount(window, outside, len(rows)) / rows
        return np.where(outside, 0.0, np.maximum(0.0, 1 - share / TENTH)[window])


def _joint(ranges: NDArray[np.uint8], a: int, b: int) -> NDArray[np.uint8]:
    """(n,) below 144, which a byte holds."""
    return np.asarray(ranges[a] * np.uint8(RANGES) + ranges[b])


def _by_quantile(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Codes 1, 2, ... of about as many rows each; a bin is never split."""
    total = counts.sum()
    if not total:
        return np.ones(len(counts), np.uint8)
    middle = (np.cumsum(counts) - counts / 2) / total
    wanted = np.minimum((middle * NUMBER_CODES).astype(np.int64), NUMBER_CODES - 1)
    occupied = np.flatnonzero(counts)
    fresh = np.zeros(len(counts), np.int64)
    fresh[occupied] = np.diff(wanted[occupied], prepend=-1) > 0
    return np.maximum(np.cumsum(fresh), 1).astype(np.uint8)


def _by_frequency(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    codes = np.full(len(counts), CATEGORY_CODES + 1, np.uint8)
    often = np.argsort(-counts, kind="stable")[:CATEGORY_CODES]
    codes[often] = np.arange(1, len(often) + 1)
    return codes


def _within(counts: NDArray[np.int64], number: NumberColumn | None) -> NDArray[np.bool_]:
    """Of numbers everything between the least and the greatest counts as seen."""
    seen = counts > 0
    if number is not None and seen[:-1].any():
        occupied = np.flatnonzero(seen[:-1])
        seen[occupied[0] : occupied[-1] + 1] = True
    return seen
