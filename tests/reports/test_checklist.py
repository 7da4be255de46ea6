"""The checklist says what is watched, and what to add where it is not."""

import pytest

from tests.reports.synthetic import result
from watchkeeper.model import Model
from watchkeeper.reports.checklist import Need, checklist
from watchkeeper.reports.scene import Scene


def needs(**shape: object) -> dict[str, Need]:
    made = result(**{"windows": 10, "features": ("temp", "carrier"), "segments": (), **shape})
    return {need.title: need for need in checklist(Scene.of(made))}


def test_what_every_model_needs() -> None:
    assert list(needs()) == [
        "Performance", "Data drift", "Data quality", "Segments", "Fairness", "Outliers", "Value", "Service health",
    ]  # fmt: skip


def test_watched() -> None:
    found = needs(segments=(("carrier", 3),))
    for title in ("Performance", "Data drift", "Data quality", "Segments"):
        assert found[title].state == "watched", title
    assert found["Service health"].state == "cannot"
    assert "log.prediction(..., seconds=" in found["Service health"].line


def test_without_reference_or_outcome() -> None:
    found = needs(reference=False, task=None)
    assert found["Data drift"].state == "not watched"
    assert "reference:" in found["Data drift"].line
    assert found["Performance"].state == "cannot"
    assert "outcome:" in found["Performance"].line


def test_a_category_is_proposed_as_a_segment() -> None:
    assert needs()["Segments"].line == "segments: [carrier]"


@pytest.mark.parametrize(
    "line",
    [
        'segments: ["a \\"b\\""]',
        "costs: {false_negative: 12, false_positive: 1}",
        'kpis:\n  revenue: "sum(price)"',
    ],
)
def test_lines_are_yaml_that_a_model_takes(line: str) -> None:
    from ruamel.yaml import YAML

    keys = YAML(typ="safe").load(line)
    Model(task="binary", outcome="y", prediction="p", **keys)
