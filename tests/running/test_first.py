"""A model that nobody described."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import watchkeeper as wk
from tests.running.workspaces import DAY, START


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
