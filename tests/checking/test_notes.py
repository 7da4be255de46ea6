"""Notes: what a person is told of the input."""

from __future__ import annotations

import numpy as np

import watchkeeper as wk
from watchkeeper.model import Model

DAYS = ["2026-01-01"] * 50 + ["2026-01-04"] * 50


def test_rows_that_weigh_nothing_are_told_as_such() -> None:
    rows = {"y": [0, 1] * 50, "said": [0, 1] * 50, "w": [0.0] * 100}
    model = Model(name="m", task="binary", outcome="y", prediction="said", weight="w", window=None)
    notes = wk.check(rows, model=model).notes
    assert "All 100 current rows have the weight 0 in 'w': nothing can be measured." in notes
    assert not any("has an outcome" in note for note in notes)


def test_a_reference_too_short_for_drift_is_told_and_alarms_nothing() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"v{i}" for i in range(60)])

    def rows(n: int) -> dict[str, np.ndarray]:
        return {"x": rng.normal(size=n), "c": rng.choice(words, n), "y": rng.normal(size=n)}

    result = wk.check(rows(2_000), rows(20), Model(name="m", window="200 rows"))
    assert (
        "The reference has fewer than 30 values of 'x', 'c', 'y': drift is not judged there." in result.notes
    )
    assert result.verdict != "alarm", result.sentence


def test_gaps_are_told_with_what_is_judged_there() -> None:
    rows = {"day": DAYS, "x": range(100)}
    plain = wk.check(rows, model=Model(name="m", timestamp="day", window="1d"))
    assert any(
        note.endswith("2 in a row since 2 January 2026: nothing is judged there.") for note in plain.notes
    )
    banded = Model(name="m", timestamp="day", window="1d", bands={"row_count": ">= 10"})
    result = wk.check(rows, model=banded)
    assert result.alarms.num_rows == 2
    assert any(note.endswith(": only their number is judged there.") for note in result.notes)


def test_new_values_of_segments_are_named() -> None:
    rng = np.random.default_rng(1)

    def rows(carriers: list[str], chance: list[float], n: int = 4_000) -> dict[str, object]:
        days = np.sort(rng.integers(0, 20, n))
        return {
            "day": [f"2026-01-{1 + d:02d}" for d in days],
            "carrier": rng.choice(carriers, n, p=chance),
            "country": rng.choice(["DE", "FR"], n),
            "x": rng.normal(size=n),
        }

    model = Model(
        name="m", timestamp="day", window="1d", features=["x"], segments=["carrier", ["carrier", "country"]]
    )
    before = rows(["UA", "AA"], [0.5, 0.5])
    notes = wk.check(rows(["UA", "XX", "YY", "ZZ"], [0.85, 0.1, 0.047, 0.003]), before, model).notes
    told = next(note for note in notes if note.startswith("carrier, "))
    assert told.startswith("carrier, under 'other': 2 values that the reference lacks, XX ")
    assert told.endswith(" % of the rows.")
    assert "ZZ" not in told
    assert any("XX × DE" in note for note in notes if note.startswith("carrier × country, "))
    assert not any("reference lacks" in note for note in wk.check(before, before, model).notes)


def test_a_new_value_of_a_segment_is_named_where_the_beginning_is_the_reference() -> None:
    n = 4_000
    days = np.repeat(np.arange(1, 21), n // 20)
    carrier = np.where((days > 10) & (np.arange(n) % 10 == 0), "XX", "UA")
    rows = {"day": [f"2026-01-{d:02d}" for d in days], "carrier": carrier, "x": np.arange(n) % 7}
    model = Model(name="m", timestamp="day", window="1d", segments=["carrier"], reference="first 10d")
    notes = wk.check(rows, model=model).notes
    assert "carrier, under 'other': 1 value that the reference lacks, XX 10.0 % of the rows." in notes


def test_a_gap_has_no_data_for_all_that_is_judged() -> None:
    rng = np.random.default_rng(3)

    def rows(days: list[int]) -> dict[str, object]:
        day = np.repeat(days, 100)
        return {"day": [f"2026-01-{d:02d}" for d in day], "x": rng.normal(size=len(day))}

    model = Model(name="m", timestamp="day", window="1d")
    metrics = wk.check(rows([11, 12, 15]), rows([1, 2, 3, 4]), model).metrics.to_pandas()
    gap = metrics["window_start"].dt.day.isin([13, 14])
    judged = metrics["verdict"].notna()
    assert set(metrics[judged & gap]["verdict"]) == {"no_data"}
    assert set(metrics[judged & gap]["metric"]) == set(metrics[judged & ~gap]["metric"])


def _regression(errors: np.ndarray, **keys: object) -> tuple[dict[str, np.ndarray], Model]:
    rows = {"y": np.zeros(len(errors)), "p": errors}
    return rows, Model(name="m", task="regression", prediction="p", outcome="y", **keys)


def test_errors_too_large_to_add_up_are_told_with_their_rows() -> None:
    errors = np.random.default_rng(2).normal(size=400)
    errors[:3] = 1e308
    errors[150] = 1e200
    rows, model = _regression(errors, window="100 rows")
    result = wk.check(rows, model=model)
    assert any(
        note.startswith("The errors of 100 rows in 1 of 4 windows add up to more than a number can hold")
        and "mean_absolute_error" in note
        for note in result.notes
    )
    assert any(
        note.startswith("The squared errors of 100 rows in 1 of 4 windows")
        and "root_mean_squared_error" in note
        for note in result.notes
    )


def test_heavy_tails_are_told_with_what_to_go_by() -> None:
    rng = np.random.default_rng(4)
    wild, model = _regression(rng.standard_t(2, 4_000), window="1000 rows")
    calm, _ = _regression(rng.normal(size=4_000))
    told = [note for note in wk.check(wild, model=model).notes if "heavy tails" in note]
    assert len(told) == 1
    assert "cover the true value less often than they say" in told[0]
    assert "go by median_absolute_error" in told[0]
    assert any("follow the reference's tails" in note for note in wk.check(wild, wild, model).notes)
    assert not any("heavy tails" in note for note in wk.check(calm, calm, model).notes)


def test_a_release_is_told_and_its_share_is_no_alarm() -> None:
    def rows(version: list[str]) -> dict[str, object]:
        return {"day": np.repeat(["2026-01-01", "2026-01-02"], 200), "x": [0.0, 1.0] * 200, "v": version}

    model = Model(name="m", timestamp="day", window="1d", version="v", segments=["v"])
    released = rows(["1"] * 200 + ["2"] * 200)
    result = wk.check(released, rows(["1"] * 400), model)
    assert "New version 2 serves since 2 January 2026." in result.notes
    assert not result.alarms.num_rows
    alone = wk.check(released, model=model)
    assert "New version 2 serves since 2 January 2026." in alone.notes
    both = wk.check(rows(["2"] * 200 + ["3"] * 200), rows(["1"] * 400), model)
    assert "New versions serve: 2 since 1 January 2026, 3 since 2 January 2026." in both.notes
    assert not any("serve" in note for note in wk.check(released, released, model).notes)
    plain = Model(name="m", timestamp="day", window="1d", segments=["v"])
    assert set(wk.check(released, rows(["1"] * 400), plain).alarms["metric"].to_pylist()) == {
        "new_category_rate", "segment_share", "jensen_shannon",
    }  # fmt: skip
