from __future__ import annotations

import inspect
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import watchkeeper.model
from watchkeeper.errors import ModelError
from watchkeeper.model import Band, Bins, Model, ReferenceRule, Where


def whole() -> Model:
    return Model(
        name="flight-delay",
        task="binary",
        timestamp="ts",
        id="flight_id",
        timezone="Europe/Berlin",
        prediction="predicted",
        score="probability",
        threshold=0.5,
        outcome="delayed",
        positive=1,
        features=["dep_hour", "carrier"],
        importance={"carrier": 0.4},
        segments=[
            "carrier",
            ["origin", "carrier"],
            Bins("age", [25, 40, 65]),
            Where("premium", "plan = 'gold'"),
        ],
        window="1d",
        reference="first 4w",
        bands={"accuracy": ">= 0.88", "recall[carrier=UA]": Band(">= 0.8", judge="value")},
        costs={"false_negative": 12, "false_positive": 1},
        kpis={"revenue": "sum(price * (1 - discount))", "basket": "mean(items)"},
        expected={"positive_rate": 0.2},
    )


def test_every_role_is_optional() -> None:
    model = Model()
    assert (model.task, model.features, model.window, model.alpha, model.windows) == (
        None,
        None,
        "1d",
        0.01,
        "exchangeable",
    )
    assert model.segmentations == ()
    assert model.roles == {}


def test_exported() -> None:
    assert all(hasattr(watchkeeper.model, name) for name in watchkeeper.model.__all__)


def test_what_the_keys_mean() -> None:
    model = whole()
    assert model.parsed_kpis == {"revenue": ("sum", "price * (1 - discount)"), "basket": ("mean", "items")}
    assert model.parsed_reference == ReferenceRule("first", None, 4, "week")
    assert str(model.parsed_window) == "1d"
    assert model.roles["probability"] == "score"
    assert set(model.roles) == {"ts", "flight_id", "predicted", "probability", "delayed"}


def test_frozen_hashable_equal_and_picklable() -> None:
    model = whole()
    with pytest.raises(FrozenInstanceError):
        model.task = None  # type: ignore[misc]
    assert model == whole()
    assert hash(model) == hash(whole())
    assert model != replace(model, threshold=0.4)
    assert model.parsed_bands  # a cached value does not stand in the way
    assert pickle.loads(pickle.dumps(model)) == model


def test_lists_and_tuples_are_one() -> None:
    assert Model(features=("a",), segments=(("a", "b"),)) == Model(features=["a"], segments=[["a", "b"]])


def test_scalars_of_numpy_are_values() -> None:
    model = Model(task="binary", positive=np.int64(1), threshold=np.float64(0.25), alpha=np.float32(0.5))
    assert type(model.positive) is int
    assert type(model.threshold) is float
    assert model.to_dict()["alpha"] == 0.5


def test_the_signature_names_every_key() -> None:
    assert list(inspect.signature(Model).parameters) == [f.name for f in fields(Model)]


def test_scores_of_classes() -> None:
    model = Model(task="multiclass", score={0: "p0", True: "p1", "other": "p2"})
    assert model.score_columns == {0.0: "p0", 1.0: "p1", "other": "p2"}
    assert model.roles == {"p0": "score", "p1": "score", "p2": "score"}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"treshold": 0.5}, r"unknown key 'treshold'; did you mean 'threshold'\? valid are name, task"),
    ({"target": "y"}, r"unknown key 'target'; did you mean 'outcome'\?"),
    ({"baseline": "x"}, r"did you mean 'reference'\?"),
    ({"qqq": 1}, "unknown key 'qqq'; valid are"),
    ({"name": ""}, "name: text is needed"),
    ({"name": "a/b"}, "name: 'a/b' cannot name a file"),
    ({"name": ".hidden"}, "name: '.hidden' cannot"),
    (
        {"task": "ranking"},
        r"task: 'ranking' is not supported yet; supported are 'binary', 'multiclass' or 'regression'",
    ),
    ({"task": "learning_to_rank"}, "not supported yet"),
    ({"task": "forecasting"}, "task: 'forecasting' is not supported yet"),
    ({"task": "time-series"}, "not supported yet"),
    ({"task": "classification"}, "either 'binary' .* or 'multiclass'"),
    ({"task": "binry"}, r"did you mean 'binary'\?"),
    ({"task": 3}, "task: 3 is not a task"),
    ({"timestamp": 3}, "timestamp: a column's name is needed, got 3"),
    ({"outcome": ""}, "outcome: a column's name is needed, got ''"),
    ({"timezone": "Europe/Berln"}, r"did you mean 'Europe/Berlin'\?"),
    ({"timezone": "../etc"}, "is not a time zone"),
    ({"timezone": None}, "timezone: None is not a time zone"),
    ({"threshold": 50}, r"threshold: 50 is not a number from 0 to 1; did you mean 0.5\?"),
    ({"threshold": "0.5"}, "threshold: a number is needed, got '0.5'"),
    ({"threshold": True}, "threshold: a number is needed, got True"),
    ({"threshold": float("nan")}, "threshold: a number is needed, got nan"),
    ({"alpha": 0}, "alpha: 0 is not a number between 0 and 1, both excluded"),
    ({"alpha": 1}, "both excluded"),
    ({"positive": float("nan")}, "positive: NaN is not a class"),
    ({"features": "a"}, "features: a list of columns is needed, got 'a'"),
    ({"features": ["a", "a"]}, "features: 'a' is named twice"),
    ({"features": ["a", None]}, "features: a column's name is needed"),
    ({"features": ["y"], "outcome": "y"}, "features: 'y' is the outcome; it is no input"),
    ({"importance": {"a": -1}}, "importance: 'a' is -1; 0 or more"),
    ({"features": ["age"], "importance": {"agee": 1}}, r"importance: 'agee' .* did you mean 'age'\?"),
    ({"prediction": "y", "outcome": "y"}, "outcome: 'y' is already the prediction"),
    ({"prediction": "y", "score": "y"}, "score: 'y' is already the prediction"),
    ({"id": "y", "outcome": "y"}, "id: 'y' is already the outcome"),
    ({"window": "daily"}, "window: 'daily' is not a window"),
    (
        {"reference": "first four weeks"},
        "reference: 'first four weeks' is not known; give a path, 'first 4w'",
    ),
    ({"reference": "previous 100 rows"}, "reference: .* is not known"),
    ({"reference": [1]}, "reference: a path.* got list; data itself goes to check"),
    ({"bands": {"accuracy": 0.8}}, "bands: 'accuracy': 0.8 does not say which side is good"),
    ({"bands": {"accuracy": ">= .8", " accuracy": ">= .9"}}, "bands: ' accuracy' is given twice"),
    ({"bands": {"recall[carier=UA]": ">= 1"}, "segments": ["carrier"]}, r"did you mean 'carrier'\?"),
    ({"bands": {"recall[zz=UA]": ">= 1"}}, "'zz' is not among the segments; add segments"),
    ({"bands": [">= 1"]}, "bands: a mapping"),
    ({"least_effect": {"accuracy": -0.1}}, "least_effect: 'accuracy' is -0.1; 0 or more is needed"),
    ({"least_effect": {"accuracy": 0.1, " accuracy": 0.2}}, "least_effect: ' accuracy' is given twice"),
    ({"least_effect": {"accuracy[": 0.1}}, "least_effect: .* is not a segment"),
    (
        {"least_effect": {"recall[zz=UA]": 0.1}},
        "least_effect: .*'zz' is not among the segments; add segments",
    ),
    (
        {"costs": {"false_negativ": 12}},
        r"costs: 'false_negativ' is not known; did you mean 'false_negative'\?",
    ),
    ({"costs": {"false_negative": "12"}}, "costs: 'false_negative': a number is needed, got '12'"),
    ({"costs": {"false_negative": 1}, "task": "regression"}, "costs: only a binary model has one"),
    ({"threshold": 0.5, "task": "multiclass"}, "threshold: only a binary model has one"),
    ({"score": "p", "task": "multiclass"}, "score: multiclass needs a column for each class"),
    ({"score": "p", "task": "regression"}, "score: a regression has none"),
    ({"score": {0: "a", 1: "b", 2: "c"}, "task": "binary"}, "columns for 3 classes"),
    ({"score": {0: "a"}}, "score: a mapping gives each class its column"),
    ({"score": {0: "a", 1: "a"}}, "score: each class needs a column of its own"),
    ({"kpis": {"r": "price"}}, r"kpis: 'r' is 'price'; write 'sum\(expression\)'"),
    ({"kpis": {"r": "avg(price)"}}, r"kpis: 'r' aggregates by 'avg'; .* did you mean 'mean'\?"),
    ({"kpis": {"r": "sum(a) + sum(b)"}}, "kpis: 'r' is"),
    ({"kpis": {"r": 3}}, "kpis: 'r' is 3"),
    ({"expected": {"positive_rate": None}}, "expected: 'positive_rate': a number is needed, got None"),
    ({"windows": "independant"}, r"windows: 'independant' is not known; did you mean 'independent'\?"),
]


@pytest.mark.parametrize(
    ("keys", "message"), WRONG, ids=[f"{i}-{next(iter(k))}" for i, (k, _) in enumerate(WRONG)]
)
def test_wrong_keys(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Model(**keys)


def test_positional_arguments() -> None:
    with pytest.raises(ModelError, match="by name only"):
        Model("flight-delay")  # type: ignore[misc]


def test_check_metrics() -> None:
    model = Model(
        bands={"acuracy": ">= 0.8"}, expected={"positive_rate": 0.2}, kpis={"revenue": "sum(price)"}
    )
    with pytest.raises(ModelError, match=r"bands: 'acuracy' is not a metric; did you mean 'accuracy'\?"):
        model.check_metrics(["accuracy", "positive_rate"])
    with pytest.raises(ModelError, match="expected: 'positive_rate' is not a metric"):
        Model(expected={"positive_rate": 0.2}).check_metrics(iter(["accuracy"]))
    replace(model, bands={"accuracy": ">= 0.8", "revenue": ">= 100"}).check_metrics(
        ["accuracy", "positive_rate"]
    )


@pytest.mark.parametrize("slip", ["acuracy", "acc", "Accurracy", "auc"])
def test_a_slip_is_none_where_numbers_may_be_told(slip: str) -> None:
    known = ["accuracy", "roc_auc", "memory"]
    with pytest.raises(ModelError, match=f"bands: '{slip}' is not a metric"):
        Model(bands={slip: ">= 0.8"}).check_metrics(known, told=True)


@pytest.mark.parametrize("name", ["queue_length", "gpu_memory", "churn_rate", "nps"])
def test_a_number_that_is_told_may_have_a_name_of_its_own(name: str) -> None:
    model = Model(bands={name: "<= 1"}, expected={name: 0.5})
    model.check_metrics(["accuracy", "memory", "other_rate"], told=True)
    with pytest.raises(ModelError, match="is not a metric"):
        model.check_metrics(["accuracy", "memory", "other_rate"])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("first 4w", ReferenceRule("first", None, 4, "week")),
        ("First  1000 rows", ReferenceRule("first", None, 1000, "row")),
        ("previous 2mo", ReferenceRule("previous", None, 2, "month")),
        ("same window last year", ReferenceRule("last_year")),
        ("data/reference-*.parquet", ReferenceRule("path", "data/reference-*.parquet")),
        ("firstborn.csv", ReferenceRule("path", "firstborn.csv")),
    ],
)
def test_references(text: str, rule: ReferenceRule) -> None:
    assert Model(reference=text).parsed_reference == rule


def test_a_path_is_text() -> None:
    assert Model(reference=Path("a") / "b.parquet") == Model(reference="a/b.parquet")
