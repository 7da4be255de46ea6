from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper import sources
from watchkeeper.estimation import Sample, sample_of
from watchkeeper.model import Model

MODEL = Model(
    name="m",
    task="binary",
    id="n",
    timestamp="ts",
    window="1d",
    outcome="y",
    score="s",
    positive=1,
    features=["x", "c"],
)


def table(rows: int, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    start = np.datetime64("2026-01-01", "us")
    return pa.table({
        "n": np.arange(rows), "ts": start + rng.integers(0, 3 * 86_400_000_000, rows).astype("timedelta64[us]"),
        "x": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
        "c": rng.choice(["a", "b", None], rows).tolist(),
        "s": rng.random(rows), "y": rng.integers(0, 2, rows),
    })  # fmt: skip


def equal(a: Sample, b: Sample) -> bool:
    return a.features == b.features and all(
        np.array_equal(getattr(a, n), getattr(b, n), equal_nan=n in ("prediction", "outcome"))
        for n in ("window", "key", "bins", "scores", "prediction", "outcome")
    )


@pytest.mark.parametrize("whole", [True, False])
def test_order_and_parts_do_not_matter(read: Callable, whole: bool) -> None:
    rows = table(4_000)
    plan, *_ = read(rows, MODEL)
    rng = np.random.default_rng(1)

    def of(part: pa.Table) -> Sample:
        found = sample_of(sources.open_rows(part, MODEL, "rows", kinds=plan.kinds), plan, 500, whole=whole)
        assert found is not None
        return found

    together = of(rows)
    assert len(together) == (500 if whole else 1_500)
    assert equal(of(rows.take(pa.array(rng.permutation(4_000)))), together)
    assert equal(of(rows.slice(0, 700)) + of(rows.slice(700, 2_000)) + of(rows.slice(2_700)), together)


def test_equal_rows_are_drawn_one_by_one(read: Callable) -> None:
    kinds = np.repeat([0.0, 1.0, 2.0], [30_000, 60_000, 10_000])
    rows = pa.table({"x": kinds, "s": kinds / 4, "y": (kinds > 0) * 1})
    model = Model(name="m", task="binary", outcome="y", score="s", positive=1, features=["x"])
    _, _, sample = read(rows, model)
    shares = np.unique(sample.scores, return_counts=True)[1] / len(sample)
    np.testing.assert_allclose(shares, [0.3, 0.6, 0.1], atol=0.01)


def test_arrow_keeps_everything(read: Callable) -> None:
    _, _, sample = read(table(300), MODEL)
    assert equal(Sample.from_arrow(sample.to_arrow()), sample)


def test_a_window_has_its_rows(read: Callable) -> None:
    plan, profile, _ = read(table(3_000), MODEL)
    _, _, sample = read(table(3_000), MODEL, plan)
    for start, rows in zip(profile.windows, profile.everything.rows[:, 0], strict=True):
        assert len(sample.of(int(start))) == rows
    assert len(sample.of(0)) == 0
