"""Sampling: the bounded samples of a source, in one pass over its rows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.estimation.sample import Sample
from watchkeeper.profiles import CategoryColumn, NumberColumn, Plan
from watchkeeper.profiles.columns import CategoryCodes, NumberValues
from watchkeeper.profiles.kernel import Kernel
from watchkeeper.profiles.outcomes import Truth
from watchkeeper.profiles.sketch import hash_values, mixed
from watchkeeper.rows import Chunk, Rows

__all__ = ["REFERENCE_ROWS", "WINDOW_ROWS", "Sampler", "sample_of"]

REFERENCE_ROWS = 60_000
WINDOW_ROWS = 5_000
LOT = "lot:"  # a column of the batch, while its rows are sorted into windows

Floats = NDArray[np.float64]


def sample_of(
    rows: Rows, plan: Plan, most: int = WINDOW_ROWS, *, whole: bool = False, now: int | None = None
) -> Sample | None:
    """The sample of each window of a source, or with ``whole`` one of all its rows; None without any row.

    Parameters
    ----------
    most : rows kept
    now : µs since 1970 UTC; rows later than that are set aside, as in profiles. Default: the clock
    """
    kernel = Kernel(plan, time.time_ns() // 1000 if now is None else now)
    return rows.fold(Sampler(kernel, most, whole))


@dataclass
class Sampler:
    """Chunk → Sample; picklable."""

    kernel: Kernel
    most: int
    whole: bool
    _features: list[NumberColumn | CategoryColumn] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        roles = ("feature", "prediction") if self.kernel.plan.model.task == "regression" else ("feature",)
        self._features = [c for c in self.kernel.plan.columns if c.role in roles]

    def __call__(self, chunk: Chunk) -> Sample:
        """The chunk's sample: by the rows' ids where there are any, whatever their order, else by their positions."""
        lot = pa.array(self._lots(chunk))
        batch, starts, positions, _ = self.kernel.windows(
            replace(chunk, batch=chunk.batch.append_column(LOT, lot))
        )
        window = starts[positions] if len(positions) else np.empty(0, np.int64)
        return self._sample(batch, window).bounded()

    def _lots(self, chunk: Chunk) -> NDArray[np.uint64]:
        """(n,) 64 random bits of each row, the same every time; equal rows have different ones."""
        batch, name = chunk.batch, self.kernel.plan.model.id
        lots = mixed(np.arange(chunk.offset, chunk.offset + batch.num_rows).astype(np.uint64) + np.uint64(1))
        if name is not None and name in batch.schema.names:
            ids = batch.column(name)
            known = ids.is_valid().to_numpy(zero_copy_only=False)
            ids = ids.drop_null()
            lots[known] = hash_values(ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids)
        return lots

    def _sample(self, batch: pa.RecordBatch, window: NDArray[np.int64]) -> Sample:
        n, names, plan = len(window), set(batch.schema.names), self.kernel.plan
        truth = Truth.of(plan, batch, names)
        bins = [self._bins(column, batch, names) for column in self._features]
        scores = [truth.class_scores[c] for c in plan.class_names if c in truth.class_scores]
        if plan.model.task == "regression":
            prediction, outcome = (_numbers(batch, c) for c in (plan.model.prediction, plan.model.outcome))
        else:
            prediction, outcome = _classes(truth.prediction), _classes(truth.outcome)
        return Sample(
            tuple(c.name for c in self._features), window, batch.column(LOT).to_numpy(zero_copy_only=False),
            np.stack(bins, axis=1).astype(np.int16) if bins else np.empty((n, 0), np.int16),
            np.stack(scores, axis=1) if scores else np.empty((n, 0)), prediction, outcome, self.most, self.whole,
        )  # fmt: skip

    @staticmethod
    def _bins(
        column: NumberColumn | CategoryColumn, batch: pa.RecordBatch, names: set[str]
    ) -> NDArray[np.int64]:
        if isinstance(column, CategoryColumn):
            return CategoryCodes.of(column, batch, names, None).codes
        values = NumberValues.of(column, batch, names)
        if values.finite is None:
            return values.index
        bins = np.full(batch.num_rows, -1)
        bins[values.finite] = values.index
        return bins


def _numbers(batch: pa.RecordBatch, name: str | None) -> Floats:
    if name is None or name not in batch.schema.names:
        return np.full(batch.num_rows, np.nan)
    values: Floats = batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _classes(codes: NDArray[np.int64]) -> Floats:
    return np.where(codes < 0, np.nan, codes.astype(np.float64))
