"""Sampling: the bounded samples of a source, in one pass over its rows, that of its profile or one of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.estimation.sample import Places, Sample, chosen
from watchkeeper.profiles import CategoryColumn, NumberColumn, Plan
from watchkeeper.profiles.kernel import Kernel, View
from watchkeeper.profiles.sketch import hash_values, mixed
from watchkeeper.rows import Chunk, Rows

__all__ = ["REFERENCE_ROWS", "WINDOW_ROWS", "Sampler", "Samples", "Sampling", "can_estimate", "sample_of"]

REFERENCE_ROWS = 60_000
WINDOW_ROWS = 5_000
LOT = "lot:"  # a column of the batch, while its rows are sorted into windows

Floats = NDArray[np.float64]


def can_estimate(plan: Plan) -> bool:
    """Whether performance can be estimated: there are outcomes to learn from, and scores or numbers predicted."""
    model = plan.model
    if (
        model.outcome is None or model.weight is not None
    ):  # weights are no rows: intervals would be too narrow
        return False
    return model.prediction is not None if model.task == "regression" else model.score is not None


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
    return rows.fold(_Alone(kernel, Sampler(most, whole)))


@dataclass(frozen=True)
class _Alone:
    kernel: Kernel
    sampler: Sampler

    def __call__(self, chunk: Chunk) -> Sample:
        return self.sampler(self.kernel.view(with_lots(chunk, self.kernel.plan)))


def with_lots(chunk: Chunk, plan: Plan) -> Chunk:
    """With 64 random bits of each row, the same every time, different for equal rows: by their ids, else positions."""
    batch, name = chunk.batch, plan.model.id
    lots = mixed(np.arange(chunk.offset, chunk.offset + batch.num_rows).astype(np.uint64) + np.uint64(1))
    if name is not None and name in batch.schema.names:
        ids = batch.column(name)
        known = ids.is_valid().to_numpy(zero_copy_only=False)
        ids = ids.drop_null()
        lots[known] = hash_values(ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids)
    return replace(chunk, batch=batch.append_column(LOT, pa.array(lots)))


@dataclass(frozen=True)
class Sampler:
    """View → Sample; picklable.

    Attributes
    ----------
    most : rows kept of each window, or of all together where ``whole``
    since, until : only windows that start from then on, and before; None: all
    """

    most: int
    whole: bool = False
    since: int | None = None
    until: int | None = None

    def __call__(self, view: View) -> Sample:
        plan, truth = view.plan, view.truth
        window = view.windows[view.positions] if len(view.positions) else np.empty(0, np.int64)
        key = view.batch.column(LOT).to_numpy(zero_copy_only=False)
        rows, most = self._chosen(window, key)
        columns = features(plan)
        bins = [_bins(view, column)[rows] for column in columns]
        scores = [truth.class_scores[c][rows] for c in plan.class_names if c in truth.class_scores]
        if plan.model.task == "regression":
            prediction, outcome = (_numbers(view, c) for c in (plan.model.prediction, plan.model.outcome))
        else:
            prediction, outcome = _classes(truth.prediction), _classes(truth.outcome)
        return Sample(
            tuple(c.name for c in columns), window[rows], key[rows],
            np.stack(bins, axis=1).astype(np.int16) if bins else np.empty((len(rows), 0), np.int16),
            np.stack(scores, axis=1) if scores else np.empty((len(rows), 0)), prediction[rows], outcome[rows], most,
            self.whole,
        )  # fmt: skip

    def _chosen(self, window: NDArray[np.int64], key: NDArray[np.uint64]) -> tuple[Places, int]:
        if self.since is None and self.until is None:
            return chosen(window, key, self.most, self.whole)
        within = np.ones(len(window), np.bool_)
        if self.since is not None:
            within &= window >= self.since
        if self.until is not None:
            within &= window < self.until
        inside = np.flatnonzero(within)
        rows, most = chosen(window[inside], key[inside], self.most, self.whole)
        return inside[rows], most


@dataclass(frozen=True)
class Samples:
    """Several samples of the same rows."""

    parts: tuple[Sample, ...]

    def __add__(self, other: Samples) -> Samples:
        return Samples(tuple(a + b for a, b in zip(self.parts, other.parts, strict=True)))


@dataclass(frozen=True)
class Sampling:
    """Takes samples beside a profile (``profiles.profile_and``)."""

    plan: Plan
    samplers: tuple[Sampler, ...]

    def prepared(self, chunk: Chunk) -> Chunk:
        return with_lots(chunk, self.plan)

    def __call__(self, view: View) -> Samples:
        return Samples(tuple(sampler(view) for sampler in self.samplers))


def features(plan: Plan) -> list[NumberColumn | CategoryColumn]:
    """What an estimate looks at."""
    roles = ("feature", "prediction") if plan.model.task == "regression" else ("feature",)
    return [c for c in plan.columns if c.role in roles]


def _bins(view: View, column: NumberColumn | CategoryColumn) -> NDArray[np.int64]:
    if isinstance(column, CategoryColumn):
        return view.category(column.name).codes
    values = view.number(column)
    if values.finite is None:
        return values.index
    bins = np.full(view.batch.num_rows, -1)
    bins[values.finite] = values.index
    return bins


def _numbers(view: View, name: str | None) -> Floats:
    if name is None or name not in view.names:
        return np.full(view.batch.num_rows, np.nan)
    values: Floats = view.batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _classes(codes: NDArray[np.int64]) -> Floats:
    return np.where(codes < 0, np.nan, codes.astype(np.float64))
