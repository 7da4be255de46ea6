"""Windows that were counted before their plan had a column read as if they were counted with it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import watchkeeper as wk
from tests.running.workspaces import same_profile
from watchkeeper import sources
from watchkeeper.profiles import Plan, Profile, from_arrow, plan_of, profile_of, to_arrow
from watchkeeper.profiles.planning import with_features

DAYS = 6
LATE = ("number", "code", "word")


def rows(days: range, *, late: bool) -> pa.Table:
    """A hundred rows a day, on the last day one; with the columns that came later, or without."""
    random = np.random.default_rng(days.start)
    n = sum(1 if day == DAYS - 1 else 100 for day in days)
    day = np.minimum(np.arange(n) // 100 + days.start, days.stop - 1)
    columns = {
        "ts": np.datetime64("2026-01-01", "us") + day * np.timedelta64(1, "D"),
        "x": random.normal(size=n),
        "place": random.choice(["a", "b", "c"], n),
        "w": random.integers(0, 4, n).astype(float),
    }
    if late:
        gone = random.random(n) < 0.3
        columns |= {
            "number": pa.array(random.normal(size=n), mask=gone),
            "code": pa.array(random.integers(0, 3, n).astype(float), mask=gone),
            "word": pa.array(random.choice(["yes", "no"], n), mask=gone),
        }
    return pa.table(columns)


def counted(table: pa.Table, plan: Plan) -> Profile:
    return profile_of(sources.open_rows(table, plan.model, "rows", kinds=plan.kinds), plan)


@pytest.mark.parametrize("weight", [None, "w"])
def test_as_if_counted_with_it(weight: str | None) -> None:
    model = wk.Model(timestamp="ts", segments=["place"], weight=weight, window="1d")
    before, after = rows(range(3, DAYS), late=False), rows(range(3), late=True)
    old = plan_of(model, sources.sample(sources.open_rows(before, model)).table)
    values = {name: after[name].drop_null().combine_chunks() for name in LATE}
    values["number"] = pa.array(np.random.default_rng(1).normal(size=1000))  # enough for a grid
    new = with_features(old, values)
    assert set(new.runs) - set(old.runs) == {"number"}
    assert [c.name for c in new.columns if c.role == "feature"][-3:] == list(LATE)
    stored = [to_arrow(counted(before, old)), to_arrow(counted(after, new))]
    stored = [table.replace_schema_metadata(None) for table in stored]
    whole = Profile.join([counted(after, new), counted(before, new)])
    same_profile(from_arrow(pa.concat_tables(stored), new), from_arrow(to_arrow(whole), new))
    same_profile(from_arrow(stored[0], new), from_arrow(to_arrow(counted(before, new)), new))
