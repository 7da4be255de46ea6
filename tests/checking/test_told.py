"""A model that a workspace runs too: what log.metric tells has bands that a check of a file cannot judge."""

from __future__ import annotations

from pathlib import Path

import pytest

import watchkeeper as wk
from watchkeeper.errors import ModelError

ROWS = {"label": [0, 1] * 50, "said": [0, 1] * 50}
MODEL = wk.Model(
    name="m", task="binary", outcome="label", prediction="said",
    bands={"accuracy": ">= 0.5", "queue_length": "<= 12"}, expected={"gpu_memory": 2e9},
)  # fmt: skip


def test_a_check_says_that_it_judges_none_of_them() -> None:
    result = wk.check(ROWS, model=MODEL)
    assert result.verdict == "ok"
    (band,) = [note for note in result.notes if "queue_length" in note]
    assert band.startswith(
        "The band on 'queue_length' judges nothing here: Watchkeeper computes no queue_length"
    )
    assert "'watchkeeper run' alone judges it, where log.metric tells it" in band
    assert [note for note in result.notes if note.startswith("The expected 'gpu_memory' judges nothing here")]


def test_a_run_judges_what_was_told(tmp_path: Path) -> None:
    wk.Workspace.open(tmp_path, create=True).save_model(MODEL)
    with wk.Logger(tmp_path, model="m") as log:
        log.metric("queue_length", 40.0)
    done = wk.run(tmp_path)
    notes = [note for step in done.steps if step.result is not None for note in step.result.notes]
    assert not [note for note in notes if "queue_length" in note]
    assert [note for note in notes if "gpu_memory" in note]


@pytest.mark.parametrize(("slip", "meant"), [("acuracy", "accuracy"), ("psi", "population_stability_index")])
def test_a_slip_is_refused(slip: str, meant: str) -> None:
    with pytest.raises(ModelError, match=f"bands: '{slip}' is not a metric; did you mean '{meant}'"):
        wk.check(ROWS, model=wk.Model(name="m", bands={slip: ">= 0.5"}))
