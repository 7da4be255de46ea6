"""A backtest says what would have been told and when, and what other rules change about that."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

import watchkeeper as wk
from tests.running.workspaces import DAY, START
from watchkeeper.backtesting import Replay, Told
from watchkeeper.backtesting.result import TOLD

REFERENCE, DAYS, ROWS = 32, 60, 200
SHIFTED = 44  # the first day on which x lies higher
WORSE = 52  # the first day on which one prediction in five is wrong, where it was one in ten
NOW = START + DAYS * DAY + 60_000_000


def rows(days: range) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    day = np.repeat(np.arange(DAYS), ROWS)
    label = rng.integers(0, 2, len(day))
    right = rng.random(len(day)) < np.where(day >= WORSE, 0.8, 0.9)
    every = {
        "ts": (START + day * DAY + np.tile(np.arange(ROWS), DAYS) * 60_000_000).astype("datetime64[us]"),
        "id": np.arange(len(day)).astype(str),
        "x": rng.normal(size=len(day)) + np.where(day >= SHIFTED, 0.5, 0.0),
        "said": np.where(right, label, 1 - label),
        "label": label,
    }
    chosen = np.isin(day, days)
    return {name: column[chosen] for name, column in every.items()}


def model(**keys: object) -> wk.Model:
    given = {"reference": f"first {REFERENCE}d", "bands": {"accuracy": ">= 0.75"}, **keys}
    return wk.Model(
        name="m", task="binary", timestamp="ts", id="id", prediction="said", outcome="label", positive=1,
        features=["x"], **given,
    )  # fmt: skip


def table(days: range = range(DAYS)) -> pa.Table:
    return pa.table(rows(days))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was run once, when all had happened."""
    place = tmp_path_factory.mktemp("workspace")
    with wk.Workspace.open(place, create=True) as opened:
        opened.save_model(model())
    with wk.Logger(place, model="m") as log:
        of = rows(range(DAYS))
        for i in range(len(of["id"])):
            name, at = str(of["id"][i]), of["ts"][i]
            log.prediction(id=name, features={"x": of["x"][i]}, prediction=int(of["said"][i]), timestamp=at)
            log.outcome(id=name, actual=int(of["label"][i]), known_at=at)
    wk.run(place, now=NOW)
    return place


@pytest.fixture(scope="module")
def found() -> wk.Backtest:
    return wk.backtest(table(), model(), bands={"accuracy": ">= 0.88"}, now=NOW)


def of(replay: Replay, metric: str, column: str | None = None) -> Told:
    (one,) = (t for t in (*replay.told, *replay.missed) if (t.metric, t.column) == (metric, column))
    return one


def test_the_shift_is_told_soon_after_it_happened(found):
    told = of(found.current, "jensen_shannon", "x")
    day = told.first_window + REFERENCE
    assert SHIFTED <= day <= SHIFTED + 7
    assert told.kind in ("shift", "break")
    assert told.first_start is not None
    assert told.first_start.timestamp() * 1e6 == START + day * DAY
    assert told.ongoing
    assert told.change is None
    assert found.sentence.startswith(f"Over {DAYS - REFERENCE} days the current rules would have told ")
    assert found.sentence.endswith(f"{told.first}.")


def test_a_smaller_alpha_tells_later_and_a_greater_one_not_later(found):
    less, more = found.variants[:2]
    assert (less.alpha, more.alpha) == (0.001, 0.1)
    first = of(found.current, "jensen_shannon", "x").first_window
    later, earlier = (of(r, "jensen_shannon", "x") for r in (less, more))
    assert later.first_window > first >= earlier.first_window
    assert later.change == "later"
    assert later.later == later.first_window - first
    assert {t.key for t in less.told} <= {t.key for t in found.current.told} <= {t.key for t in more.told}
    assert less.differences["later"] >= 1


def test_another_band_tells_more(found):
    banded = found.variants[2]
    assert banded.name == "band accuracy >= 0.88"
    assert banded.bands == {"accuracy": ">= 0.88"}
    assert "accuracy" not in {t.metric for t in found.current.told}
    told = of(banded, "accuracy")
    assert told.change == "only here"
    assert told.rule == "band"
    assert WORSE <= told.first_window + REFERENCE <= WORSE + 5
    assert "1 only here" in banded.sentence


def test_what_a_variant_does_not_tell_is_named():
    loose = wk.backtest(
        table(), model(bands={"accuracy": ">= 0.88"}), alpha=(), bands={"accuracy": ">= 0.5"}, now=NOW
    )
    (variant,) = loose.variants
    assert of(variant, "accuracy").change == "not here"
    assert "1 not told" in variant.sentence
    rows = [r for r in loose.to_arrow().to_pylist() if r["change"] == "not here"]
    assert [(r["metric"], r["windows"], r["first_start"]) for r in rows] == [("accuracy", 0, None)]


@pytest.mark.parametrize("alpha", [0.001, 0.1])
def test_a_variant_is_what_a_check_by_its_rules_says(found, alpha):
    variant = next(r for r in found.variants if r.alpha == alpha)
    check = wk.check(table(), model=model(alpha=alpha), now=NOW)
    expected = {(f.metric, f.column, f.segment, f.first_window, f.windows) for f in check.findings}
    assert {(t.metric, t.column, t.segment, t.first_window, t.windows) for t in variant.told} == expected


@pytest.mark.parametrize("day", range(SHIFTED, SHIFTED + 8))
def test_nothing_that_came_later_enters(found, day):
    """A check at the end of each day tells what the backtest says would have been told by then."""
    until = wk.check(table(range(day + 1)), model=model(), now=START + (day + 1) * DAY + 60_000_000)
    firsts = {(f.metric, f.column): f.first_window for f in until.findings}
    told = {
        (t.metric, t.column): t.first_window for t in found.current.told if t.first_window + REFERENCE <= day
    }
    assert firsts == told


def test_a_workspace_tells_the_same_as_its_rows(found, folder):
    other = wk.backtest(folder, "m", bands={"accuracy": ">= 0.88"}, now=NOW)
    assert [r.name for r in other.replays] == [r.name for r in found.replays]
    for one, two in zip(other.replays, found.replays, strict=True):
        for column in ("x", None):
            told = [[t for t in r.told if t.column == column] for r in (one, two)]
            assert [(t.metric, t.kind, t.change) for t in told[0]] == [
                (t.metric, t.kind, t.change) for t in told[1]
            ]
            # their grids are made of different samples
            np.testing.assert_allclose(*([t.first_window for t in part] for part in told), atol=1)
    with wk.Workspace.open(folder) as opened:
        assert wk.backtest(opened, now=NOW, alpha=()).sentence == other.sentence


def test_a_backtest_changes_nothing(folder):
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*.parquet")}
    wk.backtest(folder, now=NOW)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*.parquet")} == before


def test_runs_of_alarms_are_counted():
    """One day of ten is bad, twice: told twice, over both times."""
    day = np.repeat(np.arange(10), 400)
    right = ~np.isin(day, (2, 6)) | (np.arange(len(day)) % 2 == 0)
    label = np.arange(len(day)) // 2 % 2
    data = {
        "day": (START + day * DAY).astype("datetime64[us]"),
        "label": label,
        "said": np.where(right, label, 1 - label),
    }
    watched = wk.Model(
        task="binary", timestamp="day", outcome="label", prediction="said", bands={"accuracy": ">= 0.9"}
    )
    found = wk.backtest(pa.table(data), watched, alpha=())
    told = of(found.current, "accuracy")
    assert (told.first_window, told.last_window, told.windows, told.times) == (2, 6, 2, 2)
    assert not told.ongoing
    assert found.current.incidents == sum(t.times for t in found.current.told)


def test_the_table_and_json_hold_all_of_it(found, tmp_path):
    arrow = found.to_arrow()
    assert arrow.schema == TOLD
    assert arrow.num_rows == sum(len(r.told) + len(r.missed) for r in found.replays)
    assert parquet.read_table(found.save(tmp_path / "told.parquet")).equals(arrow)
    assert csv.read_csv(found.save(tmp_path / "told.csv")).num_rows == arrow.num_rows
    plain = json.loads(found.to_json())
    assert plain["sentence"] == found.sentence
    assert [r["name"] for r in plain["rules"]] == [r.name for r in found.replays]
    assert plain["rules"][0]["told"][0]["first_start"].startswith("2026-02-")
    with pytest.raises(wk.SourceError, match=r"valid endings are \.parquet, \.csv and \.json"):
        found.save(tmp_path / "told.html")


def test_nothing_judged_is_no_quiet_history():
    found = wk.backtest(table(range(2)), model(reference=None, bands={}), now=NOW)
    assert found.sentence == "Nothing was judged in 2 days."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": 1.5}, "alpha: 1.5 is not a number between 0 and 1"),
        ({"alpha": [0.01, 0.0]}, "alpha: 0.0 is not a number between 0 and 1"),
        ({"bands": {"accurracy": ">= 0.9"}}, "bands: 'accurracy' is not a metric; did you mean 'accuracy'"),
        ({"bands": {"queue_length": "<= 9"}}, "bands: 'queue_length' is not a metric"),
        ({"bands": {"accuracy": ">= 90"}}, "did you mean 90 %"),
        ({"bands": {"accuracy[country=de]": ">= 0.9"}}, "'country' is not among the segments"),
        (
            {"bands": ["accuracy"]},
            "a mapping of names to bands, or a list of such, is needed, got 'accuracy'",
        ),
    ],
)
def test_mistakes_are_told(folder, given, message):
    with pytest.raises(wk.ModelError, match=message):
        wk.backtest(table(), model(), now=NOW, **given)
    with pytest.raises(wk.ModelError, match=message):
        wk.backtest(folder, now=NOW, **given)


def test_a_workspace_without_history_is_told(tmp_path):
    with wk.Workspace.open(tmp_path, create=True) as opened:
        opened.save_model(model())
    with pytest.raises(
        wk.WorkspaceError, match=r"nothing is computed of 'm' yet.*'watchkeeper run' computes"
    ):
        wk.backtest(tmp_path)
    with pytest.raises(wk.ModelError, match="a model of a workspace has its own"):
        wk.backtest(tmp_path, reference="first 4w")
    with pytest.raises(wk.ModelError, match="of a workspace the name of a model is needed"):
        wk.backtest(tmp_path, model())
    with pytest.raises(wk.WorkspaceError, match="there is no model 'n'"):
        wk.backtest(tmp_path, "n")
