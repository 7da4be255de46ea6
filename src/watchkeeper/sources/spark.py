"""Spark: preparation and kernel run on the cluster's workers; only sums come back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from watchkeeper.errors import DependencyError, ModelError, SourceError, WatchkeeperError
from watchkeeper.model import Model
from watchkeeper.rows import Chunk, Summable, sum_in_order
from watchkeeper.sources.kinds import Kind, is_text
from watchkeeper.sources.layout import Layout, layout_of
from watchkeeper.sources.local import SourceRows
from watchkeeper.sources.prepare import Preparation
from watchkeeper.sources.reader import unique_columns
from watchkeeper.sources.sampling import SAMPLE_ROWS, Sample, Sampler
from watchkeeper.sources.streaming import resized

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["SparkRows", "head_of"]

T = TypeVar("T", bound=Summable)
Batches = Iterable[pa.RecordBatch]

PARTS = "part int, value binary"  # what a worker sends: its partition's number, and a pickle
TELLING = 2_000


@dataclass
class SparkRows(SourceRows):
    """Rows of a Spark frame. Its partitions in their order are the order of the rows, as far as there is one.

    The workers need watchkeeper in their environment.
    """

    frame: DataFrame
    name: str
    schema: pa.Schema
    layout: Layout
    count: int | None = None
    on_rows: Callable[[int], None] | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        frame: DataFrame,
        model: Model,
        name: str,
        kinds: Mapping[str, Kind] | None = None,
        *,
        optional: bool = False,
        keep_time: bool = True,
    ) -> SparkRows:
        """Open a frame.

        Raises
        ------
        ModelError
            for windows of so many rows: a cluster has no order to count them in
        """
        if model.parsed_window.kind == "rows":
            raise ModelError(
                f"window: '{model.window}' counts rows in their order, and a Spark frame has none; "
                "take a window of time, such as '1d'"
            )
        unique_columns(name, frame.columns)
        schema = _schema(frame)
        text = [f.name for f in schema if is_text(f.type)]
        beginning = _arrow(frame.select([_column(frame, c) for c in text]).limit(TELLING)) if text else None
        layout = layout_of(name, schema, beginning, model, kinds, optional=optional, keep_time=keep_time)
        return cls(frame, name, schema, layout)

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[Chunk]:
        """The prepared rows themselves, one partition at a time; ``fold`` leaves them where they are."""
        preparation = self.layout.preparation.only(columns)
        offset = 0
        for raw in resized(_arrow(self._selected(preparation)).to_batches()):
            batch, aside = preparation(raw)
            yield Chunk(batch, offset, aside)
            offset += batch.num_rows

    def fold(self, kernel: Callable[[Chunk], T], columns: Sequence[str] | None = None) -> T | None:
        preparation = self.layout.preparation.only(columns)
        parts = self._parts(_Folding(preparation, kernel), self._selected(preparation))
        return sum_in_order(parts)

    def sample(self, size: int = SAMPLE_ROWS) -> Sample:
        """As on every engine, by two passes: one counts the partitions, so that each row's position is known.

        Where Spark deals the rows out anew each time it computes the frame (after a repartition that depends on
        chance), the sample is as even, but another one each time.
        """
        preparation = self.layout.preparation
        selected = self._selected(preparation)
        counts: dict[int, int] = dict(self._numbered(_Counting(), selected))
        before, starts = 0, {}
        for part in sorted(counts):
            starts[part] = before
            before += counts[part]
        self.count = before
        empty = Sampler.of(preparation, size, before)
        found: Sampler | None = sum_in_order(self._parts(_Sampling(empty, starts), selected))
        return (found or empty).finished()

    def _selected(self, preparation: Preparation) -> DataFrame:
        columns = preparation.reads or self.frame.columns[:1]
        return self.frame.select([_column(self.frame, c) for c in columns])

    def _parts(self, work: Callable[[Batches], Iterator[pa.RecordBatch]], frame: DataFrame) -> Iterator[Any]:
        """What each partition came to, in their order."""
        for _, part in sorted(self._numbered(work, frame), key=lambda numbered: numbered[0]):
            yield part

    def _numbered(
        self, work: Callable[[Batches], Iterator[pa.RecordBatch]], frame: DataFrame
    ) -> list[tuple[int, Any]]:
        try:
            rows = frame.mapInArrow(work, PARTS).collect()
        except _failures() as error:
            raise _told(error, self.name) from error
        return [(row["part"], pickle.loads(bytes(row["value"]))) for row in rows]


@dataclass(frozen=True)
class _Folding:
    """Runs on a worker: one partition's batches through preparation and kernel."""

    preparation: Preparation
    kernel: Callable[[Chunk], Any]

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        return _sent(sum_in_order(self._folded(batches)))

    def _folded(self, batches: Batches) -> Iterator[Any]:
        offset = 0
        for raw in resized(batches):
            batch, aside = self.preparation(raw)
            yield self.kernel(Chunk(batch, offset, aside))
            offset += batch.num_rows


@dataclass(frozen=True)
class _Counting:
    """Runs on a worker: how many rows a partition has."""

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        return _sent(sum(batch.num_rows for batch in batches))


@dataclass(frozen=True)
class _Sampling:
    """Runs on a worker: a partition's part of the sample; ``starts`` is the position of each one's first row."""

    sampler: Sampler
    starts: dict[int, int]

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        part = self.sampler + self.sampler  # an empty one of its own
        position = self.starts.get(_partition(), 0)
        for raw in resized(batches):
            part.add(position, raw)
            position += raw.num_rows
        return _sent(part if part.rows else None)


def _partition() -> int:
    from pyspark import TaskContext

    context = TaskContext.get()
    return 0 if context is None else context.partitionId()


def _sent(value: Any) -> Iterator[pa.RecordBatch]:
    """The one row that a worker answers with; none where it had no rows."""
    if value is not None:
        arrays = [pa.array([_partition()], pa.int32()), pa.array([pickle.dumps(value)], pa.binary())]
        yield pa.RecordBatch.from_arrays(arrays, names=["part", "value"])


def _column(frame: DataFrame, name: str) -> Any:
    """The column of exactly this name, dots and all."""
    return frame["`" + name.replace("`", "``") + "`"]


def _schema(frame: DataFrame) -> pa.Schema:
    """The columns as Arrow has them; a type that only Spark has stands as bytes, which are not watched."""
    try:
        return _arrow(frame.limit(0)).schema
    except ImportError as error:
        raise DependencyError(
            f"Spark frames need pandas beside PySpark ({error}): pip install 'watchkeeper[spark]'"
        ) from None
    except _failures():
        return pa.schema([_field(frame, name) for name in frame.columns])


def _field(frame: DataFrame, name: str) -> pa.Field:
    try:
        return _arrow(frame.select(_column(frame, name)).limit(0)).schema.field(0)
    except _failures():
        return pa.field(name, pa.binary())


def _failures() -> tuple[type[BaseException], ...]:
    """What Spark raises: its own errors, and Java's where there is a gateway to it."""
    from pyspark.errors import PySparkException

    try:
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    except ImportError:  # Spark Connect's client does without
        return (PySparkException,)
    return (PySparkException, Py4JError)


def _arrow(frame: DataFrame) -> pa.Table:
    return frame.toArrow()


def head_of(frame: DataFrame, rows: int) -> pa.Table:
    """Some rows as they come; a Spark frame does not say which are first."""
    return _arrow(frame.limit(rows))


def _told(error: BaseException, name: str) -> WatchkeeperError:
    """One sentence out of Spark's pages."""
    text = str(error)
    if "No module named 'watchkeeper'" in text:
        return SourceError(
            f"{name}: the Spark workers cannot import watchkeeper; install it in their environment, "
            "or set PYTHONPATH there"
        )
    lines = [line.strip() for line in text.splitlines() if "Error: " in line or "Exception: " in line]
    reason = (lines[-1] if lines else text.strip().splitlines()[0])[:300]
    return SourceError(f"{name} cannot be computed: {reason}")
