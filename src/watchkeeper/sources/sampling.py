"""Sampling: a few rows that stand for all, the same whatever engine reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.sources.prepare import Preparation

if TYPE_CHECKING:
    from watchkeeper.sources.local import SourceRows

__all__ = ["SAMPLE_ROWS", "Sample", "Sampler", "sample"]

Hashes = NDArray[np.uint64]

SAMPLE_ROWS = 131_072
GAMMA = np.uint64(0x9E3779B97F4A7C15)
ROUNDS = (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB))


@dataclass(frozen=True)
class Sample:
    """Prepared rows and what else one pass tells.

    Attributes
    ----------
    table : at most as many rows as were asked for, in their order
    rows : number of all rows
    first, last : least and greatest timestamp in µs since 1970 UTC; None without any
    """

    table: pa.Table
    rows: int
    first: int | None = None
    last: int | None = None


def mixed(positions: NDArray[np.uint64]) -> Hashes:
    """(n,) 64 well-mixed bits of each position: splitmix64 (Steele, Lea & Flood 2014)."""
    z = positions * GAMMA
    z += GAMMA
    for shift, factor in ROUNDS:
        z ^= z >> shift
        z *= factor
    z ^= z >> np.uint64(31)
    return z


CERTAIN = 1_000  # rows wanted, from which on twice as many by expectation are more for certain


@dataclass
class Sampler:
    """Takes batches in any split and keeps the same rows: those whose position mixes to less than a threshold.

    The threshold halves until at most ``size`` rows remain, so that the number of rows need not be known.
    Rows are prepared only when they are taken.
    """

    preparation: Preparation
    size: int = SAMPLE_ROWS
    time: str | None = None
    level: int = 0
    rows: int = 0
    first: int | None = None
    last: int | None = None
    hashes: list[Hashes] = field(default_factory=list)
    batches: list[pa.RecordBatch] = field(default_factory=list)

    @classmethod
    def of(cls, preparation: Preparation, size: int, rows: int | None) -> Sampler:
        """A sampler for so many rows; where that is known, it begins near the threshold where it must end."""
        time = next((name for name, how in preparation.treatments.items() if how == "time"), None)
        halvings = int(np.log2(rows / size)) if rows and rows > size else 0
        spare = (
            0 if size >= CERTAIN else 1
        )  # one halving less leaves twice as many rows as wanted, give or take few
        return cls(preparation, size, time, max(0, halvings - spare))

    def add(self, position: int, raw: pa.RecordBatch) -> None:
        """Take in a batch whose first row has this position."""
        hashes = mixed(np.arange(position, position + raw.num_rows, dtype=np.uint64))
        self.rows += raw.num_rows
        self._see(raw)
        self._keep(hashes, raw)
        self._shrink()

    def _keep(self, hashes: Hashes, raw: pa.RecordBatch) -> None:
        """Of these rows, those below the threshold."""
        kept = np.flatnonzero(hashes >> np.uint64(64 - self.level) == 0) if self.level else None
        if kept is None or len(kept) == len(hashes):
            self.hashes.append(hashes)
            self.batches.append(raw)
        elif len(kept):
            self.hashes.append(hashes[kept])
            self.batches.append(raw.take(pa.array(kept)))

    def _see(self, raw: pa.RecordBatch) -> None:
        if self.time is None:
            return
        ends = pc.min_max(self.preparation.clock.read(raw.column(self.time))[0].view(pa.int64()))
        low, high = ends["min"].as_py(), ends["max"].as_py()
        if low is not None:
            self.first = low if self.first is None else min(self.first, low)
            self.last = high if self.last is None else max(self.last, high)

    def _shrink(self) -> None:
        while sum(map(len, self.hashes)) > self.size and self.level < 64:
            self.level += 1
            before, self.hashes, self.batches = zip(self.hashes, self.batches, strict=True), [], []
            for hashes, batch in before:
                self._keep(hashes, batch)

    def __add__(self, other: Sampler) -> Sampler:
        """Both together; the other's rows come later."""
        ends = [e for e in (self.first, self.last, other.first, other.last) if e is not None]
        both = Sampler(
            self.preparation, self.size, self.time, max(self.level, other.level), self.rows + other.rows,
            min(ends, default=None), max(ends, default=None),
        )  # fmt: skip
        for part in (self, other):
            for hashes, batch in zip(part.hashes, part.batches, strict=True):
                both._keep(hashes, batch)
        both._shrink()
        return both

    def finished(self) -> Sample:
        prepared = [self.preparation(batch)[0] for batch in self.batches if batch.num_rows]
        return Sample(_table(prepared), self.rows, self.first, self.last)


def _table(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """As one table; a column that only some batches have (misfits) is null in the others."""
    if not batches:
        return pa.table({})
    joined = pa.concat_tables([pa.Table.from_batches([b]) for b in batches], promote_options="default")
    return joined.unify_dictionaries().combine_chunks()


def sample(rows: SourceRows, size: int = SAMPLE_ROWS) -> Sample:
    """Prepared rows that stand for all, by one pass; all of them where they are few.

    Row i belongs to it when 64 bits mixed from i are below a threshold: the same rows on every engine.
    """
    return rows.sample(size)
