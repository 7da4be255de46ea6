from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper import sources
from watchkeeper.estimation import Estimator, Sample, sample_of
from watchkeeper.model import Model
from watchkeeper.profiles import Plan, Profile, plan_of, profile_of

Read = tuple[Plan, Profile, Sample]


@pytest.fixture(scope="session")
def read() -> Callable[..., Read]:
    """Profile and sample of a table, under its own plan or a given one."""

    def _read(table: pa.Table, model: Model, plan: Plan | None = None, most: int = 5_000) -> Read:
        rows = sources.open_rows(table, model, "rows", kinds=None if plan is None else plan.kinds)
        whole = plan is None
        plan = plan_of(model, sources.sample(rows).table) if plan is None else plan
        found = sample_of(rows, plan, 60_000 if whole else most, whole=whole)
        assert found is not None
        return plan, profile_of(rows, plan), found

    return _read


@pytest.fixture(scope="session")
def fitted(read: Callable[..., Read]) -> Callable[[pa.Table, Model], tuple[Plan, Estimator]]:
    def _fitted(table: pa.Table, model: Model) -> tuple[Plan, Estimator]:
        plan, profile, found = read(table, model)
        estimator = Estimator.fit(profile, found)
        assert estimator is not None
        return plan, estimator

    return _fitted


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))
