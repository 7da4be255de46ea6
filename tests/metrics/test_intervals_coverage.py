"""A small part of the published coverage grid; ``python -m benchmarks.coverage`` runs it all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.coverage import distances, means, proportions, ranking
from benchmarks.coverage.cell import LEAST, Cell

ERROR = 0.02  # four standard errors at 1,500 repetitions


@pytest.mark.parametrize(
    ("family", "repetitions", "every"),
    [(proportions, 1_500, 1), (means, 600, 3), (ranking, 1_500, 12), (distances, 1_500, 13)],
)
def test_nominal_95_percent_holds(family, repetitions, every):
    cells = [cell for cell in family.cells(repetitions, every=every) if cell.must]
    assert len(cells) >= 8
    assert [cell for cell in cells if cell.coverage < LEAST - ERROR] == []


def test_a_missed_bar_is_told():
    from benchmarks.coverage.report import failures

    good, bad = Cell("roc_auc", "a", 200, 0.95), Cell("roc_auc", "b", 200, 0.90)
    assert failures([good]) == []
    assert len(failures([good, bad])) == 2  # the cell, and the mean of the metric
