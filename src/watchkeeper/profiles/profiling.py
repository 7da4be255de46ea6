"""Profiling: a whole source through the kernel."""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import pyarrow as pa

from watchkeeper.profiles.kernel import Kernel, View
from watchkeeper.profiles.plan import Plan
from watchkeeper.profiles.profile import Profile
from watchkeeper.rows import Chunk, Rows, Summable

__all__ = ["Taker", "profile_and", "profile_of"]

T = TypeVar("T", bound=Summable)
T_co = TypeVar("T_co", bound=Summable, covariant=True)

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


class Taker(Protocol[T_co]):
    """Takes something of each chunk beside its profile; picklable, and what it takes adds up."""

    def prepared(self, chunk: Chunk) -> Chunk:
        """The chunk with what must be known before its rows are sorted into windows."""

    def __call__(self, view: View) -> T_co: ...


def profile_and(rows: Rows, plan: Plan, taker: Taker[T], now: int | None = None) -> tuple[Profile, T | None]:
    """Read all rows once, for their profile and what ``taker`` takes; None of that without any row."""
    kernel = Kernel(plan, time.time_ns() // 1000 if now is None else now)
    found = rows.fold(_CollectingBoth(kernel, taker))
    if found is None:
        return kernel(_nothing(rows, plan)), None
    return Profile.join(found.pending.parts), found.taken


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


@dataclass(frozen=True)
class _Both(Generic[T]):
    pending: _Pending
    taken: T

    def __add__(self, other: _Both[T]) -> _Both[T]:
        return _Both(self.pending + other.pending, self.taken + other.taken)

    def __reduce__(self) -> tuple[type[_Both[T]], tuple[_Pending, T]]:
        return _Both, (copy(self.pending), copy(self.taken))


@dataclass(frozen=True)
class _CollectingBoth(Generic[T]):
    kernel: Kernel
    taker: Taker[T]

    def __call__(self, chunk: Chunk) -> _Both[T]:
        view = self.kernel.view(self.taker.prepared(chunk))
        return _Both(_Pending((view.profile(),)), self.taker(view))


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
