"""watch: models that record themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import watchkeeper as wk
from tests.logger.conftest import Read

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 5.0], [3.0, 1.0]])
Y = np.array([0, 0, 1, 1])


def test_a_classifier(tmp_path: Path, read: Read) -> None:
    frame = pd.DataFrame(X, columns=["a", "b"], index=["w", "x", "y", "z"])
    plain = LogisticRegression().fit(frame, Y)
    with wk.Logger(tmp_path) as log:
        model = wk.watch(plain, log, version="1.2.7")
        assert (model.predict(frame) == plain.predict(frame)).all()
        assert (model.predict_proba(frame) == plain.predict_proba(frame)).all()
        assert model.coef_ is plain.coef_
        assert log.dropped == {}
    labels, scores = read(tmp_path)[:4], read(tmp_path)[4:]
    assert [r["id"] for r in labels] == [r["id"] for r in scores] == ["w", "x", "y", "z"]
    assert [r["prediction"] for r in labels] == plain.predict(frame).tolist()
    assert [r["score"] for r in scores] == plain.predict_proba(frame)[:, 1].tolist()
    assert [r["features"] for r in labels] == frame.to_dict("records")
    assert {r["version"] for r in labels} == {"1.2.7"}
    assert all(0 < r["seconds"] < 5 for r in labels)


def test_several_classes(tmp_path: Path, read: Read) -> None:
    plain = LogisticRegression().fit(X, ["a", "b", "c", "c"])
    with wk.Logger(tmp_path) as log:
        wk.watch(plain, log).predict_proba(X)
    expected = [dict(zip("abc", row, strict=True)) for row in plain.predict_proba(X).tolist()]
    assert [r["score"] for r in read(tmp_path)] == expected
    assert [r["prediction"] for r in read(tmp_path)] == plain.predict(X).tolist()


def test_the_positive_class_may_be_named(tmp_path: Path, read: Read) -> None:
    plain = LogisticRegression().fit(X, ["yes", "yes", "zero", "zero"])
    with wk.Logger(tmp_path) as log:
        wk.watch(plain, log, positive="yes").predict_proba(X)
    assert [r["score"] for r in read(tmp_path)] == plain.predict_proba(X)[:, 0].tolist()


@pytest.mark.parametrize(
    "make",
    [
        lambda: X, lambda: X.tolist(), lambda: pd.DataFrame(X, columns=["x0", "x1"]),
        lambda: pl.DataFrame(X, schema=["x0", "x1"]), lambda: pa.table({"x0": X[:, 0], "x1": X[:, 1]}),
    ],
)  # fmt: skip
def test_a_regressor_on_any_rows(tmp_path: Path, read: Read, make: Any) -> None:
    class Plain(LinearRegression):  # type: ignore[misc]
        def predict(self, data: Any) -> Any:
            return super().predict(X)

    with wk.Logger(tmp_path) as log:
        model = wk.watch(Plain().fit(X, Y), log)
        model.predict(make(), ids=range(4))
        model.predict(make())
        assert log.dropped == {}
    found = read(tmp_path)
    assert [r["id"] for r in found[:4]] == ["0", "1", "2", "3"]
    assert len({r["id"] for r in found}) == 8
    assert [r["features"] for r in found] == [{"x0": a, "x1": b} for a, b in X.tolist()] * 2


def test_callables(tmp_path: Path, read: Read) -> None:
    async def later(row: dict[str, float]) -> float:
        return row["a"] + 1

    with wk.Logger(tmp_path) as log:
        assert wk.watch(lambda row: row["a"] * 2, log)({"a": 4}, ids="one") == 8
        assert wk.watch(lambda a, b=1: a + b, log)(1, b=2) == 3
        assert wk.watch(lambda rows: np.array([7, 8]), log)([{"a": 1}, {"a": 2}]).sum() == 15
        assert asyncio.run(wk.watch(later, log)({"a": 1})) == 2
        assert wk.watch(len, log)("text") == 4
        assert log.dropped == {}
    found = [(r["features"], r["prediction"]) for r in read(tmp_path)]  # by features, within one commit
    assert sorted(found, key=str) == [
        ({"a": 1, "b": 2}, 3), ({"a": 1}, 2), ({"a": 1}, 7), ({"a": 2}, 8), ({"a": 4}, 8), ({"x0": "text"}, 4),
    ]  # fmt: skip
    assert read(tmp_path)[0]["id"] == "one"


def test_errors_are_recorded_and_raised(tmp_path: Path, read: Read) -> None:
    with wk.Logger(tmp_path) as log:
        with pytest.raises(ZeroDivisionError):
            wk.watch(lambda x: x / 0, log)(1)
        assert log.flush()
    (error,) = read(tmp_path, "error")
    assert error["error"] == "ZeroDivisionError: division by zero"
    assert error["seconds"] > 0


def test_what_cannot_be_recorded_is_counted(tmp_path: Path) -> None:
    with wk.Logger(tmp_path) as log:
        assert wk.watch(lambda rows: [1], log)([{"a": 1}, {"a": 2}]) == [1]
        assert wk.watch(lambda rows: [1, 2], log)([{"a": 1}, {"a": 2}], ids=["one"]) == [1, 2]
    assert sum(log.dropped.values()) == 2


def test_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with wk.Logger(tmp_path) as log:
        with pytest.raises(wk.WatchkeeperError, match="has none of predict"):
            wk.watch(5, log)
        with pytest.raises(wk.WatchkeeperError, match="a Logger is needed"):
            wk.watch(len, "monitoring/")  # type: ignore[arg-type]
