"""Slips: what a person most likely did not mean."""

from __future__ import annotations

import numpy as np
import pytest

import watchkeeper as wk
from watchkeeper.errors import ColumnError, ModelError


def rows(start="2026-01-01", **more):
    days = np.datetime64(start, "us") + np.arange(600) * np.timedelta64(30, "m")
    return {"time": days, "said": [0, 1] * 300, "happened": [0, 1, 1] * 200, **more}


def model(**keys):
    return wk.Model(
        **{"task": "binary", "timestamp": "time", "prediction": "said", "outcome": "happened", **keys}
    )


@pytest.mark.parametrize("band", [">= 80", "<= 2", "0.8 .. 90"])
def test_a_share_above_one_is_refused(band):
    with pytest.raises(ModelError, match="'accuracy' is at most 1"):
        wk.check(rows(), model=model(bands={"accuracy": band}))


def test_an_expected_share_above_one_is_refused():
    with pytest.raises(ModelError, match=r"expected: 'positive_rate' is at most 1.*did you mean 20 %"):
        wk.check(rows(), model=model(expected={"positive_rate": 20}))


def test_other_numbers_may_lie_above_one():
    wk.check(rows(x=np.arange(600)), model=model(bands={"mean(x)": "<= 400", "row_count": ">= 20"}))


def test_an_outcome_that_neither_has_is_a_typing_error_where_one_is_called_nearly_so():
    with pytest.raises(ColumnError, match=r"neither in .* nor in .*did you mean 'happened'"):
        wk.check(rows(), rows(), model(outcome="hapened"))


def test_an_outcome_that_neither_has_may_still_come():
    result = wk.check(rows(), rows(), model(outcome="paid_back"))
    assert any("has an outcome in 'paid_back'" in note for note in result.notes)


def test_a_reference_after_the_current_rows_is_noted():
    then, now = rows(), rows("2026-03-01")
    noted = "the wrong way round"
    assert any(noted in note for note in wk.check(then, now, model()).notes)
    assert not any(noted in note for note in wk.check(now, then, model()).notes)
    assert not any(noted in note for note in wk.check(then, then, model()).notes)


def test_years_are_no_unix_times():
    result = wk.check({**rows(), "time": [2015] * 600}, model=model())
    assert any("lie in 1970" in note for note in result.notes)


def test_labels_as_text_where_the_classes_are_numbers():
    words = {**rows(), "said": ["no", "yes"] * 300}
    result = wk.check(words, rows(), model())
    assert any(
        "'said' should hold numbers (such as 'no'); the classes are '0', '1'" in note for note in result.notes
    )
    told = {(f.metric, f.column): f.sentence for f in result.findings}
    assert "write numbers, as the reference does" in told["retyped_rate", "said"]
    assert ("missing_rate", "said") not in told
    assert "in said" in result.sentence
    assert "are no numbers" in result.sentence


def test_labels_that_are_numbers_written_as_text_are_the_same_labels():
    now = rows()
    written = {**now, "said": [str(label) for label in now["said"]]}
    assert wk.check(written, rows(), model()).verdict == wk.check(now, rows(), model()).verdict


def test_a_model_is_a_model_or_a_path():
    with pytest.raises(ModelError, match="a Model or the path of its YAML file is needed"):
        wk.check(rows(), model={"task": "binary"})  # type: ignore[arg-type]


def test_without_band_and_reference_it_says_what_would_judge():
    assert any("give a reference" in note for note in wk.check(rows(), model=model()).notes)
    banded = wk.check(rows(), model=model(bands={"accuracy": ">= 0.1"}))
    assert not any("give a reference" in note for note in banded.notes)
