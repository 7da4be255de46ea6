"""Keys of a model that is watched for good: truth, grace, drop, hash, versions."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import ModelError
from watchkeeper.model import Bins, Model, ReferenceRule, Truth

HOUR = 3_600_000_000
VERSIONS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8).filter(
    str.strip
)
RULES = st.sampled_from(["first 4w", "a.parquet", "same window last year", "previous 4w"])


def watched() -> Model:
    return Model(
        id="id", subject="who", outcome="y", timestamp="ts", truth=Truth("90d", absent=0), grace="1h",
        drop=["email"], hash=["id", "who", "city"], trained={"1.0": date(2026, 3, 1)},
        reference={"1.0": "first 4w", "default": Path("b.parquet")},
    )  # fmt: skip


def test_defaults_say_nothing() -> None:
    model = Model()
    assert (model.truth, model.grace, model.grace_us, model.drop, model.hash, model.trained) == (
        None,
        None,
        0,
        (),
        (),
        {},
    )
    assert model.parsed_trained == {}
    assert model.to_dict() == {"name": "model"}


def test_round_trip(tmp_path: Path) -> None:
    model = watched()
    model.save(tmp_path / "m.yaml")
    text = (tmp_path / "m.yaml").read_text()
    assert "truth:\n  within: 90d\n  absent: 0\n" in text
    assert "hash: [id, who, city]\n" in text
    assert Model.load(tmp_path / "m.yaml") == model
    assert Model.from_dict(model.to_dict()) == model
    assert pickle.loads(pickle.dumps(model)) == model


@given(
    st.dictionaries(VERSIONS, st.datetimes() | st.dates() | st.datetimes(timezones=st.just(UTC)), max_size=3),
    st.dictionaries(VERSIONS, RULES, min_size=1, max_size=3),
    st.sampled_from(["no", "1.0", "yes", 1, 1.5, True]),
)
def test_any_version_comes_back(
    tmp_path_factory: pytest.TempPathFactory, trained: Any, rules: Any, absent: Any
) -> None:
    model = Model(trained=trained, reference=rules, truth=Truth("4w", absent))
    path = tmp_path_factory.getbasetemp() / "watched.yaml"
    model.save(path)
    assert Model.load(path) == model, path.read_text(encoding="utf-8")


# truth


def test_truth_is_a_time_and_what_its_absence_means() -> None:
    truth = Model(truth={"within": "36h", "absent": 1}).truth
    assert truth == Truth("36h", 1)
    assert truth.within_us == 36 * HOUR
    assert Truth().within_us is None
    assert Model(truth={"within": "2w"}).truth == Truth("2w")
    assert Model(truth={}).truth is None
    assert Truth("1d", True).absent is True


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        ({"absent": 0}, r"truth: absent needs within.*\{within: 90d, absent: 0\}"),
        ({"within": "3mo"}, "truth: within: a time .* got '3mo'; months differ in length, write days"),
        (
            {"within": "soon"},
            "truth: within: a time such as '30min', '1h', '90d' or '4w' is needed, got 'soon'",
        ),
        ({"within": 90}, "truth: within: a time .* got 90"),
        ({"within": "1000 rows"}, "truth: within: a time"),
        ({"within": "99999999999d"}, "longer than a hundred years"),
        ({"wihtin": "90d"}, r"truth: unknown key 'wihtin'; did you mean 'within'\?"),
        ({"within": "90d", "absent": float("nan")}, "truth: absent: NaN is not a class"),
        ("90d", r"truth: a mapping such as \{within: 90d, absent: 0\} is needed, got '90d'"),
    ],
)
def test_truths_that_cannot_be(truth: Any, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        Model(truth=truth)


def test_a_regressions_outcome_is_a_number() -> None:
    assert Model(task="regression", truth=Truth("1d", 0.5)).truth == Truth("1d", 0.5)
    with pytest.raises(
        ModelError, match="truth: absent: the outcome of a regression is a number, got 'none'"
    ):
        Model(task="regression", truth=Truth("1d", "none"))


# grace


def test_grace_is_a_time() -> None:
    assert Model(grace="30min").grace_us == HOUR // 2
    for wrong in ("1mo", "an hour", 3, ""):
        with pytest.raises(ModelError, match=r"grace: a time such as .* is needed"):
            Model(grace=wrong)  # type: ignore[arg-type]


# drop and hash


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"drop": ["a"], "hash": ["a"]}, "drop: 'a' is in hash too"),
        ({"drop": "a"}, "drop: a list of columns is needed, got 'a'"),
        ({"hash": ["a", "a"]}, "hash: 'a' is named twice"),
        ({"drop": [3]}, "drop: a column's name is needed, got 3"),
        ({"drop": ["i"], "id": "i"}, r"drop: 'i' is the id; write hash: \[i\]"),
        ({"drop": ["t"], "timestamp": "t"}, "drop: 't' is the timestamp; take it out there first"),
        ({"drop": ["f"], "features": ["f"]}, r"drop: 'f' is among the features; write hash: \[f\]"),
        ({"drop": ["s"], "segments": [["s", "q"]]}, r"drop: 's' is a segment; write hash: \[s\]"),
        ({"drop": ["n"], "segments": [Bins("n", [1])]}, "drop: 'n' is a segment; take it out there first"),
        ({"hash": ["n"], "segments": [Bins("n", [1])]}, "hash: 'n' is split into bins by segments"),
        ({"hash": ["p"], "prediction": "p"}, "hash: 'p' is the prediction, which is needed as it is"),
        ({"hash": ["v"], "version": "v"}, "hash: 'v' is the version"),
    ],
)
def test_columns_that_are_needed_as_they_are(keys: Any, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        Model(**keys)


def test_id_subject_and_features_may_be_hashed() -> None:
    model = Model(
        id="i", subject="s", features=["f", "g"], segments=["f"], hash=["i", "s", "f"], drop=["other"]
    )
    assert (model.hash, model.drop) == (("i", "s", "f"), ("other",))


# versions


def test_trained_is_a_time_in_the_models_zone() -> None:
    model = Model(
        timezone="Europe/Berlin",
        trained={1: "2026-03-01", "b": datetime(2026, 7, 1, 12), "c": "2026-07-01T12:00:00Z"},  # type: ignore[dict-item]
    )
    assert model.trained == {"1": "2026-03-01", "b": "2026-07-01T12:00:00", "c": "2026-07-01T12:00:00Z"}
    assert [at.isoformat() for at in model.parsed_trained.values()] == [
        "2026-02-28T23:00:00+00:00", "2026-07-01T10:00:00+00:00", "2026-07-01T12:00:00+00:00",
    ]  # fmt: skip


def test_dates_of_yaml_are_read(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "trained:\n  1: 2026-03-01\n  2: 2026-03-01T12:00:00\n  '1.10': '2026-04-01'\n"
    )
    model = Model.load(tmp_path / "m.yaml")
    assert model.trained == {"1": "2026-03-01", "2": "2026-03-01T12:00:00", "1.10": "2026-04-01"}


@pytest.mark.parametrize(
    ("trained", "says"),
    [
        ({1.1: "2026-03-01"}, r"trained: a version is text, write it in quotes; got 1\.1"),
        ({"1": "yesterday"}, "trained: '1': a date or a time such as 2026-03-01 .* got 'yesterday'"),
        ({"1": 2026}, "trained: '1': a date or a time"),
        ({"1": None}, "trained: '1': a date or a time"),
        ({"1": "2026-03-01", 1: "2026-03-02"}, "trained: version '1' is there twice"),
        ({" ": "2026-03-01"}, "trained: a version is text"),
        ("2026-03-01", "trained: a mapping of versions is needed, got '2026-03-01'"),
    ],
)
def test_trainings_that_cannot_be(trained: Any, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        Model(trained=trained)


def test_each_version_may_have_its_reference() -> None:
    model = Model(reference={"2": Path("b.parquet"), "default": "first 4w"})
    assert model.reference == {"2": "b.parquet", "default": "first 4w"}
    assert [model.reference_for(v) for v in ("2", "3", None)] == ["b.parquet", "first 4w", "first 4w"]
    assert model.parsed_reference == ReferenceRule("first", None, 4, "week")
    alone = Model(reference={"2": "b.parquet"})
    assert (alone.reference_for("2"), alone.reference_for("3"), alone.parsed_reference) == (
        "b.parquet",
        None,
        None,
    )
    assert (Model(reference="a").reference_for("2"), Model().reference_for("2")) == ("a", None)


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ({}, "reference: a mapping gives versions their references"),
        ({"2": "first monday"}, "reference: '2': 'first monday' is not known; give a path"),
        ({"2": None}, "reference: '2': a path"),
        ({2.0: "a"}, "reference: a version is text, write it in quotes"),
    ],
)
def test_references_that_cannot_be(reference: Any, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        Model(reference=reference)
