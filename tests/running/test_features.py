"""Features that appear after the plan was made are watched from then on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import watchkeeper as wk
from tests.running.test_references import distance, places
from tests.running.workspaces import DAY, START, profile_of_everything, same_profile, whole
from watchkeeper.journal import Store
from watchkeeper.running import Run, run

NEW = 3  # the day since which the new features are logged
DAYS = range(8)
ROWS = 300


def saved(folder: Path, **keys: Any) -> None:
    file = folder / "reference.parquet"
    parquet.write_table(pa.table({"size": np.random.default_rng(0).normal(size=500)}), file)
    model = wk.Model(name="m", **{"reference": str(file), "segments": ["place"], **keys})
    with wk.Workspace.open(folder, create=True) as workspace:
        workspace.save_model(model)


def logged(folder: Path, day: int, rows: int = ROWS) -> None:
    random = np.random.default_rng(day)
    with wk.Logger(folder, model="m") as log:
        for i, place in enumerate(places(day)[:rows]):
            features: dict[str, Any] = {"size": random.normal()}
            if day >= NEW:
                features |= {"height": 100 + random.normal(), "place": str(place)}
            at = np.datetime64(START + day * DAY + i * 60_000_000, "us")
            log.prediction(id=f"{day}-{i}", features=features, timestamp=at)


def ran(folder: Path, day: int = 10) -> Run:
    with wk.Workspace.open(folder) as workspace:
        return run(workspace, now=START + day * DAY)


def equals_the_whole(folder: Path, other: Path) -> None:
    other.mkdir()
    same_profile(profile_of_everything(folder), whole(folder, other, START + 10 * DAY))


def found(result: wk.Result | None, metric: str, column: str) -> dict[int, float]:
    """Day → the number of all rows."""
    assert result is not None
    return {
        round((row["window_start"].timestamp() * 1e6 - START) / DAY): row["value"]
        for row in result.metrics.to_pylist()
        if (row["metric"], row["column"], row["segment"]) == (metric, column, None)
        and row["value"] is not None
    }


def test_watched_from_the_run_in_which_they_appear(tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    folder.mkdir()
    saved(folder, segments=[])
    for day in DAYS:
        logged(folder, day)
        step = ran(folder, day + 1).steps[0]
        assert step.result is not None
        noted = " ".join(step.result.notes)
        assert ("New features, watched from now on: 'height', 'place'." in noted) == (day == NEW)
        assert ("The reference has no value of 'height', 'place': drift is not judged there." in noted) == (
            day >= NEW
        )
        assert found(step.result, "missing_rate", "height").get(day) == (None if day < NEW else 0.0)
        young = day - NEW in (0, 1, 3)  # twice the values: planned anew, and their windows computed again
        assert step.computed == (day - NEW + 1 if young else 1)
        assert not step.result.alarms.num_rows
    result = wk.history(folder, now=START + 10 * DAY)
    assert found(result, "missing_rate", "place") == {d: float(d < NEW) for d in DAYS}
    assert ran(folder).idle
    equals_the_whole(folder, tmp_path / "whole")


def test_a_rolling_reference_has_them_in_time(tmp_path: Path) -> None:
    saved(tmp_path, reference="previous 2d", segments=[])
    for day in DAYS:
        logged(tmp_path, day)
        ran(tmp_path, day + 1)
    result = wk.history(tmp_path, now=START + 10 * DAY)
    expected = {
        d: distance(places(d), np.concatenate([places(b) for b in range(max(NEW, d - 2), d)]))
        for d in DAYS[NEW + 1 :]
    }
    assert found(result, "total_variation", "place") == pytest.approx(expected, abs=1e-9)


def test_a_grid_of_few_values_does_not_stay(tmp_path: Path) -> None:
    """Three heights that come first would be a code of three values, which no sensor is stuck at."""
    folder = tmp_path / "ws"
    folder.mkdir()
    saved(folder, segments=[])
    logged(folder, 0)
    ran(folder)
    logged(folder, NEW, 3)
    ran(folder)
    for day in DAYS[NEW:]:
        logged(folder, day)
        ran(folder)
    result = wk.history(folder, now=START + 10 * DAY)
    medians = found(result, "median", "height")
    for day in DAYS[NEW + 1 :]:
        random = np.random.default_rng(day)
        exact = np.median([(random.normal(), 100 + random.normal())[1] for _ in range(ROWS)])
        assert medians[day] == pytest.approx(exact, abs=0.02)
        assert found(result, "longest_run", "height")[day] == 1
    equals_the_whole(folder, tmp_path / "whole")


class KilledError(Exception):
    pass


def killed(*_: object) -> None:
    raise KilledError


@pytest.mark.parametrize("when", [NEW, NEW + 1])
def test_killed_before_its_windows_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    """The plan is new, the windows are not there yet, or still on the old grid."""
    folder = tmp_path / "ws"
    folder.mkdir()
    saved(folder, segments=[])
    for day in (0, 1, 2, 3, 4):
        logged(folder, day)
        if day == when:
            with monkeypatch.context() as patch:
                patch.setattr(Store, "put", killed)
                with pytest.raises(KilledError):
                    ran(folder)
            logged(
                folder, day + 10, 5
            )  # so that there are windows besides those that are new to the next run
        ran(folder)
    assert ran(folder).idle
    equals_the_whole(folder, tmp_path / "whole")


def test_killed_where_all_is_planned_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the rows: the new plan has no window yet, not even of rows that an earlier run has done."""
    folder = tmp_path / "ws"
    folder.mkdir()
    saved(folder, segments=[], reference="first 1d")
    logged(folder, 0)
    ran(folder)
    logged(folder, 1)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", killed)
        with pytest.raises(KilledError):
            ran(folder)
    ran(folder)
    equals_the_whole(folder, tmp_path / "whole")


def test_a_small_reference_file_is_no_reason_to_plan_anew(tmp_path: Path) -> None:
    saved(tmp_path, segments=[])
    for day in DAYS[:NEW]:
        logged(tmp_path, day)
        assert ran(tmp_path).steps[0].computed == 1
    assert ran(tmp_path).idle


def test_names_of_our_own_are_not_watched(tmp_path: Path) -> None:
    saved(tmp_path, segments=[])
    logged(tmp_path, 0)
    ran(tmp_path)
    with wk.Logger(tmp_path, model="m") as log:
        at = np.datetime64(START + DAY, "us")
        log.prediction(id="a", features={"size": 1.0, "kpi:mine": 2.0}, timestamp=at)
    step = ran(tmp_path).steps[0]
    assert step.result is not None
    assert "kpi:mine" not in set(step.result.metrics["column"].to_pylist())
