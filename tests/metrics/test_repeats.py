"""Stuck sensors and duplicate ids."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.pairs import compared, value
from watchkeeper.metrics.repeats import duplicate_rate
from watchkeeper.profiles import Sketch

RNG = np.random.default_rng(0)
REFERENCE = RNG.normal(size=3_000)


def test_a_stuck_sensor_is_the_share_of_rows_in_long_runs() -> None:
    x = RNG.normal(size=200)
    x[50:82] = 7.0
    found = compared({"x": x}, {"x": REFERENCE})
    assert value(found, "stuck_rate") == 32 / 200
    assert found["stuck_rate", "x"].reference is not None
    assert found["stuck_rate", "x"].reference.value[0] == 0.0
    assert value(found, "longest_run") == 32


def test_runs_up_to_twice_those_of_the_reference_are_usual() -> None:
    slow = np.repeat(RNG.normal(size=500), 8)  # runs of eight
    assert value(compared({"x": np.repeat(RNG.normal(size=20), 16)}, {"x": slow}), "stuck_rate") == 0.0
    assert value(compared({"x": np.repeat(RNG.normal(size=20), 32)}, {"x": slow}), "stuck_rate") == 1.0


def test_one_run_is_one_event_however_many_rows_it_has() -> None:
    x = RNG.normal(size=1_000)
    x[:512] = 7.0
    e = compared({"x": x}, {"x": REFERENCE})["stuck_rate", "x"].estimate
    assert 0 < e.low[0] < 0.25
    assert e.high[0] > 0.75


def test_segments_are_watched_each_on_its_own() -> None:
    from tests.metrics.pairs import pair
    from watchkeeper.metrics import measure

    x = RNG.normal(size=400)
    x[::2] = 3.0  # every second row: never twice in a row, but always in the one segment
    columns = {"x": x, "site": ["a", "b"] * 200}
    reference = {"x": REFERENCE, "site": ["a", "b"] * 1_500}
    current, before = pair(columns, reference, segments=["site"], features=["x"])
    found = {s.segment: s for s in measure(current, before) if s.metric.name == "stuck_rate"}
    assert found[None].estimate.value[0] == 0.0
    assert found["a"].estimate.value[0] == 1.0
    assert found["b"].estimate.value[0] == 0.0


def test_duplicate_ids_are_counted_exactly_where_there_are_few() -> None:
    ids = [1, 2, 2, 3, 3, 3]
    found = compared({"id": ids, "x": REFERENCE[:6]}, {"id": np.arange(3_000), "x": REFERENCE}, id="id")
    e = found["duplicate_id_rate", "id"].estimate
    assert e.value[0] == e.low[0] == e.high[0] == 0.5


def test_the_usual_rate_of_duplicates_is_that_of_a_window() -> None:
    ids = np.tile(np.arange(100), 5)  # each id once in each window, five times in all
    rows = {"id": ids, "x": REFERENCE[:500]}
    found = compared(rows, rows, id="id", window="100 rows")["duplicate_id_rate", "id"]
    assert found.estimate.value.tolist() == [0.0] * 5
    assert found.reference is not None
    assert found.reference.value[0] == 0.0


@pytest.mark.parametrize("repeated", [0.0, 0.01, 0.3])
def test_of_many_ids_a_sample_tells_the_rate(repeated: float) -> None:
    rng, covered, draws = np.random.default_rng(3), 0, 100
    truth = 1 - 1 / (1 + repeated)
    for _ in range(draws):
        hashes = np.sort(rng.integers(0, 2**63, 4_096).astype(np.uint64))
        rows = 1 + (rng.random(4_096) < repeated).astype(np.int64)
        e = duplicate_rate(Sketch(1, np.zeros(4_096, np.int64), hashes, rows))
        assert abs(e.value[0] - truth) < 0.04
        covered += bool(e.low[0] <= truth <= e.high[0])
    assert covered >= 0.9 * draws
