from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from watchkeeper.demo.classifier import out_of_fold, trained_on
from watchkeeper.demo.flights import flights


@pytest.fixture(scope="module")
def january() -> pa.Table:
    """The flights of every third day of January."""
    table = flights()
    return table.filter(pc.field("day").isin([date(2013, 1, day) for day in range(1, 31, 3)]))


def auc(scores: np.ndarray, table: pa.Table) -> float:
    from sklearn.metrics import roc_auc_score

    late = table["late"].to_numpy().astype(float)
    known = ~np.isnan(late)
    return roc_auc_score(late[known], scores[known])


def test_every_flight_of_the_reference_has_a_probability(january: pa.Table) -> None:
    scores = out_of_fold(january)
    assert scores.shape == (january.num_rows,)
    assert ((scores > 0) & (scores < 1)).all()


def test_the_reference_is_not_scored_by_a_model_that_has_seen_it(january: pa.Table) -> None:
    honest, seen = auc(out_of_fold(january), january), auc(trained_on(january, january), january)
    assert 0.5 < honest < seen - 0.05


def test_it_is_the_same_every_time(january: pa.Table) -> None:
    assert np.array_equal(trained_on(january, january), trained_on(january, january))
