"""A current and a reference profile under the reference's plan, from plain columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.metrics import Series, measure
from watchkeeper.model import Model
from watchkeeper.profiles import Plan, Profile
from watchkeeper.profiles.kernel import Kernel
from watchkeeper.profiles.planning import plan_of
from watchkeeper.rows import Chunk

Columns = Mapping[str, Any]
Key = tuple[str, str | None]


def batch(columns: Columns) -> pa.RecordBatch:
    """Prepared rows: numbers as float64, text dictionary-encoded, None (not NaN) as missing."""
    arrays = {}
    for name, values in columns.items():
        array = values if isinstance(values, pa.Array) else pa.array(values)
        if pa.types.is_string(array.type) or pa.types.is_null(array.type):
            arrays[name] = array.cast(pa.string()).dictionary_encode()
        elif name == "id" or pa.types.is_boolean(array.type):
            arrays[name] = array
        else:
            arrays[name] = array.cast(pa.float64())
    return pa.RecordBatch.from_pydict(arrays)


def profile(plan: Plan, columns: Columns) -> Profile:
    return Kernel(plan, now=0)(Chunk(batch(columns), 0))


def pair(current: Columns, reference: Columns, **model: Any) -> tuple[Profile, Profile]:
    """Both profiles; ``window="100 rows"`` for more than one window."""
    plan = plan_of(Model(**({"window": None} | model)), pa.Table.from_batches([batch(reference)]))
    return profile(plan, current), profile(plan, reference)


def compared(
    current: Columns, reference: Columns, names: Sequence[str] = (), confidence: float = 0.95, **model: Any
) -> dict[Key, Series]:
    """(metric, column) → series of all rows."""
    found = measure(
        *pair(current, reference, **model), confidence, (lambda m, _: m.name in names) if names else None
    )
    return {(s.metric.name, s.column): s for s in found if s.segment_by is None}


def value(series: Mapping[Key, Series], metric: str, column: str | None = "x") -> float:
    """Its value in the first window."""
    return float(series[metric, column].estimate.value[0])


def distributions(n: int, seed: int) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """What numbers look like in practice."""
    rng = np.random.default_rng(seed)
    return {
        "normal": rng.normal(size=n),
        "lognormal": rng.lognormal(0, 1.5, n),
        "heavy": rng.standard_t(2, n),
        "bimodal": np.where(rng.random(n) < 0.3, rng.normal(-4, 0.5, n), rng.normal(3, 1, n)),
        "year": rng.integers(1950, 2024, n).astype(np.float64),
        "kelvin": rng.normal(288.15, 7, n),
        "integer": rng.poisson(400, n).astype(np.float64),
        "few": rng.integers(0, 5, n).astype(np.float64),
    }
