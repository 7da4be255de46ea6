"""Alarms of a stream of rows: one finding while a change lasts, none once it has ended, and none that is too small."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import watchkeeper as wk
from watchkeeper.verdicts import Finding, Judgement

REFERENCE, DAYS, ROWS = 40, 140, 100


def stream(shift: np.ndarray, accuracy: np.ndarray | float = 0.9, rows: int = ROWS) -> pa.Table:
    """Rows of (REFERENCE + DAYS,) days: a column that lies higher by ``shift`` standard deviations, and labels."""
    rng = np.random.default_rng(4)
    day = np.repeat(np.arange(REFERENCE + DAYS), rows)
    label = rng.integers(0, 2, len(day))
    right = rng.random(len(day)) < np.broadcast_to(accuracy, REFERENCE + DAYS)[day]
    return pa.table({
        "ts": np.datetime64("2026-01-01", "us") + day.astype("timedelta64[D]"),
        "x": rng.normal(size=len(day)) + shift[day],
        "said": np.where(right, label, 1 - label),
        "was": label,
    })  # fmt: skip


def moved(*days: tuple[int, int], by: float) -> np.ndarray:
    out = np.zeros(REFERENCE + DAYS)
    for first, last in days:
        out[REFERENCE + first : REFERENCE + last] = by
    return out


def checked(table: pa.Table, metric: str, **keys: object) -> tuple[Judgement, list[Finding]]:
    model = wk.Model(
        task="binary", timestamp="ts", prediction="said", outcome="was", positive=1, features=["x"],
        reference=f"first {REFERENCE}d", **keys,
    )  # fmt: skip
    result = wk.check(table, model=model)
    judged = next(
        j for j in result.judgements if j.series.metric.name == metric and j.series.column in (None, "x")
    )
    return judged, [f for f in result.findings if f.metric == metric and f.column in (None, "x")]


def alarms(judgement: Judgement) -> list[int]:
    return np.flatnonzero(judgement.verdict == "alarm").tolist()


def test_a_shift_that_lasts_is_one_finding_without_holes():
    judged, (found,) = checked(stream(moved((30, DAYS), by=0.3)), "jensen_shannon")
    told = alarms(judged)
    assert 33 <= told[0] <= 45
    assert told == list(range(told[0], DAYS))
    assert found.kind == "shift"
    assert found.ongoing


def test_a_shift_that_ends_is_over_once_and_a_second_one_alarms_again():
    judged, (found,) = checked(stream(moved((20, 50), (100, DAYS), by=0.4)), "jensen_shannon")
    told = alarms(judged)
    first, second = [i for i in told if i < 75], [i for i in told if i >= 75]
    assert first == list(range(first[0], first[-1] + 1))
    assert 50 <= first[-1] + 1 <= 56
    assert second == list(range(second[0], DAYS))
    assert 104 <= second[0] <= 115
    assert "21 May 2026" in judged.sentences[DAYS - 1]
    assert found.ongoing
    assert found.windows == len(told)


@pytest.mark.parametrize(("least", "verdict"), [(0.02, "alarm"), (0.2, "unclear")])
def test_a_change_smaller_than_the_least_effect_is_unclear_and_says_so(least, verdict):
    accuracy = 0.9 - moved((20, DAYS), by=0.1)
    table = stream(moved(by=0.0), accuracy)
    judged, _ = checked(table, "accuracy", least_effect={"accuracy": least})
    plain, _ = checked(table, "accuracy")
    told = alarms(plain)
    assert told
    assert {judged.verdict[i] for i in told} == {verdict}
    silent = verdict == "unclear"
    assert ("smaller than the 20 points that you want to be told of" in judged.sentences[told[-1]]) is silent
    assert judged.kinds == ({} if silent else plain.kinds)
    assert [v for i, v in enumerate(judged.verdict) if i not in told] == [
        v for i, v in enumerate(plain.verdict) if i not in told
    ]


def test_a_single_far_window_that_is_small_is_unclear_and_a_band_alarms_all_the_same():
    table, least = stream(moved((20, 21), by=6.0), rows=400), {"jensen_shannon": 0.995}
    plain, _ = checked(table, "jensen_shannon")
    small, _ = checked(table, "jensen_shannon", least_effect=least)
    banded, _ = checked(table, "jensen_shannon", least_effect=least, bands={"jensen_shannon": "<= 0.5"})
    assert alarms(plain) == alarms(banded) == [20]
    assert plain.kinds[20] == "break"
    assert small.verdict[20] == "unclear"
    assert "smaller than the 0.99 that you want to be told of" in small.sentences[20]
