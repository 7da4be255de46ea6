"""Traffic: the shares of the segments."""

from __future__ import annotations

import numpy as np

from tests.metrics.pairs import pair
from watchkeeper.metrics import measure
from watchkeeper.metrics.intervals import wilson


def test_segment_share_is_the_share_of_all_rows_with_wilsons_interval() -> None:
    reference = {"x": np.arange(400.0), "site": ["a", "b", "b", "b"] * 100}
    current = {"x": np.arange(100.0), "site": ["a"] * 60 + ["b"] * 30 + ["new"] * 10}
    found = measure(*pair(current, reference, segments=["site"], features=["x"]))
    shares = {s.segment: s for s in found if s.metric.name == "segment_share"}
    assert {v: s.estimate.value[0] for v, s in shares.items()} == {"a": 0.6, "b": 0.3, "other": 0.1}
    assert {v: s.reference.value[0] for v, s in shares.items() if s.reference} == {
        "a": 0.25,
        "b": 0.75,
        "other": 0.0,
    }
    low, high = wilson(60, 100)
    assert (shares["a"].estimate.low[0], shares["a"].estimate.high[0]) == (low, high)
    assert shares["a"].estimate.count[0] == 100


def test_all_rows_have_no_share() -> None:
    columns = {"x": np.arange(10.0)}
    assert not any(s.metric.name == "segment_share" for s in measure(*pair(columns, columns)))
