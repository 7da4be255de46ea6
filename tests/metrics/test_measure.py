"""Measure: which series there are, what they are compared with, and that empty windows say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.metrics.pairs import compared, pair
from watchkeeper.metrics import Metric, Series, judged_by_default, measure
from watchkeeper.profiles import Profile

Key = tuple[str, str | None, str | None, str | None]


def rows(n: int, seed: int, rate: float = 0.3) -> dict[str, Any]:
    """A binary model's rows with two features, an id and a segment."""
    rng = np.random.default_rng(seed)
    score = rng.beta(2, 2 / rate - 2, n)
    return {
        "x": rng.normal(size=n), "z": rng.lognormal(size=n), "id": np.arange(n),
        "site": rng.choice(["a", "b", "c"], n).tolist(), "score": score,
        "y": (rng.random(n) < score).astype(np.float64),
    }  # fmt: skip


BINARY = {
    "task": "binary", "score": "score", "outcome": "y", "positive": 1, "id": "id", "segments": ["site"],
    "features": ["x", "z", "site"], "window": "500 rows", "kpis": {"income": "sum(x)"},
}  # fmt: skip


def profiles(**changes: Any) -> tuple[Profile, Profile]:
    current, reference = rows(1_500, 1), rows(3_000, 2)
    for each in (current, reference):
        each["kpi:income"] = each["x"]
    return pair(current, reference, **(BINARY | changes))


def keyed(series: list[Series]) -> dict[Key, Series]:
    found = {(s.metric.name, s.column, s.segment_by, s.segment): s for s in series}
    assert len(found) == len(series)
    return found


FOUND = keyed(measure(*profiles()))


def test_every_series_is_as_long_as_the_windows() -> None:
    for key, s in FOUND.items():
        e = s.estimate
        assert e.value.shape == e.low.shape == e.high.shape == e.count.shape == (3,), key
        assert e.bias is None or e.bias.shape == (3,), key
        assert e.count.dtype == np.int64, key
        assert s.reference is not None, key
        assert s.reference.value.shape == (1,), key


def test_intervals_hold_the_value_where_it_is_no_distance() -> None:
    for key, s in FOUND.items():
        e = s.estimate
        known = np.isfinite(e.value) & np.isfinite(e.low) & np.isfinite(e.high)
        assert (e.low <= e.high)[known].all(), key
        if s.metric.family != "drift" and e.bias is None:
            close = 1e-9 * np.abs(e.value)
            assert ((e.low <= e.value + close) & (e.value <= e.high + close))[known].all(), key


def test_the_reference_of_what_adds_up_is_that_of_a_window() -> None:
    count = FOUND["row_count", None, None, None]
    assert count.reference is not None
    assert count.reference.value[0] == 500
    assert count.reference_windows is not None
    assert count.reference_windows.tolist() == [500.0] * 6
    income = FOUND["income", None, None, None]
    assert income.reference is not None
    assert income.reference.value[0] == pytest.approx(rows(3_000, 2)["x"].sum() / 6, rel=1e-6)


def test_the_reference_of_a_rate_is_that_of_all_its_rows() -> None:
    accuracy = FOUND["accuracy", None, None, None]
    reference = rows(3_000, 2)
    assert accuracy.reference is not None
    assert accuracy.reference.value[0] == pytest.approx(
        np.mean((reference["score"] >= 0.5) == reference["y"])
    )
    assert accuracy.reference_windows is not None
    assert len(accuracy.reference_windows) == 6


def test_segments_come_after_all_rows_with_their_shares() -> None:
    order = [key[2] for key in FOUND]
    assert order == sorted(order, key=lambda by: by is not None)
    shares = [FOUND["segment_share", None, "site", v].estimate.value for v in "abc"]
    assert np.sum(shares, axis=0) == pytest.approx(1.0)


def test_values_that_never_occur_are_left_out() -> None:
    assert not any(key[3] == "other" for key in FOUND)


def test_only_limits_what_is_measured() -> None:
    def wanted(metric: Metric, by: str | None) -> bool:
        return metric.name == "accuracy" and by is None

    assert {(s.metric.name, s.segment_by) for s in measure(*profiles(), only=wanted)} == {("accuracy", None)}


def test_a_higher_confidence_gives_wider_intervals_and_the_same_values() -> None:
    for key, wide in keyed(measure(*profiles(), confidence=0.9999)).items():
        narrow = FOUND[key]
        assert np.array_equal(wide.estimate.value, narrow.estimate.value, equal_nan=True), key
        known = np.isfinite(wide.estimate.low) & np.isfinite(narrow.estimate.low)
        assert (wide.estimate.low <= narrow.estimate.low + 1e-9)[known].all(), key


def test_profiles_of_other_plans_are_refused() -> None:
    current, reference = profiles()
    with pytest.raises(ValueError, match="one plan"):
        measure(replace(current, plan=replace(current.plan, columns=())), reference)


def test_a_window_without_rows_has_no_value_and_count_zero() -> None:
    current, reference = profiles()
    slices = {by: s.join([s], [np.array([0, 2, 3])], 4) for by, s in current.slices.items()}
    gap = replace(current, windows=np.arange(4), slices=slices)
    for key, s in keyed(measure(gap, reference)).items():
        assert s.estimate.count[1] == 0, key
        assert s.metric.name == "row_count" or np.isnan(s.estimate.value[1]), key
        before = FOUND.get(key)
        if before is not None:
            assert np.allclose(s.estimate.value[[0, 2, 3]], before.estimate.value, equal_nan=True), key
    assert {key for key in FOUND if key[0] != "correlation"} <= set(keyed(measure(gap, reference)))


def test_one_window_and_one_row_are_enough() -> None:
    current, reference = rows(1, 3), rows(300, 2)
    found = compared(current, reference, **(BINARY | {"window": None, "kpis": {}}))
    assert found["row_count", None].estimate.value[0] == 1
    assert found["mean", "x"].estimate.count[0] == 1


def odd(n: int) -> dict[str, Any]:
    """Columns as data have them on a bad day."""
    rng = np.random.default_rng(0)
    return {
        "usual": rng.normal(size=n),
        "counts": rng.integers(0, 4, n).astype(np.float64),
        "missing": pa.array([None] * n, pa.float64()),
        "equal": np.full(n, 3.0),
        "nan": np.full(n, np.nan),
        "infinite": np.where(rng.random(n) < 0.5, np.inf, -np.inf),
        "huge": rng.choice([1e308, -1e308], n) * rng.random(n),
        "tiny": rng.normal(size=n) * 1e-300,
        "offset": 1e15 + rng.integers(0, 2, n),
        "spike": np.where(np.arange(n) == 0, 1e9, 0.0),
        "text": ["a"] * n,
        "ids": [f"id{i}" for i in range(n)],
        "none": pa.array([None] * n, pa.string()),
        "site": rng.choice(["a", "b"], n).tolist(),
    }


@pytest.mark.parametrize("name", list(odd(1)))
def test_nothing_breaks_on_odd_columns(name: str) -> None:
    """Each as it is in the reference, and each after each other kind that fits its type."""
    columns = odd(400)
    text = name in ("text", "ids", "none", "site")
    for other in (
        ("text", "ids", "none") if text else ("usual", "missing", "equal", "infinite", "huge", "spike")
    ):
        now = {
            "column": columns[other][:50] if text else pa.array(columns[other])[:50],
            "site": columns["site"][:50],
        }
        reference = {"column": columns[name], "site": columns["site"]}
        profiles = pair(now, reference, window="25 rows", segments=["site"], features=["column", "site"])
        for s in measure(*profiles):
            e = s.estimate
            assert e.value.shape == (2,)
            assert not (e.value[e.count == 0] != 0).any() or np.isnan(e.value[e.count == 0]).all(), s


def test_without_a_reference_there_is_nothing_to_compare_with() -> None:
    current, _ = profiles()
    found = measure(current)
    assert all(s.reference is None and s.reference_windows is None for s in found)
    assert not any(s.metric.family == "drift" for s in found)
    assert not any(judged_by_default(s) and s.reference is not None for s in found)


def test_what_is_judged_by_default() -> None:
    judged = {(k[0], k[1], k[2]) for k, s in FOUND.items() if judged_by_default(s)}
    assert {("accuracy", None, None), ("jensen_shannon", "x", None), ("missing_rate", "z", None)} <= judged
    assert {
        ("accuracy", None, "site"),
        ("missing_rate", "x", "site"),
        ("segment_share", None, "site"),
    } <= judged
    assert not {("jensen_shannon", "x", "site"), ("log_loss", None, None), ("mean", "x", None)} & judged
    assert ("average_precision", None, None) not in judged


def test_average_precision_is_judged_where_positives_are_rare() -> None:
    current, reference = rows(500, 1, rate=0.04), rows(3_000, 2, rate=0.04)
    assert 0.01 < np.mean(reference["y"]) < 0.1
    found = compared(current, reference, **(BINARY | {"kpis": {}}))
    assert judged_by_default(found["average_precision", None])


def test_a_mean_error_is_worth_telling_from_a_quarter_of_the_mean_absolute_error() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=2_000)
    columns = {"said": y + rng.laplace(size=2_000), "y": y}
    found = compared(columns, columns, task="regression", prediction="said", outcome="y")
    error = found["mean_error", None]
    assert judged_by_default(error)
    assert error.metric.effect == pytest.approx(0.25 * np.abs(columns["said"] - y).mean())
