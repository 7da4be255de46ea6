"""Prepared batches for tests of profiles, and a plain NumPy oracle's view of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.model import Bins, Model, Where
from watchkeeper.profiles import Plan, Profile, plan_of
from watchkeeper.profiles.kernel import Kernel
from watchkeeper.rows import Chunk

START = 1_767_225_600_000_000  # 2026-01-01 UTC
DAY = 86_400_000_000
FAR = START + 10_000 * DAY


def model(**changes: object) -> Model:
    """A binary model with every kind of summary."""
    keys: dict[str, object] = {
        "name": "m", "task": "binary", "timestamp": "ts", "id": "id", "prediction": "said", "score": "score",
        "outcome": "label", "positive": 1, "segments": ["city", ["city", Bins("x", [0.0])], Where("rich", "x > 1")],
        "kpis": {"revenue": "sum(x)"},
    }  # fmt: skip
    return Model(**(keys | changes))


def table(n: int, seed: int = 0, days: int = 4, weighted: bool = False) -> pa.Table:
    """Prepared rows: time-ordered, with missing, NaN and infinite values, unknown outcomes, a stuck sensor."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n).round(2)
    x[rng.random(n) < 0.02] = np.nan
    x[rng.random(n) < 0.01] = np.inf
    sensor = rng.lognormal(size=n)
    sensor[n // 3 : n // 2] = 7.0
    score = rng.beta(1, 3, n).round(4)
    label = (rng.random(n) < score).astype(float)
    stamps = np.sort(rng.integers(START, START + days * DAY, n))
    columns = {
        "ts": pa.array(stamps, pa.timestamp("us", "UTC")),
        "id": pa.array(rng.integers(0, max(n // 2, 1), n)),
        "x": pa.array(x, mask=rng.random(n) < 0.03),
        "sensor": pa.array(sensor),
        "city": pa.array(rng.choice(["Ulm", "Bonn", "Köln"], n).tolist(), pa.string()).dictionary_encode(),
        "said": pa.array((score > 0.4).astype(float)),
        "score": pa.array(score),
        "label": pa.array(label, mask=rng.random(n) < 0.1),
        "where:rich": pa.array(x > 1, mask=np.isnan(x)),
        "kpi:revenue": pa.array(np.where(np.isfinite(x), x, 0.0), mask=rng.random(n) < 0.05),
    }
    if weighted:
        columns["w"] = pa.array(rng.integers(1, 5, n) / 2.0)
    return pa.table(columns)


def chunks(rows: pa.Table, cuts: Sequence[int] = ()) -> Iterator[Chunk]:
    """The table in pieces that begin at the cuts."""
    edges = sorted({0, *(min(c, rows.num_rows) for c in cuts), rows.num_rows})
    for a, b in pairwise(edges):
        yield Chunk(rows.slice(a, b - a).combine_chunks().to_batches()[0], a)


def profile(rows: pa.Table, plan: Plan, cuts: Sequence[int] = ()) -> Profile:
    kernel = Kernel(plan, FAR)
    parts = [kernel(chunk) for chunk in chunks(rows, cuts)]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def plan(rows: pa.Table, m: Model | None = None) -> Plan:
    return plan_of(m or model(), rows)


def column(rows: pa.Table, name: str) -> NDArray[np.float64]:
    return rows.column(name).to_numpy()
