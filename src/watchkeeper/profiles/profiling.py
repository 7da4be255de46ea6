"""Profiling: a whole source through the kernel."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pyarrow as pa

from watchkeeper.profiles.kernel import Kernel
from watchkeeper.profiles.plan import Plan
from watchkeeper.profiles.profile import Profile
from watchkeeper.rows import Chunk, Rows

__all__ = ["profile_of"]

MOST_PENDING = 16
SPARE = 64 * 2**20  # bytes of small profiles that may wait


def profile_of(rows: Rows, plan: Plan, now: int | None = None) -> Profile:
    """Read all rows once.

    Parameters
    ----------
    now : µs since 1970 UTC, the present; rows later than that are counted and set aside. Default: the clock
    """
    kernel = Kernel(plan, time.time_ns() // 1000 if now is None else now)
    pending = rows.fold(_Collecting(kernel))
    return kernel(_nothing(rows, plan)) if pending is None else Profile.join(pending.parts)


@dataclass(frozen=True)
class _Pending:
    """Profiles that wait to be joined many at once: each number is then copied once rather than at every chunk."""

    parts: tuple[Profile, ...]

    def __add__(self, other: _Pending) -> _Pending:
        parts = self.parts + other.parts
        sizes = [part.size for part in parts]
        full = len(parts) > MOST_PENDING or sum(sizes) > 2 * max(sizes) + SPARE
        return _Pending((Profile.join(parts),) if full else parts)

    def __reduce__(self) -> tuple[type[_Pending], tuple[tuple[Profile]]]:
        return _Pending, ((Profile.join(self.parts),),)  # less to send from a worker


@dataclass(frozen=True)
class _Collecting:
    kernel: Kernel

    def __call__(self, chunk: Chunk) -> _Pending:
        return _Pending((self.kernel(chunk),))


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
