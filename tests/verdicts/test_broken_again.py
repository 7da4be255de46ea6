"""A column that leaked for a while, was mended, and then breaks on single days."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

import watchkeeper as wk

DAYS, ROWS, REFERENCE = 90, 400, 32
LEAKING, BROKEN = range(40, 55), (70, 77, 84)


def test_a_break_after_a_leak_has_ended_is_told():
    rng = np.random.default_rng(3)
    day = np.repeat(np.arange(DAYS), ROWS)
    natural = 0.02 + 0.005 * rng.random(DAYS)
    rate = np.where(np.isin(np.arange(DAYS), LEAKING), 0.12, natural)
    rate[list(BROKEN)] = 0.4
    x = np.where(rng.random(len(day)) < rate[day], np.nan, rng.normal(size=len(day)))
    at = np.datetime64("2026-01-01", "us") + day * np.timedelta64(1, "D").astype("timedelta64[us]")
    result = wk.check(pa.table({"x": x, "at": at}), f"first {REFERENCE}d", wk.Model(timestamp="at"))
    found = next(j for j in result.judgements if (j.series.metric.name, j.series.column) == ("nan_rate", "x"))
    alarms = np.flatnonzero(found.verdict == "alarm") + REFERENCE
    assert set(LEAKING) & set(alarms.tolist())
    assert set(BROKEN) <= set(alarms.tolist())
    assert not set(range(60, 70)) & set(alarms.tolist())
    assert "40" in found.sentences[BROKEN[0] - REFERENCE]
