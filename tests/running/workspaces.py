"""Workspaces of the tests: what is stored in one, and the same computed at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from watchkeeper.journal import Journal, Store
from watchkeeper.metrics import measure
from watchkeeper.profiles import Profile, Sketch
from watchkeeper.profiles.profile import PARTS
from watchkeeper.profiles.scores import Scores
from watchkeeper.running import run
from watchkeeper.running.planned import Planned
from watchkeeper.workspace import Workspace

DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01

COMPUTED = ("counted", "truth", "profiles", "references", "verdicts")


def profile_of_everything(folder: Path, model: str = "m") -> Profile:
    """All windows that are stored."""
    with Workspace.open(folder) as workspace:
        planned = Planned.newest(workspace.state, model)
        assert planned is not None
        store = Store(Journal.of(workspace, model), planned.plan, planned.number)
        profile = store.get()
        assert profile is not None
        return profile


def whole(folder: Path, other: Path, now: int, model: str = "m") -> Profile:
    """All windows of the same journal, computed at once under the same plan."""
    for part in ("models", "journal", "watchkeeper.yaml"):
        source = folder / part
        if source.is_dir():
            shutil.copytree(source, other / part)
        else:
            shutil.copy(source, other / part)
    for table in COMPUTED:
        shutil.rmtree(other / "journal" / model / table, ignore_errors=True)
    (other / "wal").mkdir()
    with Workspace.open(folder) as old, Workspace.open(other) as new:
        for _ in range(old.state.last_batch()):
            new.state.finish_batch(new.state.begin_batch([]))
        new.state.add_plan(model, old.state.plans(model)[-1].text)
        run(new, now=now)
    return profile_of_everything(other, model)


def same_profile(one: Profile, other: Profile) -> None:
    """Counts equal exactly, sums to 1e-12 of what was added."""
    np.testing.assert_array_equal(one.windows, other.windows)
    assert one.slices.keys() == other.slices.keys()
    for by, part in one.slices.items():
        for name in PARTS:
            _same(getattr(part, name), getattr(other.slices[by], name), f"{by}: {name}")


def _same(one: Any, other: Any, where: str) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            _same(one[key], other[key], f"{where}[{key}]")
    elif isinstance(one, np.ndarray):
        if one.dtype.kind in "iu":
            np.testing.assert_array_equal(one, other, err_msg=where)
        else:
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12, err_msg=where)
    elif isinstance(one, Scores | Sketch) or hasattr(one, "__dataclass_fields__"):
        for field in one.__dataclass_fields__:
            _same(getattr(one, field), getattr(other, field), f"{where}.{field}")
    else:
        assert one == other, where


def numbers(folder: Path, metric: str, model: str = "m") -> dict[int, float]:
    """Window start → the metric of all rows, from what is stored."""
    profile = profile_of_everything(folder, model)
    found = [s for s in measure(profile) if s.metric.name == metric and s.segment_by is None]
    assert len(found) == 1, metric
    return dict(zip(profile.windows.tolist(), found[0].estimate.value.tolist(), strict=True))
