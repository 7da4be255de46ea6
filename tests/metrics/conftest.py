"""What tests of metrics share: rows to profiles to numbers, without any file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.metrics.estimate import Context, Estimate, Metric
from watchkeeper.model import Model
from watchkeeper.profiles.kernel import Kernel
from watchkeeper.profiles.plan import Plan
from watchkeeper.profiles.planning import plan_of
from watchkeeper.rows import Chunk

Numbers = dict[tuple[str, str | None], Estimate]


def _batch(columns: Mapping[str, Any]) -> pa.RecordBatch:
    """Prepared rows: numbers as float64, text dictionary-encoded, None as missing."""
    arrays = {}
    for name, values in columns.items():
        array = pa.array(values, from_pandas=True)
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            arrays[name] = array.cast(pa.string()).dictionary_encode()
        else:
            arrays[name] = array.cast(pa.float64())
    return pa.RecordBatch.from_pydict(arrays)


class Measured:
    """Every number that some metrics give for rows, split at a number of rows into windows."""

    def __init__(self, model: Model, plan: Plan, batch: pa.RecordBatch, confidence: float = 0.95) -> None:
        self.plan, self.confidence = plan, confidence
        self.profile = Kernel(plan, now=0)(Chunk(batch, 0))

    def context(self, by: str | None = None) -> Context:
        profile = self.profile
        return Context(self.plan, profile.slices[by], profile.everything, None, None, self.confidence)

    def numbers(self, metrics: tuple[Metric, ...], by: str | None = None) -> Numbers:
        """(metric, column) → its estimate (W, V)."""
        context = self.context(by)
        fit = [m for m in metrics if not m.tasks or self.plan.model.task in m.tasks]
        return {(m.name, column): e for m in fit for column, e in m.compute(context)}


@pytest.fixture
def measured() -> Callable[..., Measured]:
    """``measured(model, columns, plan_columns=None)``: the plan is made of the second ones where given."""

    def build(
        model: Model,
        columns: Mapping[str, Any],
        planned: Mapping[str, Any] | None = None,
        confidence: float = 0.95,
    ) -> Measured:
        sample = pa.Table.from_batches([_batch(columns if planned is None else planned)])
        return Measured(model, plan_of(model, sample), _batch(columns), confidence)

    return build


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20130101)
