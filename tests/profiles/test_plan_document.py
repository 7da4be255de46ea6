"""Plans as text: nothing is lost, and profiles of before and after add up."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields, replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.profiles import frames
from watchkeeper.errors import WorkspaceError
from watchkeeper.model import Bins, Model, Where
from watchkeeper.profiles import (
    CategoryColumn,
    LogLinearGrid,
    NumberColumn,
    Plan,
    Segmentation,
    ValueGrid,
    plan_from_json,
    plan_of,
    plan_to_json,
)

NUMBERS = st.floats(allow_nan=False)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(), min_size=1, max_size=6)  # lone surrogates and NUL included
LABELS = st.one_of(NUMBERS, TEXTS)
LOG_LINEAR = st.builds(LogLinearGrid, FINITE, NUMBERS, st.integers(1, 8))
GRIDS = st.one_of(
    LOG_LINEAR,
    st.builds(ValueGrid, st.lists(FINITE, max_size=5).map(tuple), LOG_LINEAR),
)
ROLES = st.sampled_from(["feature", "prediction", "score", "outcome"])
PARTS = st.one_of(
    TEXTS,
    st.builds(Bins, TEXTS, st.lists(FINITE, min_size=1, max_size=4, unique=True).map(sorted)),
    st.builds(Where, TEXTS.filter(str.strip), TEXTS.filter(str.strip)),
)


def tuples(of: st.SearchStrategy[object], size: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=size).map(tuple)


COLUMNS = st.one_of(
    st.builds(NumberColumn, TEXTS, GRIDS, NUMBERS, NUMBERS, tuples(st.integers(0, 2**40), 11), ROLES, FINITE),
    st.builds(CategoryColumn, TEXTS, tuples(TEXTS), st.booleans(), ROLES, FINITE),
)
PLANS = st.builds(
    Plan,
    st.just(frames.model()),
    tuples(COLUMNS),
    tuples(st.builds(Segmentation, TEXTS, tuples(PARTS), tuples(TEXTS))),
    tuples(LABELS),
    tuples(TEXTS),
    st.none() | st.builds(LogLinearGrid, FINITE, NUMBERS, st.integers(1, 8)),
    NUMBERS,
    tuples(NUMBERS),
    NUMBERS,
    tuples(TEXTS),
    tuples(TEXTS),
    tuples(TEXTS),
)


def again(plan: Plan) -> Plan:
    text = plan_to_json(plan)
    assert text.isascii()
    return plan_from_json(text)


def assert_same(plan: Plan, other: Plan) -> None:
    assert other == plan
    assert other.notes == plan.notes
    plain = re.sub(r"np\.float64\((.*?)\)", r"\1", repr(plan))
    assert repr(other) == plain  # -0.0 and types too, which == does not tell apart


@given(PLANS)
def test_any_plan_comes_back(plan: Plan) -> None:
    assert_same(plan, again(plan))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 900),
    st.integers(0, 2**32 - 1),
    st.sampled_from([{}, {"segments": []}, {"kpis": {}}, {"window": None}, {"threshold": 0.1 + 0.2}]),
)
def test_plans_of_data_come_back_and_their_profiles_add_up(
    rows: int, seed: int, keys: dict[str, object]
) -> None:
    table = frames.table(rows, seed)
    plan = plan_of(frames.model(**keys), table)
    assert_same(plan, again(plan))
    half = rows // 2
    if half:
        before = frames.profile(table.slice(0, half), plan)
        whole = before + frames.profile(table.slice(half), again(plan))
        assert whole.slices[None].rows.sum() == rows


@pytest.mark.parametrize("scores", [{"lo": "p0", "hi": "p1"}, {0: "p0", 1: "p1"}, {0.5: "p0", True: "p1"}])
def test_classes_keep_their_columns_and_types(scores: dict[object, str]) -> None:
    plan = Plan(Model(task="multiclass", score=scores), classes=(0.0, "0", math.inf))
    assert_same(plan, again(plan))
    assert [type(c) for c in again(plan).model.score] == [type(c) for c in scores]  # type: ignore[union-attr]


def test_a_regression_keeps_its_grid_of_errors() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=2_000)
    table = pa.table({"y": y, "said": y + rng.normal(size=2_000), "x": rng.normal(size=2_000)})
    plan = plan_of(Model(task="regression", outcome="y", prediction="said"), table)
    assert plan.error is not None
    assert_same(plan, again(plan))


def test_numpy_scalars_are_written_as_numbers() -> None:
    column = NumberColumn(
        "x", LogLinearGrid(np.float64(0.1), np.float64(2)), np.float64(1), np.float64(2), (np.int64(3),)
    )  # type: ignore[arg-type]
    plan = Plan(Model(), columns=(column, CategoryColumn("c", ("a",), np.bool_(True))))  # type: ignore[arg-type]
    assert again(plan) == plan


def test_every_field_of_a_plan_is_written() -> None:
    written = json.loads(plan_to_json(Plan(Model())))
    assert set(written) == {"format", *(f.name for f in fields(Plan))}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[1]", "not a plan"),
        ("{}", "not a plan"),
        ('{"format": 2}', "format 2.*reads format 1; upgrade"),
        ('{"format": 1}', "cannot be read.*'model'.*backup"),
        ('{"format": 1, "model": {"nam": "m"}}', "did you mean 'name'"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, says: str) -> None:
    with pytest.raises(WorkspaceError, match=says):
        plan_from_json(text)


def test_a_model_that_changed_makes_another_plan() -> None:
    plan = Plan(frames.model())
    assert again(replace(plan, model=frames.model(alpha=0.05))) != plan
