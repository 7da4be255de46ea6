"""Data quality: each number against its definition, and calm where nothing changed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.metrics.pairs import compared, value

REFERENCE = np.random.default_rng(0).normal(size=5_000)


def test_rates_of_values_that_are_no_numbers() -> None:
    x = pa.array([1.0, None, float("nan"), float("inf"), -float("inf"), 2.0, 3.0, 4.0])
    found = compared({"x": x}, {"x": REFERENCE})
    assert value(found, "missing_rate") == 1 / 8
    assert value(found, "nan_rate") == 1 / 8
    assert value(found, "infinite_rate") == 2 / 8
    assert found["missing_rate", "x"].estimate.count[0] == 8
    assert found["missing_rate", "x"].estimate.low[0] < 1 / 8 < found["missing_rate", "x"].estimate.high[0]


def test_text_in_a_column_of_numbers_is_retyped_and_not_missing() -> None:
    columns = {"x": pa.array([1.0, None, 3.0, 4.0]), "misfit:x": pa.array([False, True, False, False])}
    found = compared(columns, {"x": REFERENCE})
    assert value(found, "retyped_rate") == 0.25
    assert value(found, "missing_rate") == 0.0


def test_a_column_that_is_gone_is_missing() -> None:
    found = compared({"y": REFERENCE[:50]}, {"x": REFERENCE, "y": REFERENCE})
    assert value(found, "missing_rate") == 1.0
    assert np.isnan(value(found, "mean"))


def test_new_categories_are_a_share_of_the_valid_rows() -> None:
    found = compared({"c": ["a", "b", "new", "newer", None]}, {"c": ["a", "b", "a"]})
    assert value(found, "new_category_rate", "c") == 0.5
    assert value(found, "missing_rate", "c") == 0.2
    assert ("other_rate", "c") not in found


def test_where_the_reference_has_too_many_categories_the_rest_is_other() -> None:
    reference = [f"v{i}" for i in range(300)] + ["v0", "v1"]
    found = compared({"c": ["v0", "v1", "never", "nor"]}, {"c": reference})
    assert value(found, "other_rate", "c") == 0.5
    assert found["other_rate", "c"].reference is not None
    assert found["other_rate", "c"].reference.value[0] == pytest.approx(44 / 302)
    assert ("new_category_rate", "c") not in found


def test_values_beyond_the_reference_are_out_of_range() -> None:
    found = compared({"x": np.concatenate([REFERENCE[:98], [50.0, -50.0]])}, {"x": REFERENCE})
    assert value(found, "out_of_range_rate") == 0.02
    assert found["out_of_range_rate", "x"].reference is not None
    assert found["out_of_range_rate", "x"].reference.value[0] == 0.0


def test_nothing_is_out_of_range_without_a_reference() -> None:
    from tests.metrics.pairs import pair
    from watchkeeper.metrics import measure

    current, _ = pair({"x": REFERENCE}, {"x": REFERENCE})
    names = {s.metric.name for s in measure(current)}
    assert "missing_rate" in names
    assert not names & {"out_of_range_rate", "edge_rate", "jensen_shannon", "stuck_rate"}


def test_values_clipped_at_the_edge_of_the_range_pile_up_there() -> None:
    clipped = np.minimum(np.random.default_rng(1).normal(1.0, 1.0, 1_000), REFERENCE.max())
    clipped[:100] = REFERENCE.max()
    found = compared({"x": clipped}, {"x": REFERENCE})
    assert 0.1 <= value(found, "edge_rate") < 0.13
    assert found["edge_rate", "x"].reference is not None
    assert found["edge_rate", "x"].reference.value[0] < 0.002


def test_columns_that_are_often_at_their_edge_have_no_edge_rate() -> None:
    rain = np.where(np.arange(5_000) % 3 == 0, np.abs(REFERENCE), 0.0)
    assert ("edge_rate", "x") not in compared({"x": rain}, {"x": rain})


@pytest.mark.parametrize(("rows", "excluded"), [(3, False), (40, True)])
def test_constant_is_told_where_it_cannot_be_chance(rows: int, excluded: bool) -> None:
    often = np.where(np.arange(1_000) % 10 == 0, 1.0, 0.0)  # nine of ten are zero: 0.9 ** 40 = 0.015
    found = compared({"x": np.zeros(rows)}, {"x": often})["constant", "x"].estimate
    assert found.value[0] == found.high[0] == 1.0
    assert bool(found.low[0] > 0) is excluded


def test_constant_categories() -> None:
    reference = {"c": ["a", "b", "c"] * 50}
    assert value(compared({"c": ["a"] * 20}, reference), "constant", "c") == 1.0
    assert value(compared({"c": ["a"] * 20 + ["b"]}, reference), "constant", "c") == 0.0
    assert value(compared({"c": ["x", "y"] * 20}, reference), "constant", "c") == 0.0
    assert np.isnan(value(compared({"c": ["a"]}, reference), "constant", "c"))


def test_invalid_scores_are_missing_or_outside_of_the_unit_interval() -> None:
    rng = np.random.default_rng(0)
    rows = {"score": rng.random(500), "y": (rng.random(500) < 0.3).astype(float)}
    bad = {"score": pa.array([0.5, 1.5, -0.1, None]), "y": [1.0, 0.0, 1.0, 0.0]}
    found = compared(bad, rows, task="binary", score="score", outcome="y", positive=1)
    assert value(found, "invalid_score_rate", "score") == 0.75


def test_an_outcome_that_is_not_known_yet_is_not_missing() -> None:
    rng = np.random.default_rng(0)
    rows = {"score": rng.random(500), "y": (rng.random(500) < 0.3).astype(float)}
    open_ = {"score": rng.random(4), "y": pa.array([1.0, None, None, None])}
    found = compared(open_, rows, task="binary", score="score", outcome="y", positive=1)
    assert ("missing_rate", "y") not in found
    assert value(found, "outcome_coverage", None) == 0.25


def test_with_weights_rates_go_by_weight_and_counts_by_rows() -> None:
    rows = {"x": pa.array([1.0, None, 2.0, 3.0]), "w": [1.0, 3.0, 1.0, 1.0]}
    found = compared(rows, {"x": REFERENCE, "w": np.ones(5_000)}, weight="w")["missing_rate", "x"].estimate
    assert found.value[0] == 0.5
    assert found.count[0] == 4
