"""Local rows: files and frames, read on this machine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pyarrow as pa

from watchkeeper.rows import Chunk, Rows, Summable, sum_in_order
from watchkeeper.sources.layout import Layout
from watchkeeper.sources.reader import Reader
from watchkeeper.sources.sampling import SAMPLE_ROWS, Sample, Sampler
from watchkeeper.sources.streaming import mapped, prefetched, resized

__all__ = ["LocalRows", "SourceRows"]

T = TypeVar("T", bound=Summable)


class SourceRows(Rows):
    """Rows with what was learnt when they were opened.

    Attributes
    ----------
    absent : columns of the model or the plan that the source lacks
    added : columns of the source that the plan lacks
    notes : guesses and differences that a person should know, one sentence each
    """

    layout: Layout

    @abstractmethod
    def sample(self, size: int = SAMPLE_ROWS) -> Sample:
        """Prepared rows that stand for all, the same on every engine, by one pass."""

    @property
    def absent(self) -> tuple[str, ...]:
        return self.layout.absent

    @property
    def added(self) -> tuple[str, ...]:
        return self.layout.added

    @property
    def notes(self) -> tuple[str, ...]:
        return self.layout.notes


@dataclass
class LocalRows(SourceRows):
    """Rows of a reader, prepared; ``start`` and ``stop`` (None: the end) limit them by position."""

    reader: Reader
    layout: Layout
    start: int = 0
    stop: int | None = None
    on_rows: Callable[[int], None] | None = field(default=None, compare=False)

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.reader.name

    @property
    def schema(self) -> pa.Schema:
        return self.reader.schema

    @property
    def count(self) -> int | None:  # type: ignore[override]
        every = self.reader.count
        if every is None:
            return None
        return max(0, (every if self.stop is None else min(every, self.stop)) - self.start)

    def between(self, start: int, stop: int | None) -> LocalRows:
        """Only the rows from position ``start`` to before ``stop``."""
        return replace(self, start=start, stop=stop, on_rows=None)

    def raw(self, columns: Sequence[str]) -> Iterator[tuple[int, pa.RecordBatch]]:
        """(position of the first row, batch as the source has it)."""
        batches = resized(self.reader.batches(columns))
        position = 0
        for batch in prefetched(batches) if self.reader.reads_ahead else batches:
            first, last = position, position + batch.num_rows
            position = last
            if self.stop is not None and first >= self.stop:
                break
            if last <= self.start:
                continue
            begin = max(0, self.start - first)
            end = batch.num_rows if self.stop is None else min(batch.num_rows, self.stop - first)
            yield first + begin, batch if end - begin == batch.num_rows else batch.slice(begin, end - begin)

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        preparation = self.layout.preparation.only(columns)
        offset = self.start
        for first, raw in self.raw(preparation.reads):
            batch, aside = preparation(raw)
            yield Chunk(batch, offset, aside)
            offset += batch.num_rows
            if self.on_rows is not None:
                self.on_rows(first + raw.num_rows - self.start)

    def fold(self, kernel: Callable[[Chunk], T], columns: Sequence[str] | None = None) -> T | None:
        return sum_in_order(mapped(kernel, self.chunks(columns)))

    def sample(self, size: int = SAMPLE_ROWS) -> Sample:
        sampler = Sampler.of(self.layout.preparation, size, self.count)
        for position, raw in self.raw(sampler.preparation.reads):
            sampler.add(position - self.start, raw)
            if self.on_rows is not None:
                self.on_rows(sampler.rows)
        return sampler.finished()
