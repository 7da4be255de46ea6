"""Groups of bins: equal shares of the reference, in order, without a gap in the numbering."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.metrics.groups import group_of


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 12))
def test_groups_are_numbered_without_gaps_and_hold_every_row(counts: list[int], groups: int) -> None:
    reference = np.array(counts, dtype=np.float64)
    group = group_of(reference, groups)
    assert group.shape == reference.shape
    held = np.bincount(group, weights=reference, minlength=groups + 1)
    assert held.sum() == reference.sum()
    occupied = int((reference > 0).sum())
    if occupied > groups or reference.sum() < 10 * occupied:
        assert (np.diff(group) >= 0).all()
        assert set(np.unique(group)) <= set(range(groups))
        assert (held[: group.max() + 1] > 0).all()
    else:
        assert len(set(group[reference > 0].tolist())) == occupied
        assert set(group[reference == 0].tolist()) <= {occupied}


def test_a_value_that_most_rows_share_is_a_group_of_its_own() -> None:
    reference = np.array([1.0] * 10 + [1_000.0] + [1.0] * 10)
    group = group_of(reference, 5)
    assert group[10] not in group[:10]
    assert len(set(group.tolist())) == 3
