"""A version with a reference of its own: its numbers are compared with that, all others with the default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import watchkeeper as wk
from tests.running.test_references import distance, places
from tests.running.workspaces import DAY, START
from watchkeeper.running import preview, run

DAYS = range(8)
RELEASED = 3  # the day since which version 2 serves, beside version 1
NOW = START + 10 * DAY
FILE = 100  # the day whose places the file holds


def of(day: int, version: str) -> np.ndarray:
    """Places that a version was asked about on a day."""
    return places(day + (1_000 if version == "2" else 0))


def both(day: int) -> np.ndarray:
    return np.concatenate([of(day, v) for v in versions(day)])


def versions(day: int) -> str:
    return "12" if day >= RELEASED else "1"


def saved(folder: Path, **keys: Any) -> None:
    with wk.Workspace.open(folder, create=True) as workspace:
        workspace.save_model(wk.Model(name="m", timestamp="ts", features=["place"], **keys))


def logged(folder: Path, *days: int) -> None:
    with wk.Logger(folder, model="m") as log:
        for day, version in ((d, v) for d in days for v in versions(d)):
            for i, place in enumerate(of(day, version)):
                at = np.datetime64(START + day * DAY + i * 60_000_000, "us")
                log.prediction(
                    id=f"{day}-{version}-{i}", features={"place": str(place)}, timestamp=at, version=version
                )


def values(*results: wk.Result | None) -> dict[tuple[str | None, int], float]:
    """(version, day) → total variation of ``place``."""
    return {
        (row["segment"], round((row["window_start"].timestamp() * 1e6 - START) / DAY)): row["value"]
        for result in results if result is not None
        for row in result.metrics.to_pylist()
        if row["metric"] == "total_variation" and row["column"] == "place" and row["value"] is not None
    }  # fmt: skip


def reference_file(folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    parquet.write_table(pa.table({"place": places(FILE), "version": ["1"] * 300}), folder / "v2.parquet")
    return "v2.parquet"


OWN: Mapping[str, Callable[[int], list[int]]] = {
    "first 2d": lambda day: [RELEASED, RELEASED + 1] if day >= RELEASED + 2 else [],
    "previous 2d": lambda day: [d for d in DAYS if max(day - 2, RELEASED) <= d < day],
    "v2.parquet": lambda day: [],
}


@pytest.mark.parametrize("rule", OWN)
@pytest.mark.parametrize("default", ["first 1d", "previous 1d", None])
def test_each_with_its_own(tmp_path: Path, rule: str, default: str | None) -> None:
    reference_file(tmp_path)
    saved(tmp_path, reference={"2": rule} | ({} if default is None else {"default": default}))
    logged(tmp_path, *DAYS)
    run(tmp_path, now=NOW)
    result = wk.history(tmp_path, now=NOW)
    compared = [d for d in DAYS if d > 0 and default is not None]
    before = {d: d - 1 if default == "previous 1d" else 0 for d in compared}
    expected = {(None, d): distance(both(d), both(b)) for d, b in before.items()}
    expected |= {("1", d): distance(of(d, "1"), of(b, "1")) for d, b in before.items()}
    for d in DAYS[RELEASED:]:
        own = np.concatenate([np.empty(0, str), *(of(b, "2") for b in OWN[rule](d))])
        own = places(FILE) if rule == "v2.parquet" else own
        expected |= {("2", d): distance(of(d, "2"), own)} if own.size else {}
    found = values(result)
    assert {k: v for k, v in found.items() if k[0] in (None, "1", "2")} == pytest.approx(expected, abs=1e-9)
    text = " ".join(result.notes)
    assert f"version 2 with {rule}; all else with {default or 'nothing'}" in text
    assert ("Until 6 January 2026 version 2 is its own reference" in text) == (rule == "first 2d")
    assert (result.reference is None) == (
        default != "first 1d"
    )  # pictures need one reference for all windows


@pytest.mark.parametrize("rule", OWN)
def test_day_by_day_equals_the_whole(tmp_path: Path, rule: str) -> None:
    reference_file(tmp_path)
    saved(tmp_path, reference={"2": rule, "default": "first 1d"})
    steps = []
    for day in DAYS:
        logged(tmp_path, day)
        steps.append(run(tmp_path, now=START + (day + 1) * DAY).steps[0].result)
    assert values(*steps) == values(wk.history(tmp_path, now=NOW))


def test_judged_by_its_own_reference(tmp_path: Path) -> None:
    """Version 2 was validated on other data, and serves such ones until the last day."""
    random = np.random.default_rng(0)
    parquet.write_table(
        pa.table({
            "size": random.normal(5, 1, 3000), "prediction": np.ones(3000), "actual": random.random(3000) < 0.9,
            "timestamp": np.datetime64("2025-12-01", "us") + np.arange(3000) * np.timedelta64(10, "m"),
        }),
        tmp_path / "v2.parquet",
    )  # fmt: skip
    saved_model = wk.Model(
        name="m", task="binary", positive=1, segments=["place", ["version", "place"]],
        reference={"2": "v2.parquet", "default": "first 2d"},
    )  # fmt: skip
    with wk.Workspace.open(tmp_path, create=True) as workspace:
        workspace.save_model(saved_model)
    with wk.Logger(tmp_path, model="m") as log:
        for day in range(6):
            for i in range(600):
                version = "12"[i % 2]
                at = np.datetime64(START + day * DAY + i * 60_000_000, "us")
                size = random.normal(5 if version == "2" and day < 5 else 0)
                right = random.random() < (0.9 if version == "2" and day < 5 else 0.6)
                features = {"size": size, "place": "ab"[i // 2 % 2]}
                log.prediction(
                    id=f"{day}-{i}", features=features, prediction=1, timestamp=at, version=version
                )
                log.outcome(f"{day}-{i}", int(right), known_at=at)
    result = run(tmp_path, now=NOW).steps[0].result
    assert result is not None
    found = {
        (f.metric, f.column, f.segment_by, f.segment): f for f in result.findings if f.against is not None
    }
    assert ("jensen_shannon", "size", "version", "2") in found
    assert ("accuracy", None, "version", "2") in found
    assert all(key[3] in ("2", "2 × a", "2 × b") for key in found)
    assert {f.when for f in found.values()} == {"on 6 January 2026"}
    moved = found["accuracy", None, "version", "2"].sentence
    assert re.search(r"it was (89|90|91)[.\d]* % in its own reference \(v2\.parquet\)", moved)
    drifted = found["jensen_shannon", "size", "version", "2"].sentence
    assert "is distributed differently than in its own reference (v2.parquet) on 6 January 2026" in drifted
    assert not [f for f in result.findings if f.segment == "1" and f.metric == "jensen_shannon"]


def test_what_changing_one_costs(tmp_path: Path) -> None:
    reference_file(tmp_path)
    saved(tmp_path, reference="first 1d")
    logged(tmp_path, *DAYS)
    run(tmp_path, now=NOW)
    saved(tmp_path, reference={"2": "first 2d", "default": "first 1d"})
    again = "all windows are judged again"
    with wk.Workspace.open(tmp_path) as workspace:
        assert preview(workspace)[0] == f"m: reference of version '2' is new, first 2d: {again}."
    step = run(tmp_path, now=NOW).steps[0]
    assert (step.computed, step.judged) == (0, len(DAYS))
    saved(tmp_path, reference={"2": "v2.parquet", "default": "first 2d"})
    with wk.Workspace.open(tmp_path) as workspace:
        assert preview(workspace)[:2] == [
            f"m: reference of version '2' changed from first 2d to v2.parquet: {again}.",
            f"m: reference changed from first 1d to first 2d: {again}.",
        ]
    saved(tmp_path, reference="first 2d")
    with wk.Workspace.open(tmp_path) as workspace:
        assert preview(workspace)[1] == f"m: reference changed from first 1d to first 2d: {again}."


def test_versions_that_do_not_serve(tmp_path: Path) -> None:
    saved(tmp_path, reference={"2.0": "first 2d", "default": "first 1d"})
    logged(tmp_path, *DAYS)
    result = run(tmp_path, now=NOW).steps[0].result
    assert result is not None
    assert (
        "References of versions that no prediction names: '2.0'; those that serve are '1', '2'."
        in result.notes
    )


def test_a_file_that_is_not_there_is_told_before_its_version_serves(tmp_path: Path) -> None:
    saved(tmp_path, reference={"3": "v3.parquet", "default": "first 1d"})
    logged(tmp_path, 0, 1)
    with pytest.raises(wk.SourceError, match=r"reference: v3\.parquet: no such file"):
        run(tmp_path, now=NOW)


def test_a_reference_by_rows(tmp_path: Path) -> None:
    saved(tmp_path, reference={"2": "first 1000 rows"})
    logged(tmp_path, 0)
    with pytest.raises(
        wk.ModelError, match=r"'first 1000 rows' of 'm' goes by no time.*'first 4w', or a file"
    ):
        run(tmp_path, now=NOW)


def test_the_default_file_need_not_name_versions(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"place": places(FILE)}), tmp_path / "all.parquet")
    saved(tmp_path, reference="all.parquet")
    logged(tmp_path, *DAYS)
    found = values(run(tmp_path, now=NOW).steps[0].result)
    expected = {(None, d): distance(both(d), places(FILE)) for d in DAYS}
    assert {k: v for k, v in found.items() if k[0] is None} == pytest.approx(expected, abs=1e-9)


def test_a_release_is_told_and_does_not_alarm(tmp_path: Path) -> None:
    """Version 2 takes half of the traffic, while that from one place stops: the one is a release, the other is not."""
    saved(tmp_path, reference="first 2d", segments=["place", ["version", "place"]])
    told = []
    for day in DAYS:
        with wk.Logger(tmp_path, model="m") as log:
            for i in range(400):
                version = "2" if day >= RELEASED and i % 2 else "1"
                place = "a" if day == 6 else "ab"[i // 2 % 2]
                at = np.datetime64(START + day * DAY + i * 60_000_000, "us")
                log.prediction(id=f"{day}-{i}", features={"place": place}, timestamp=at, version=version)
        step = run(tmp_path, now=START + (day + 1) * DAY).steps[0]
        told += [] if step.result is None else [(day, n) for n in step.result.notes if "serve" in n]
    note = "New version 2 serves since 4 January 2026."
    assert told == [
        (RELEASED, note),
        (7, note),
    ]  # on the last day, of twice as many rows, all is planned anew
    result = wk.history(tmp_path, now=NOW)
    assert "New version 2 serves since 4 January 2026." in result.notes
    shares = [f for f in result.findings if f.metric == "segment_share"]
    assert {(f.segment_by, f.segment, f.when) for f in shares} == {
        ("place", "a", "on 7 January 2026"),
        ("place", "b", "on 7 January 2026"),
    }
    rows = result.metrics.to_pylist()
    assert any(r["metric"] == "segment_share" and r["segment"] == "2" and r["value"] == 0.5 for r in rows)


def test_a_band_on_the_share_of_a_version_is_judged(tmp_path: Path) -> None:
    saved(tmp_path, reference="first 2d", bands={"segment_share[version=2]": "<= 0.2"})
    logged(tmp_path, *DAYS)
    found = run(tmp_path, now=NOW).steps[0].result
    assert found is not None
    assert [(f.metric, f.segment) for f in found.findings if f.metric == "segment_share"] == [
        ("segment_share", "2")
    ]
