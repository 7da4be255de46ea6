"""Segments against the rest: equal to computing on the other rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.metrics.pairs import pair
from watchkeeper.metrics import measure
from watchkeeper.metrics.rest import rest_of


def rows(n: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    site = rng.choice(["a", "b", "c"], n)
    y = rng.normal(size=n)
    return {"said": y + rng.normal(size=n) + (site == "a"), "y": y, "site": site.tolist()}


MODEL: dict[str, Any] = {
    "task": "regression", "prediction": "said", "outcome": "y", "segments": ["site"], "features": ["site"],
}  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
def test_a_segment_minus_all_other_rows(weighted: bool) -> None:
    current, reference = rows(2_000, 1), rows(2_000, 2)
    model = MODEL | ({"weight": "w"} if weighted else {})
    w = np.random.default_rng(3).integers(1, 4, 2_000).astype(np.float64) if weighted else np.ones(2_000)
    current["w"] = reference["w"] = w
    found = measure(*pair(current, reference, **model))
    e = next(s for s in found if s.metric.name == "mean_error_vs_rest" and s.segment == "a").estimate
    error, inside = current["said"] - current["y"], np.array(current["site"]) == "a"
    exact = np.average(error[inside], weights=w[inside]) - np.average(error[~inside], weights=w[~inside])
    assert e.value[0] == pytest.approx(exact, rel=1e-9)
    assert e.low[0] < 1.0 < e.high[0]
    assert e.high[0] - e.low[0] == pytest.approx(
        2 * 1.96 * np.sqrt(1 / inside.sum() + 1 / (~inside).sum()), rel=0.2
    )


def test_the_rest_and_the_segment_are_everything() -> None:
    current, _ = pair(rows(900, 1), rows(900, 2), **MODEL)
    part, every = current.slices["site"], current.everything
    rest = rest_of(every, part)
    assert (rest.rows + part.rows == every.rows).all()
    assert rest.residuals is not None
    assert part.residuals is not None
    assert every.residuals is not None
    assert rest.residuals.squares + part.residuals.squares == pytest.approx(
        np.broadcast_to(every.residuals.squares, part.rows.shape)
    )
    first, size = rest.residuals.histogram.reach(part.residuals.histogram, every.residuals.histogram)
    together = rest.residuals.histogram.on(first, size) + part.residuals.histogram.on(first, size)
    assert (together == every.residuals.histogram.on(first, size)).all()


def test_accuracy_against_the_rest() -> None:
    rng = np.random.default_rng(5)
    site, y = rng.choice(["a", "b"], 1_000), (rng.random(1_000) < 0.4).astype(float)
    said = np.where(rng.random(1_000) < np.where(site == "a", 0.9, 0.7), y, 1 - y)
    columns = {"said": said, "y": y, "site": site.tolist()}
    model = {
        "task": "binary",
        "prediction": "said",
        "outcome": "y",
        "positive": 1,
        "segments": ["site"],
        "features": ["site"],
    }
    found = measure(*pair(columns, columns, **model))
    a, b = (
        next(s for s in found if s.metric.name == "accuracy_vs_rest" and s.segment == v).estimate
        for v in "ab"
    )
    right = said == y
    assert a.value[0] == pytest.approx(right[site == "a"].mean() - right[site == "b"].mean())
    assert a.value[0] == pytest.approx(-b.value[0])
    assert a.low[0] > 0


def test_a_segment_that_is_everything_has_no_rest() -> None:
    columns = rows(100, 1) | {"site": ["a"] * 100}
    found = measure(*pair(columns, columns, **MODEL))
    e = next(s for s in found if s.metric.name == "mean_error_vs_rest" and s.segment == "a").estimate
    assert np.isnan(e.value[0])
    assert e.count[0] == 0
