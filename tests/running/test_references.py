"""What a window is compared with: stored profiles of other windows, or a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import watchkeeper as wk
from tests.running.workspaces import DAY, START

PLACES = np.array(["a", "b", "c"])
DAYS = [0, 1, 2, 3, 4, 5, 365, 366]  # the last two are a year later


def places(day: int) -> np.ndarray:
    random = np.random.default_rng(day)
    return random.choice(PLACES, 300, p=random.dirichlet([5, 5, 5]))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Half the sum of the differences of shares."""
    return float(sum(abs(np.mean(one == p) - np.mean(other == p)) for p in PLACES) / 2)


def measured(folder: Path, reference: str | None) -> tuple[dict[int, float], wk.Result]:
    """Day → total variation of ``place``."""
    model = wk.Model(name="m", timestamp="ts", features=["place"], reference=reference)
    with wk.Workspace.open(folder, create=True) as workspace:
        workspace.save_model(model)
    with wk.Logger(folder, model="m") as log:
        for day in DAYS:
            for i, place in enumerate(places(day)):
                at = np.datetime64(START + day * DAY + i * 60_000_000, "us")
                log.prediction(id=f"{day}-{i}", features={"place": str(place)}, timestamp=at)
    wk.run(folder, now=START + 400 * DAY)
    result = wk.history(folder, "m", now=START + 400 * DAY)
    found = {}
    for row in result.metrics.to_pylist():
        if row["metric"] == "total_variation" and row["column"] == "place" and row["value"] is not None:
            found[round((row["window_start"].timestamp() * 1e6 - START) / DAY)] = row["value"]
    return found, result


@pytest.mark.parametrize(
    ("reference", "before"),
    [
        ("first 3d", lambda day: [0, 1, 2] if day > 2 else []),
        ("previous 2d", lambda day: [d for d in DAYS if day - 2 <= d < day]),
        ("same window last year", lambda day: [day - 365] if day >= 365 else []),
    ],
)
def test_by_time(tmp_path: Path, reference: str, before: Callable[[int], list[int]]) -> None:
    found, result = measured(tmp_path, reference)
    expected = {
        d: distance(places(d), np.concatenate([places(b) for b in before(d)])) for d in DAYS if before(d)
    }
    assert found == pytest.approx(expected, abs=1e-9)
    assert ("The reference rolls along" in " ".join(result.notes)) == reference.startswith("previous")


def test_a_file_is_read_once_for_each_state_of_it(tmp_path: Path) -> None:
    file = tmp_path / "reference.parquet"
    parquet.write_table(pa.table({"place": places(100)}), file)
    found, _ = measured(tmp_path / "ws", str(file))
    assert found == pytest.approx({d: distance(places(d), places(100)) for d in DAYS}, abs=1e-9)
    parquet.write_table(pa.table({"place": np.concatenate([places(101), places(102)])}), file)
    again = wk.history(tmp_path / "ws", "m", now=START + 400 * DAY)
    values = [r["value"] for r in again.metrics.to_pylist() if r["metric"] == "total_variation"]
    assert values[0] == pytest.approx(
        distance(places(0), np.concatenate([places(101), places(102)])), abs=1e-9
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(wk.SourceError, match=r"nowhere\.parquet does not exist"):
        measured(tmp_path / "ws", "nowhere.parquet")
