"""A model that nobody described."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import watchkeeper as wk
from tests.running.workspaces import DAY, START

Says = Callable[[float], dict[str, Any]]
Happens = Callable[[float, int], object]


def test_one_row_is_enough_to_begin_with(tmp_path: Path) -> None:
    with wk.Logger(tmp_path, model="m") as log:
        log.prediction(id="a", features={"x": 1.0}, score=0.7, timestamp=np.datetime64(START, "us"))
    done = wk.run(tmp_path, now=START + DAY)
    assert done.steps[0].computed == 1
    assert wk.Workspace.open(tmp_path).model("m").window == "1d"


def test_it_is_guessed_again_when_outcomes_tell_the_task(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    with wk.Logger(tmp_path, model="m") as log:
        for i in range(200):
            log.prediction(id=str(i), features={"x": random.normal()}, prediction=float(random.normal()),
                           timestamp=np.datetime64(START + i, "us"))  # fmt: skip
        log.flush()
        first = wk.run(tmp_path, now=START + DAY)
        for i in range(200):
            log.outcome(str(i), float(random.normal()), known_at=np.datetime64(START + DAY // 2, "us"))
    again = wk.run(tmp_path, now=START + 2 * DAY)
    assert len(first.notes) == 1
    with wk.Workspace.open(tmp_path) as workspace:
        assert workspace.model("m").task == "regression"
    assert again.steps[0].computed == 1
    found = {row["metric"] for row in wk.history(tmp_path, now=START + 2 * DAY).metrics.to_pylist()}
    assert "mean_absolute_error" in found


def guessed(folder: Path, *, says: Says, happens: Happens, late: bool = False) -> wk.Model:
    """What is guessed of 300 predictions whose features are called like roles, and that all of it can be run."""
    random = np.random.default_rng(0)
    chances = random.random(300).tolist()

    def tell(log: wk.Logger) -> None:
        for i, chance in enumerate(chances):
            log.outcome(str(i), happens(chance, i), known_at=np.datetime64(START + DAY // 2, "us"))

    with wk.Logger(folder, model="m") as log:
        for i, chance in enumerate(chances):
            features = {name: float(random.normal()) for name in ("x", "y", "price", "sample_weight")}
            features |= {"model_version": "v7", "user_id": f"user-{i % 9}"}
            log.prediction(
                id=str(i), features=features, timestamp=np.datetime64(START + i, "us"), **says(chance)
            )
        if late:
            log.flush()
            wk.run(folder, now=START + DAY)
        tell(log)
    wk.run(folder, now=START + 2 * DAY)
    with wk.Workspace.open(folder) as workspace:
        model = workspace.model("m")
    assert (model.version, model.weight, model.subject) == (None, None, "user_id")
    return model


def yes(chance: float, i: int) -> str:
    return "yes" if i % 97 / 97 < chance else "no"


def one_or_zero(chance: float, i: int) -> int:
    return int(i % 97 / 97 < chance)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("says", "happens", "score", "metric"),
    [
        (lambda p: {"score": p}, one_or_zero, "score", "roc_auc"),
        (lambda p: {"score": p, "prediction": int(p > 0.5)}, one_or_zero, "score", "roc_auc"),
        (lambda p: {"score": {"no": 1 - p, "yes": p}}, yes, "score of yes", "roc_auc"),
        (lambda p: {"prediction": p}, one_or_zero, "prediction", "roc_auc"),
        (lambda p: {"prediction": int(p > 0.5)}, one_or_zero, None, "accuracy"),
        (lambda p: {"score": 100 * p, "prediction": int(p > 0.5)}, one_or_zero, None, "accuracy"),
    ],
    ids=["score", "label-and-score", "two-scores", "probability-as-prediction", "label", "percentages"],
)  # fmt: skip
def test_two_classes(
    tmp_path: Path, says: Says, happens: Happens, score: str | None, metric: str, late: bool
) -> None:
    model = guessed(tmp_path, says=says, happens=happens, late=late)
    assert (model.task, model.score) == ("binary", score)
    assert model.outcome in (None, "actual")
    assert metric in wk.history(tmp_path, now=START + 2 * DAY).metrics["metric"].to_pylist()


@pytest.mark.parametrize("late", [False, True])
def test_several_classes_and_amounts(tmp_path: Path, late: bool) -> None:
    def classes(chance: float) -> dict[str, object]:
        return {"prediction": "a", "score": {"a": 1 - chance, "b": chance / 2, "c": chance / 2}}

    several = guessed(tmp_path / "classes", says=classes, happens=lambda _, i: "abc"[i % 3], late=late)
    assert several.task == "multiclass"
    assert several.score_columns == {name: f"score of {name}" for name in "abc"}
    amounts = guessed(
        tmp_path / "amounts", says=lambda p: {"prediction": 10 * p}, happens=lambda p, _: 9 * p, late=late
    )
    assert amounts.task == "regression"


def test_a_score_beside_other_outcomes_is_none(tmp_path: Path) -> None:
    several = guessed(tmp_path / "classes", says=lambda p: {"score": p}, happens=lambda _, i: "abc"[i % 3])
    assert (several.task, several.score) == ("multiclass", None)
    amounts = guessed(tmp_path / "amounts", says=lambda p: {"score": p}, happens=lambda p, _: 9 * p)
    assert (amounts.task, amounts.score) == ("regression", None)


def test_what_a_person_wrote_is_kept(tmp_path: Path) -> None:
    with wk.Logger(tmp_path, model="m") as log:
        for i in range(50):
            log.prediction(id=str(i), features={"x": float(i)}, timestamp=np.datetime64(START + i, "us"))
    wk.run(tmp_path, now=START + DAY)
    with wk.Workspace.open(tmp_path) as workspace:
        model = workspace.model("m")
        workspace.save_model(wk.Model.from_dict({**model.to_dict(), "window": "1h"}))
    done = wk.run(tmp_path, now=START + DAY)
    assert done.notes == ()
    assert done.steps[0].changes == (
        "window changed: a new series begins; the profiles of the old one stay as they are.",
    )
