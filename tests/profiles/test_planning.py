"""The plan: what a sample of the reference decides."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.profiles.frames import model, plan, table
from watchkeeper.errors import ColumnError
from watchkeeper.model import Model
from watchkeeper.profiles import CategoryColumn, LogLinearGrid, NumberColumn, ValueGrid, plan_of


def words(*values: str) -> pa.Array:
    return pa.array(values, pa.string()).dictionary_encode()


def test_roles_are_told_apart_from_features() -> None:
    made = plan(table(500))
    assert {c.name: c.role for c in made.columns} == {
        "x": "feature", "sensor": "feature", "city": "feature",
        "score": "score", "said": "prediction", "label": "outcome",
    }  # fmt: skip


def test_few_values_are_counted_by_value_and_many_on_a_grid() -> None:
    rng = np.random.default_rng(0)
    made = plan_of(
        Model(), pa.table({"few": rng.integers(0, 256, 5_000).astype(float), "many": rng.normal(size=5_000)})
    )
    assert isinstance(made.numbers["few"].grid, ValueGrid)
    assert isinstance(made.numbers["many"].grid, LogLinearGrid)
    assert made.runs == ("many",)


def test_more_than_256_categories_keep_the_most_frequent() -> None:
    values = [f"v{i}" for i in range(300)] + ["often"] * 10
    column = plan_of(Model(), pa.table({"c": words(*values)})).columns[0]
    assert isinstance(column, CategoryColumn)
    assert column.values[0] == "often"
    assert len(column.values) == 256
    assert not column.complete


def test_coarse_bins_are_deciles_between_the_ends() -> None:
    x = np.random.default_rng(0).normal(size=100_000)
    column = plan_of(Model(), pa.table({"x": x})).columns[0]
    assert isinstance(column, NumberColumn)
    shares = np.bincount(column.coarse[column.grid.index(x)], minlength=12) / x.size
    assert shares[[0, 11]].tolist() == [0, 0]
    assert shares[1:11] == pytest.approx(0.1, abs=0.015)
    assert column.coarse[column.grid.index(np.array([-1e9, 1e9]))].tolist() == [0, 11]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (pa.array([0.0, 1.0, 1.0]), (0.0, 1.0)),
        (pa.array([-1.0, 1.0, 1.0]), (-1.0, 1.0)),
        (words("no", "yes", "no"), ("no", "yes")),
        (words("- 50000.", "50000+.", "- 50000."), ("- 50000.", "50000+.")),
        (pa.array([0.0, 0.0, 0.0]), (0.0, 1.0)),
    ],
)
def test_the_positive_class_comes_last(labels: pa.Array, classes: tuple[object, ...]) -> None:
    made = plan_of(Model(task="binary", outcome="y"), pa.table({"y": labels}))
    assert made.classes == classes


def test_three_values_are_not_binary() -> None:
    with pytest.raises(ColumnError, match=r"3 .*multiclass"):
        plan_of(Model(task="binary", outcome="y"), pa.table({"y": [0.0, 1.0, 2.0]}))


def test_importance_goes_to_what_the_score_follows() -> None:
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=5_000), rng.normal(size=5_000)
    rows = pa.table({"x": x, "z": z, "score": 1 / (1 + np.exp(-2 * x)), "y": (x > 0).astype(float)})
    made = plan_of(Model(task="binary", score="score", outcome="y"), rows)
    assert made.numbers["x"].importance > 0.95
    assert sum(c.importance for c in made.columns if c.role == "feature") == pytest.approx(1)


def test_the_users_importance_comes_first() -> None:
    made = plan(table(500), model(importance={"sensor": 3.0, "x": 1.0, "city": 0.0}))
    assert made.numbers["sensor"].importance == pytest.approx(0.75)


def test_many_columns_and_windows_get_coarser_grids() -> None:
    rng = np.random.default_rng(0)
    rows = pa.table({f"x{i}": rng.normal(size=600) for i in range(100)})
    grids = [plan_of(Model(), rows, windows=w).numbers["x0"].grid for w in (10, 10_000)]
    assert all(isinstance(g, LogLinearGrid) for g in grids)
    assert grids[0].size > 4 * grids[1].size


def test_no_rows_still_make_a_plan() -> None:
    made = plan(table(10).slice(0, 0))
    assert set(made.numbers) | set(made.categories) == {"x", "sensor", "city", "score", "said", "label"}
