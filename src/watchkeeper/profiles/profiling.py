"""Profiling: a whole source through the kernel."""

from __future__ import annotations

import time

import pyarrow as pa

from watchkeeper.profiles.kernel import Kernel
from watchkeeper.profiles.plan import Plan
from watchkeeper.profiles.profile import Profile
from watchkeeper.rows import Chunk, Rows

__all__ = ["profile_of"]


def profile_of(rows: Rows, plan: Plan, now: int | None = None) -> Profile:
    """Read all rows once.

    Parameters
    ----------
    now : µs since 1970 UTC, the present; rows later than that are counted and set aside. Default: the clock
    """
    kernel = Kernel(plan, time.time_ns() // 1000 if now is None else now)
    profile = rows.fold(kernel)
    return kernel(_nothing(rows, plan)) if profile is None else profile


def _nothing(rows: Rows, plan: Plan) -> Chunk:
    """A chunk without a row, so that an empty source still has a profile."""
    model = plan.model
    columns: dict[str, pa.Array] = {c: pa.array([], pa.float64()) for c in plan.numbers}
    columns |= {c: pa.array([], pa.dictionary(pa.int32(), pa.string())) for c in plan.categories}
    columns |= {f"kpi:{name}": pa.array([], pa.float64()) for name in model.kpis}
    columns |= {
        f"where:{p.name}": pa.array([], pa.bool_())
        for s in plan.segmentations
        for p in s.parts
        if hasattr(p, "name")
    }
    for s in plan.segmentations:
        for part in s.parts:
            name = part if isinstance(part, str) else getattr(part, "column", None)
            if name is not None and name not in columns:
                columns[name] = pa.array([], pa.float64())
    if model.timestamp is not None:
        columns[model.timestamp] = pa.array([], pa.timestamp("us", "UTC"))
    if model.weight is not None:
        columns[model.weight] = pa.array([], pa.float64())
    return Chunk(pa.RecordBatch.from_pydict(columns), 0)
