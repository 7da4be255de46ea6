"""Shares and the stacks that compute many at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.metrics.pairs import pair
from watchkeeper.metrics import share as module
from watchkeeper.metrics.share import share, shares, stacks


def test_many_shares_together_are_each_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOGETHER", 25)  # three columns of ten windows
    rng = np.random.default_rng(0)
    columns = {"x": rng.normal(size=1_000), "w": rng.random(1_000)}
    current, _ = pair(columns, columns, weight="w", window="100 rows")
    cells = current.everything
    parts = [(f"c{i}", cells.weight * rng.random(cells.weight.shape), cells.weight) for i in range(7)]
    together = dict(shares(parts, cells, 0.95))
    assert list(together) == [name for name, _, _ in parts]
    for name, part, whole in parts:
        alone = share(part, whole, cells, 0.95)
        for field in ("value", "low", "high", "count"):
            assert np.array_equal(getattr(together[name], field), getattr(alone, field)), (name, field)


def test_stacks_keep_every_item_in_order() -> None:
    items: list[Any] = list(range(10))
    assert [i for batch in stacks(items, lambda _: 1 << 20) for i in batch] == items
    assert [len(batch) for batch in stacks(items, lambda _: 1 << 20)] == [2] * 5
