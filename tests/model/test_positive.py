from __future__ import annotations

import re

import pytest

from watchkeeper.errors import ModelError
from watchkeeper.model import Label, Model, positive_of

CASES: list[tuple[dict[Label, int], Label, str]] = [
    ({0.0: 1, 1.0: 99}, 1.0, "usual code"),
    ({-1.0: 1, 1.0: 99}, 1.0, "usual code"),
    ({1.0: 5}, 1.0, "usual code"),
    ({0.0: 5}, 1.0, "usual code"),
    ({}, 1.0, "no class"),
    ({"yes": 99, "no": 1}, "yes", "something happened"),
    ({"True": 99, "False": 1}, "True", "something happened"),
    ({"bad": 90, "good": 10}, "bad", "something happened"),
    ({"Churned": 90, "Stayed": 10}, "Churned", "something happened"),
    ({"not churned": 90, "churned": 10}, "churned", "something happened"),
    ({"no churn": 1, "some": 9}, "some", "nothing happened"),
    ({"legit": 1, "suspicious": 9}, "suspicious", "nothing happened"),
    ({"- 50000.": 94, "50000+.": 6}, "50000+.", "rarer"),
    ({"<=50K": 76, ">50K": 24}, ">50K", "rarer class \\(24.0 % "),
    ({"0": 1, "1": 99}, "1", "usual code"),
    ({"0": 5}, "1", "usual code"),
    ({"1": 30, "2": 70}, "1", "rarer"),
    ({1.0: 70, 2.0: 30}, 2.0, "rarer"),
    ({"a": 5, "b": 5}, "b", "last in order"),
    ({"a": 5}, "a", "only class"),
]


@pytest.mark.parametrize(("classes", "positive", "reason"), CASES)
def test_inferred_with_a_reason(classes: dict[Label, int], positive: Label, reason: str) -> None:
    found, why = positive_of(classes, Model())
    assert found == positive
    assert re.search(reason, why), why


@pytest.mark.parametrize("classes", [{"a": 5, "b": 5}, {"b": 5, "a": 5}, ["a", "b"], ["b", "a"]])
def test_the_order_of_the_classes_does_not_matter(classes: dict[Label, int]) -> None:
    assert positive_of(classes, Model())[0] == "b"


def test_explicit() -> None:
    assert positive_of({0.0: 1, 1.0: 2}, Model(positive=0))[0] == 0.0
    assert positive_of({"no": 1, "yes": 2}, Model(positive="no"))[0] == "no"
    assert positive_of({0.0: 1, 1.0: 2}, Model(positive=True))[0] == 1.0
    assert positive_of({"a": 1, "b": 1, "c": 1}, Model(positive="c"))[0] == "c"


def test_explicit_text_finds_the_number_that_is_written_so() -> None:
    assert positive_of({0.0: 1, 1.0: 2}, Model(positive="1"))[0] == 1.0
    assert positive_of({"0": 1, "1": 2}, Model(positive=1))[0] == "1"


def test_explicit_that_was_not_seen_yet() -> None:
    assert positive_of({"no": 10}, Model(positive="yes"))[0] == "yes"


def test_wrong() -> None:
    with pytest.raises(
        ModelError, match="'maybe' is not a class of the outcome; its classes are 'no', 'yes'"
    ):
        positive_of({"no": 1, "yes": 1}, Model(positive="maybe"))
    with pytest.raises(ModelError, match=r"3 classes .*set positive .*or task: multiclass"):
        positive_of({"a": 1, "b": 1, "c": 1}, Model())
