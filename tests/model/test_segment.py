from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.errors import ModelError
from watchkeeper.model import Bins, Model, Split, Where


def test_labels_of_bins() -> None:
    assert Bins("age", [25]).labels == ("< 25", "≥ 25")
    assert Bins("x", np.array([-0.5, 1e6])).labels == ("< -0.5", "-0.5 – 1000000", "≥ 1000000")
    assert Bins("age", [25, 40]) == Bins("age", (25.0, 40.0))
    assert hash(Bins("age", [25])) == hash(Bins("age", [25]))


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([], "got 'none'"),
        ([1, 1], "ascending order, each once"),
        ([2, 1], "ascending"),
        ([float("nan")], "finite"),
        (["a"], "finite numbers as edges, got 'a'"),
        ([True], "finite"),
        ("25, 40", "a list of edges"),
        (25, "a list of edges"),
    ],
)
def test_wrong_edges(edges: object, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Bins("age", edges)  # type: ignore[arg-type]


def test_where() -> None:
    assert Where("premium", "plan = 'gold'").labels == ("premium", "not premium")
    with pytest.raises(ModelError, match="condition as text"):
        Where("premium", "  ")


def test_segmentations() -> None:
    model = Model(
        segments=[
            "carrier",
            ["origin", "carrier"],
            Bins("age", [40]),
            ("origin", Where("premium", "x > 1"), Bins("a", [1])),
        ]
    )
    assert [s.by for s in model.segmentations] == [
        "carrier",
        "origin × carrier",
        "age",
        "origin × premium × a",
    ]
    assert model.segmentations[0] == Split(("carrier",))
    assert model.segmentations[3].parts[1] == Where("premium", "x > 1")


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ("carrier", "a list is needed, got 'carrier'"),
        ([3], "3 is not a segment"),
        ([[]], "is not a segment"),
        ([["a", 3]], "a crossed segment holds"),
        ([["a", "a"]], "crosses 'a' with itself"),
        (["a", "a"], "'a' is there twice"),
        (["age", Bins("age", [3])], "'age' is there twice"),
        ([""], "crossed segment holds"),
    ],
)
def test_wrong_segments(segments: object, message: str) -> None:
    with pytest.raises(ModelError, match=f"segments: .*{message}"):
        Model(segments=segments)  # type: ignore[arg-type]


def test_a_role_that_every_row_has_its_own_value_of() -> None:
    with pytest.raises(ModelError, match="'ts' is the timestamp"):
        Model(timestamp="ts", segments=["ts"])
