"""Whole checks: distances as SciPy has them, calm where nothing changed, and what breaks is told at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
import scipy.stats
from scipy.spatial.distance import jensenshannon

import watchkeeper as wk
from watchkeeper.metrics import Context
from watchkeeper.metrics.groups import grouped

Rows = pd.DataFrame


def shapes(n: int, seed: int) -> Rows:
    """Numbers as they come in practice, and categories."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({
        "normal": rng.normal(size=n),
        "lognormal": rng.lognormal(0.0, 1.0, n),
        "heavy": rng.standard_t(3, n),
        "cauchy": rng.standard_cauchy(n),
        "bimodal": np.where(rng.random(n) < 0.3, rng.normal(-4, 0.5, n), rng.normal(3, 1, n)),
        "year": rng.integers(1950, 2024, n),
        "kelvin": rng.normal(288.15, 7.0, n),
        "integer": rng.poisson(400, n),
        "few": rng.integers(0, 6, n),
        "category": rng.choice(["a", "b", "c", "d", "rare"], n, p=[0.5, 0.3, 0.1, 0.099, 0.001]),
    })  # fmt: skip


WHOLE = ("year", "integer", "few")
NUMBERS = [name for name in shapes(1, 0) if name != "category"]
REFERENCE = shapes(40_000, 1)


def moved(by: float) -> Rows:
    """Other rows of the same kind, shifted by so many standard deviations, those of Cauchy's by as many scales."""
    rows = shapes(20_000, 2)
    for name in NUMBERS:
        rows[name] += by * (1.0 if name == "cauchy" else REFERENCE[name].std())
    rows["category"] = np.where(np.random.default_rng(3).random(len(rows)) < by, "new", rows["category"])
    return rows


SHIFTS = (0.0, 0.1, 0.5, 2.0)
CURRENT = {by: moved(by) for by in SHIFTS}


@pytest.fixture(scope="module")
def distances() -> dict[float, wk.Result]:
    return {by: wk.check(CURRENT[by], REFERENCE, wk.Model(window=None)) for by in SHIFTS}


def value_of(result: wk.Result, metric: str, column: str) -> float:
    chosen = result.metrics.filter((pc.field("metric") == metric) & (pc.field("column") == column))
    assert chosen.num_rows == 1
    return float(chosen["value"][0].as_py())


@pytest.mark.parametrize("by", SHIFTS)
@pytest.mark.parametrize("name", NUMBERS)
def test_kolmogorov_smirnov_is_scipys(distances, name, by):
    exact = scipy.stats.ks_2samp(CURRENT[by][name], REFERENCE[name], method="asymp").statistic
    assert value_of(distances[by], "kolmogorov_smirnov", name) == pytest.approx(exact, abs=0.005)
    if name in WHOLE:
        assert value_of(distances[by], "kolmogorov_smirnov", name) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("by", SHIFTS[1:])
@pytest.mark.parametrize("name", NUMBERS)
def test_wasserstein_is_scipys_in_standard_deviations_of_the_reference(distances, name, by):
    exact = scipy.stats.wasserstein_distance(CURRENT[by][name], REFERENCE[name]) / REFERENCE[name].std()
    assert value_of(distances[by], "wasserstein", name) == pytest.approx(exact, rel=0.01)


def on_groups(result: wk.Result, name: str, groups: int) -> tuple[Any, Any]:
    """Rows of current and reference on the groups that distances are measured on, empty ones left out."""
    if name == "category":
        now, then = (rows["category"].value_counts() for rows in (CURRENT[0.5], REFERENCE))
        now, then = now.align(then, fill_value=0)
        return now.to_numpy(float), then.to_numpy(float)
    total = result.reference.everything.total()
    everything = result.current.everything
    found = grouped(Context(result.current.plan, everything, everything, total, total), groups)
    now, then = next((g.now[0, 0], g.then[0, 0]) for g in found if g.column == name)
    assert (now.sum(), then.sum()) == (20_000, 40_000)
    assert len(now) >= 6
    return now[now + then > 0], then[now + then > 0]


@pytest.mark.parametrize("name", [*NUMBERS, "category"])
def test_divergences_are_the_textbook_formulas(distances, name):
    result = distances[0.5]
    now, then = on_groups(result, name, 20)
    p, q = now / now.sum(), then / then.sum()
    assert value_of(result, "jensen_shannon", name) == pytest.approx(jensenshannon(p, q, 2), rel=1e-9)
    assert value_of(result, "total_variation", name) == pytest.approx(np.abs(p - q).sum() / 2, rel=1e-9)
    assert value_of(result, "hellinger", name) == pytest.approx(np.sqrt(1 - np.sqrt(p * q).sum()), rel=1e-9)
    chi2 = scipy.stats.chi2_contingency([now, then], correction=False).statistic
    assert value_of(result, "chi_squared", name) == pytest.approx(chi2, rel=1e-9)
    now, then = (np.maximum(rows, 0.5) for rows in on_groups(result, name, 10))
    p, q = now / 20_000, then / 40_000  # an empty group counts as half a row
    assert value_of(result, "population_stability_index", name) == pytest.approx(
        np.sum((p - q) * np.log(p / q)), rel=1e-9
    )


@pytest.mark.parametrize("name", NUMBERS)
def test_descriptions_are_numpys(distances, name):
    values, result = CURRENT[0.0][name].to_numpy(float), distances[0.0]
    size = np.abs(values).mean()
    assert value_of(result, "mean", name) == pytest.approx(values.mean(), abs=1e-9 * size)
    assert value_of(result, "standard_deviation", name) == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert value_of(result, "minimum", name) == values.min()
    assert value_of(result, "maximum", name) == values.max()
    for metric, q in {"quantile_05": 0.05, "quantile_25": 0.25, "median": 0.5, "quantile_95": 0.95}.items():
        found = value_of(result, metric, name)
        if name in WHOLE:
            assert found == np.quantile(values, q, method="inverted_cdf")
        else:  # interpolated in a bin
            assert np.mean(values <= found) == pytest.approx(q, abs=0.005)


FEATURES = 20


def still(n: int, seed: int, start: str, per_day: int, missing: float = 0.0, shift: float = 0.0) -> Rows:
    """Twenty independent features of five kinds, a score and what happened by it: nothing ever changes."""
    rng, columns = np.random.default_rng(seed), {}
    zipf = 1 / np.arange(1, 51)
    for i in range(FEATURES // 5):
        columns |= {
            f"normal{i}": rng.normal(shift, 1.0, n),
            f"lognormal{i}": rng.lognormal(0.0, 1.5, n) + shift * 8.97,  # its standard deviation
            f"integer{i}": rng.poisson(20, n) + shift * np.sqrt(20),
            f"five{i}": rng.choice(list("abcde"), n, p=[0.5, 0.25, 0.15, 0.07, 0.03]),
            f"fifty{i}": rng.choice([f"v{j}" for j in range(50)], n, p=zipf / zipf.sum()),
        }
    rows = pd.DataFrame(columns)
    rows = rows.mask(rng.random(rows.shape) < missing)
    score = 1 / (1 + np.exp(-rng.normal(-0.5, 1.5, n)))
    rows["score"], rows["happened"] = score, rng.random(n) < score
    day, second = np.divmod(np.arange(n), per_day)
    rows["ts"] = pd.Timestamp(start, tz="UTC") + pd.to_timedelta(day * 86_400 + second, unit="s")
    return rows


def watched(current: Rows, reference: Rows, task: str | None = None) -> wk.Result:
    roles = {"task": task, "score": "score", "outcome": "happened"} if task else {}
    features = [name for name in current if name[-1].isdigit()]
    assert len(features) == FEATURES
    return wk.check(current, reference, wk.Model(timestamp="ts", features=features, **roles))


@pytest.mark.parametrize("rows", [200, 1_000])
@pytest.mark.parametrize("missing", [0.0, 0.02])
@pytest.mark.parametrize("task", [None, "binary"])
@pytest.mark.parametrize("reference_days", [1, 10])
def test_at_most_one_in_a_thousand_feature_windows_alarms_without_change(rows, missing, task, reference_days):
    seed = rows + 7 * reference_days
    reference = still(10_000, seed, "2025-01-01", 10_000 // reference_days, missing)
    result = watched(still(100 * rows, seed + 1, "2025-03-01", rows, missing), reference, task)
    verdicts = result.metrics["verdict"].to_pylist()
    assert verdicts.count("ok") > 100 * FEATURES  # each feature is judged by several numbers
    assert verdicts.count("alarm") <= 100 * FEATURES / 1_000


@pytest.mark.parametrize("reference_days", [1, 10])
def test_half_a_standard_deviation_alarms_in_the_first_window_of_a_thousand_rows(reference_days):
    found = 0
    for seed in range(5):
        reference = still(10_000, seed, "2025-01-01", 10_000 // reference_days)
        result = watched(still(1_000, 50 + seed, "2025-03-01", 1_000, shift=0.5), reference)
        alarming = set(result.alarms["column"].to_pylist())
        assert not any(name.startswith(("five", "fifty")) for name in alarming)
        found += len(alarming)
    assert found == 5 * 12  # of so many shifted numbers


def words(n: int, seed: int, start: str, per_day: int) -> Rows:
    """Texts with very many values: some new ones come every day, and the reference's commonest are less common."""
    rng, zipf = np.random.default_rng(seed), 1 / np.arange(1, 301)
    ts = pd.Timestamp(start, tz="UTC") + pd.to_timedelta(np.arange(n) // per_day, unit="D")
    columns = {
        "ids": rng.integers(0, 2**62, n), "alike": rng.integers(0, 1_000, n), "more": rng.integers(0, 300, n),
        "tail": rng.choice(300, n, p=zipf / zipf.sum()),
    }  # fmt: skip
    return pd.DataFrame(
        {name: pd.Series(values).astype(str).add("x") for name, values in columns.items()} | {"ts": ts}
    )


@pytest.mark.parametrize("reference_rows", [2_000, 10_000])
def test_columns_of_very_many_values_are_calm(reference_rows):
    reference, current = words(reference_rows, 1, "2025-01-01", 10**9), words(100_000, 2, "2025-03-01", 1_000)
    model = wk.Model(timestamp="ts", features=["ids", "alike", "tail", "more"])
    assert wk.check(current, reference, model).alarms.num_rows == 0
    current.loc[:119, "tail"] = "never seen"  # of 1,000
    alarms = wk.check(current, reference, model).alarms.to_pylist()
    assert [a["column"] for a in alarms] == ["tail"]
    assert alarms[0]["metric"] in ("new_category_rate", "other_rate")
    assert alarms[0]["window_start"] == reference["ts"][0] + pd.Timedelta(days=59)


DAY = 600
SEEN = ["temp", "speed", "press", "height", "humid", "carrier"]
MODEL = wk.Model(timestamp="ts", id="id", segments=["site"], features=SEEN)


def stream(days: int, start: str, seed: int) -> Rows:
    n, rng = days * DAY, np.random.default_rng(seed)
    weather = rng.normal(size=n)
    return pd.DataFrame({
        "ts": pd.Timestamp(start, tz="UTC") + pd.to_timedelta(np.arange(n) * (86_400 // DAY), unit="s"),
        "id": np.arange(n) + 1_000_000 * seed,
        "temp": 15 + 8 * rng.normal(size=n),
        "speed": rng.gamma(3.0, 10.0, n),
        "press": 1013 + 5 * weather,
        "height": -80 * weather + 60 * rng.normal(size=n),
        "humid": rng.uniform(20, 95, n),
        "carrier": rng.choice(["UA", "AA", "DL"], n, p=[0.5, 0.3, 0.2]),
        "site": rng.choice(list("NSEW"), n),
    })  # fmt: skip


NORMAL = stream(30, "2026-01-01", 1)
CALM = stream(4, "2026-02-01", 2)
FIRST = np.arange(len(CALM)) < DAY
SOME = FIRST & (np.random.default_rng(3).random(len(CALM)) < 0.05)


def put(column: str, value: Any, where: Any = SOME) -> Callable[[], Rows]:
    """The calm rows with another value in some."""
    return lambda: CALM.assign(**{column: CALM[column].astype(object).mask(where, value).infer_objects()})


Find = tuple[str, str | None, str | None, str]
BROKEN: dict[str, tuple[Callable[[], Rows], list[Find]]] = {
    "missing": (put("temp", None), [("missing_rate", "temp", None, "temp: 4.7 % of the rows have no value on 1 F")]),
    "not a number": (put("speed", np.nan), [("missing_rate", "speed", None, "speed: 4.7 % of the rows have no value")]),
    "infinite": (put("speed", np.inf), [("infinite_rate", "speed", None, "are infinite")]),
    "gone": (lambda: CALM.drop(columns="humid"), [("missing_rate", "humid", None, "humid is gone")]),
    "retyped": (lambda: CALM.assign(temp="warm"), [("retyped_rate", "temp", None, "temp: all rows are no numbers")]),
    "partly retyped": (put("temp", "n/a deg"), [("retyped_rate", "temp", None, "type changed")]),
    "new category": (put("carrier", "ZZ"), [("new_category_rate", "carrier", None, "that the reference never had")]),
    "out of range": (put("temp", 99.0), [("out_of_range_rate", "temp", None, "outside of the reference's range")]),
    "another unit": (put("temp", CALM["temp"] * 1.8 + 32, FIRST), [
        ("out_of_range_rate", "temp", None, "Another unit"), ("jensen_shannon", "temp", None, "distributed")]),
    "constant": (put("speed", 12.5, FIRST), [("constant", "speed", None, "speed: all 600 values are equal")]),
    "stuck": (put("temp", 17.3, FIRST & (CALM["site"] == "N") & (CALM.index > DAY // 2)), [
        ("stuck_rate", "temp", "N", "temp (site N): 48.6 % of the rows repeat one value too long")]),
    "at the edge": (put("temp", NORMAL["temp"].max()), [("edge_rate", "temp", None, "lie at the edge")]),
    "cut off": (put("humid", CALM["humid"].clip(upper=60), FIRST), [("jensen_shannon", "humid", None, "humid is")]),
    "repeated": (put("id", 7, SOME), [("duplicate_id_rate", "id", None, "repeat an id")]),
}  # fmt: skip
SPIKES: dict[str, tuple[Callable[[], Rows], Find]] = {
    "shifted": (put("temp", CALM["temp"] + 4, FIRST), ("jensen_shannon", "temp", None, "temp is distributed")),
    "other traffic": (put("site", "N", FIRST & (np.arange(len(CALM)) % 2 == 0)),
        ("segment_share", None, "N", "Segment share (site N) rose to")),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_what_breaks_is_told_in_its_first_window_and_nothing_else_is(broken):
    make, expected = BROKEN[broken]
    alarms = wk.check(make(), NORMAL, MODEL).alarms.to_pylist()
    first = [a for a in alarms if a["window_start"].day == 1]
    for metric, column, segment, words in expected:
        told = [
            a["sentence"]
            for a in first
            if (a["metric"], a["column"], a["segment"]) == (metric, column, segment)
        ]
        assert len(told) == 1, alarms
        assert words in told[0]
    assert {a["column"] for a in alarms} == {column for _, column, _, _ in expected}
    if broken not in ("gone", "retyped"):
        assert first == alarms


@pytest.mark.parametrize("spike", SPIKES)
def test_one_odd_window_that_is_gone_again_is_shown_and_not_paged(spike):
    make, (metric, column, segment, words) = SPIKES[spike]
    result = wk.check(make(), NORMAL, MODEL)
    assert result.verdict == "unclear"
    assert result.alarms.num_rows == 0
    said = [f for f in result.unclear if (f.metric, f.column, f.segment) == (metric, column, segment)]
    assert len(said) == 1
    assert words in said[0].sentence
    assert "an alarm takes" in said[0].sentence
    assert said[0].first_window == said[0].last_window == 0


def test_a_shift_that_lasts_becomes_an_alarm_with_its_start_and_size():
    calm = stream(12, "2026-02-01", 4)
    late = np.arange(len(calm)) >= 2 * DAY
    result = wk.check(calm.assign(temp=calm["temp"] + 4 * late), NORMAL, MODEL)
    found = [f for f in result.findings if f.column == "temp"]
    assert [f.metric for f in found] == ["jensen_shannon"]
    assert found[0].kind == "shift"
    assert found[0].ongoing
    assert "since" in found[0].sentence
    assert "3 February 2026" in found[0].sentence
    whole = (pc.field("metric") == "jensen_shannon") & pc.field("segment").is_null()
    evidence = result.metrics.filter(whole & (pc.field("column") == "temp"))
    assert evidence["evidence"].null_count == 0
    assert evidence["evidence"].to_pylist()[-1] > 1_000


def outages(start: str, often: list[float], seed: int) -> Rows:
    """Days of 24 hours of 20 rows; in each day's share of the hours no row has a value."""
    random = np.random.default_rng(seed)
    at = pd.date_range(start, periods=len(often) * 480, freq="3min", tz="UTC")
    out = random.random((len(often), 24)) < np.array(often)[:, None]
    return pd.DataFrame(
        {"at": at, "x": np.where(np.repeat(out.ravel(), 20), np.nan, random.normal(size=len(at)))}
    )


def told_of_outages(often: list[float], seed: int) -> list[wk.verdicts.Finding]:
    before = outages("2026-01-01", [0.08] * 60, seed)
    result = wk.check(outages("2026-03-02", often, seed + 1), before, wk.Model(timestamp="at", window="1d"))
    return [f for f in result.findings if f.metric == "missing_rate"]


def test_a_leak_of_missing_hours_is_told_though_no_day_of_it_is_a_break():
    (found,) = told_of_outages([0.08] * 20 + [0.22] * 40, 50)
    assert (found.rule, found.kind) == ("evidence", "shift")
    assert "since about 2" in found.sentence
    assert found.severity > 0
    assert "more than before" in found.sentence


def test_hours_that_miss_as_often_as_ever_are_calm():
    assert [seed for seed in range(100, 130, 2) if told_of_outages([0.08] * 60, seed)] == []


def test_half_a_day_that_misses_is_told_at_once():
    (found,) = told_of_outages([0.08] * 5 + [0.7] + [0.08] * 14, 60)
    assert found.kind == "break"
    assert found.rule == "break"
    assert "have no value on 7 March 2026" in found.sentence


def test_nothing_broken_is_calm():
    assert wk.check(CALM, NORMAL, MODEL).verdict == "ok"


def test_a_gap_in_time_is_said_and_not_judged():
    result = wk.check(CALM.drop(index=range(DAY, 2 * DAY)), NORMAL, MODEL)
    assert result.notes == ("No rows on 2 February 2026: nothing is judged there.",)
    assert result.verdict == "ok"
    rows = result.metrics.filter((pc.field("metric") == "row_count") & pc.field("segment_by").is_null())
    assert rows["value"].to_pylist() == [DAY, 0, DAY, DAY]
    empty = result.metrics.filter(pc.field("window_start") == rows["window_start"][1])
    assert set(empty["verdict"].to_pylist()) == {None, "no_data"}


def test_columns_that_no_longer_go_together_show():
    """Each for itself is distributed as ever: only the correlation, and the distance from the components, tell."""
    result = wk.check(put("height", -CALM["height"], FIRST)(), NORMAL, MODEL)
    whole = (
        result.metrics.filter(pc.field("segment_by").is_null())
        .to_pandas()
        .set_index(["metric", "window_start"])
    )
    shift, error = whole.loc["correlation_shift", "value"], whole.loc["reconstruction_error"]
    assert shift.iloc[0] == pytest.approx(1.6, abs=0.1)
    assert shift.iloc[1:].max() < 0.15
    assert error["low"].iloc[0] > error["high"].iloc[1:].max()
    moved = whole.loc["correlation"]
    pair = moved[moved["column"] == "press × height"]["value"]
    assert pair.iloc[0] == pytest.approx(0.8, abs=0.05)
    assert pair.iloc[1:].max() < -0.7


def unlike(days: int, start: str, rows: int, seed: int) -> Rows:
    """Numbers, common and rare categories, and a score, in windows of so many rows."""
    rng, n = np.random.default_rng(seed), days * rows
    score = rng.random(n)
    return pd.DataFrame({
        "ts": pd.Timestamp(start, tz="UTC") + pd.to_timedelta(np.arange(n) // rows, unit="D"),
        **{f"x{i}": rng.normal(size=n) for i in range(4)},
        "few": rng.choice(list("abc"), n),
        "rare": rng.choice(200, n, p=(w := 1 / np.arange(1, 201)) / w.sum()).astype(str),
        "gaps": np.where(rng.random(n) < 0.001, None, "v"),
        "score": score, "y": (rng.random(n) < np.where(score > 0.5, 0.999, 0.001)).astype(int),
    })  # fmt: skip


@pytest.mark.parametrize(("before", "now"), [(800, 300), (300, 800)])
def test_windows_of_another_size_than_the_references_are_no_change(before, now):
    features = ["x0", "x1", "x2", "x3", "few", "rare", "gaps"]
    model = wk.Model(
        timestamp="ts",
        task="binary",
        score="score",
        outcome="y",
        threshold=0.5,
        features=features,
        segments=["few"],
    )
    result = wk.check(unlike(60, "2026-05-01", now, 2), unlike(40, "2026-01-01", before, 1), model)
    assert [f.sentence for f in result.findings] == []
    told = result.metrics.filter(pc.field("verdict") == "ok")
    assert {"jensen_shannon", "accuracy", "missing_rate"} <= set(told["metric"].to_pylist())
