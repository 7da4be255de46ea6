"""Acknowledged changes: calm in the new normal, an alarm for the next one, and all of it as if computed at once."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

import watchkeeper as wk
from tests.running.workspaces import DAY, START, whole
from watchkeeper.backtesting import backtest
from watchkeeper.cli import main
from watchkeeper.keeping import status
from watchkeeper.running import acknowledge, acknowledgements, run, undo_acknowledgement
from watchkeeper.state import State

REFERENCE, FIRST, ACKNOWLEDGED, SECOND, DAYS, ROWS = 32, 36, 46, 79, 91, 60  # too few to plan anew by the end
SETTLED = ACKNOWLEDGED + 30  # the first day that is compared with the new normal
BROKEN = 50  # the one day in the middle of it that x misses
MINUTE = 60_000_000
BAND = {"accuracy": ">= 0.5"}

Verdict = tuple[float | None, str | None]


def morning(day: int) -> int:
    """After the end of the day before."""
    return START + day * DAY + MINUTE


def logged(folder: Path, days: range) -> None:
    with wk.Logger(folder, model="m") as log:
        for day in days:
            rng = np.random.default_rng(2_000 + day)
            x = rng.normal(size=ROWS) + 1.5 * (day >= FIRST) + 1.5 * (day >= SECOND)
            right = rng.random(ROWS) < 0.8
            for i in range(ROWS):
                at = np.datetime64(START + day * DAY + i * MINUTE, "us")
                features = {} if day == BROKEN else {"x": x[i]}
                log.prediction(id=f"{day}-{i}", features=features, prediction=int(right[i]), timestamp=at)
                log.outcome(id=f"{day}-{i}", actual=1, known_at=at)


def workspace(folder: Path, **keys: object) -> Path:
    roles = {"timestamp": "ts", "id": "id", "prediction": "said", "outcome": "label", "positive": 1}
    rules = {"reference": f"first {REFERENCE}d", "bands": BAND}
    with wk.Workspace.open(folder, create=True) as opened:
        opened.save_model(wk.Model(name="m", task="binary", features=["x"], **{**roles, **rules, **keys}))
    return folder


def verdicts(result: wk.Result | None, metric: str, column: str | None = None) -> dict[int, Verdict]:
    """Day → evidence and verdict of all rows."""
    assert result is not None
    of_column = pc.field("column").is_null() if column is None else pc.field("column") == column
    rows = result.metrics.filter((pc.field("metric") == metric) & of_column & pc.field("segment").is_null())
    return {
        round((r["window_start"].timestamp() * 1e6 - START) / DAY): (r["evidence"], r["verdict"])
        for r in rows.to_pylist()
    }


def drift(result: wk.Result | None) -> dict[int, Verdict]:
    return verdicts(result, "jensen_shannon", "x")


def alarming(found: dict[int, Verdict]) -> list[int]:
    return [day for day, (_, verdict) in found.items() if verdict == "alarm"]


def history(folder: Path, day: int = DAYS) -> wk.Result:
    return wk.history(folder, "m", now=morning(day))


def same(one: dict[int, Verdict], other: dict[int, Verdict]) -> None:
    assert {d: v for d, (_, v) in one.items()} == {d: v for d, (_, v) in other.items()}
    for day, (evidence, _) in one.items():
        assert evidence == (None if evidence is None else pytest.approx(other[day][0], rel=1e-6))


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[int, Verdict]]]:
    """A workspace that was run now and then, and what each run said of the days that it was the first to judge."""
    folder = workspace(tmp_path_factory.mktemp("life"))
    said: dict[str, dict[int, Verdict]] = {"drift": {}, "accuracy": {}, "missing": {}}
    begin = 0
    for end in (ACKNOWLEDGED, BROKEN + 1, SETTLED - 4, SETTLED + 1, SECOND, SECOND + 6, SECOND + 9, DAYS):
        logged(folder, range(begin, end))
        result = run(folder, now=morning(end)).steps[0].result
        for name, metric, column in (("drift", "jensen_shannon", "x"), ("accuracy", "accuracy", None),
                                     ("missing", "missing_rate", "x")):  # fmt: skip
            said[name] |= {d: v for d, v in verdicts(result, metric, column).items() if d >= begin}
        if end == ACKNOWLEDGED:
            made = acknowledge(folder, "m", by="ann", note="new prices", now=morning(end))
            assert (made.number, made.begin, made.seen) == (1, START + end * DAY, START + end * DAY)
        begin = end
    return folder, said


def test_calm_in_the_new_normal_and_an_alarm_at_the_next_change(life):
    _, said = life
    found = said["drift"]
    alarms = alarming(found)
    assert alarms[0] in range(FIRST, ACKNOWLEDGED)
    assert alarming({d: v for d, v in found.items() if ACKNOWLEDGED <= d < SECOND}) == []
    assert {found[d][1] for d in range(ACKNOWLEDGED, SETTLED)} == {None}
    assert {found[d][1] for d in range(SETTLED + 1, SECOND)} <= {"ok", "unclear"}
    assert alarms[-1] == DAYS - 1
    assert next(d for d in alarms if d >= SECOND) <= SECOND + 10


def test_a_break_is_told_while_nobody_knows_what_is_normal(life):
    _, said = life
    assert alarming(said["missing"]) == [BROKEN]


def test_a_band_adds_up_as_if_nothing_had_been_acknowledged(life, tmp_path):
    _, said = life
    other = workspace(tmp_path)
    logged(other, range(DAYS))
    run(other, now=morning(DAYS))
    same(said["accuracy"], verdicts(history(other), "accuracy"))


def test_runs_now_and_then_judge_as_one_of_everything_does(life, tmp_path):
    folder, said = life
    whole(folder, tmp_path, morning(DAYS))
    made = acknowledge(tmp_path, "m", "2026-02-16", now=morning(DAYS))
    assert made.begin == START + ACKNOWLEDGED * DAY
    again = run(tmp_path, now=morning(DAYS))
    assert again.steps[0].judged == DAYS - ACKNOWLEDGED
    found, every = drift(again.steps[0].result), drift(history(tmp_path))
    assert found == {d: v for d, v in every.items() if d >= ACKNOWLEDGED}
    same(drift(history(folder)), every)
    same(said["drift"], every)
    assert run(tmp_path, now=morning(DAYS)).idle


def test_nothing_of_before_is_in_the_evidence(life, tmp_path):
    """It is that of a model whose life began with the new normal."""
    folder, _ = life
    other = workspace(tmp_path, reference="first 30d")
    logged(other, range(ACKNOWLEDGED, DAYS))
    with State.open(folder / "state.db") as old, State.open(other / "state.db") as new:
        new.add_plan("m", old.plans("m")[-1].text)
    run(other, now=morning(DAYS))
    found, expected = drift(history(folder)), drift(history(other))
    assert sorted(expected) == list(range(SETTLED, DAYS))
    assert [found[d][0] is None for d in expected] == [
        True,
        *[False] * (DAYS - SETTLED - 1),
    ]  # x missed on one day
    same({d: (found[d][0], None) for d in expected}, {d: (e, None) for d, (e, _) in expected.items()})


def test_what_is_said_and_what_an_alarm_takes(life):
    folder, _ = life
    result = history(folder)
    note = next(n for n in result.notes if "acknowledged" in n)
    assert note == (
        "Since the change acknowledged by ann (“new prices”), from 16 February 2026 on, windows are compared with "
        "those of 16 February 2026 until 18 March 2026; alarms since then share 1/2 of alpha."
    )
    assert result.acknowledged == "16 February 2026, by ann; alpha × 1/2 since"
    finding = next(f for f in result.findings if f.metric == "jensen_shannon")
    assert finding.ongoing
    assert f"again since {finding.since}" in finding.sentence
    weight = result.budget.filter(pc.field("metric") == "jensen_shannon").to_pylist()[0]
    assert weight["needed"] == pytest.approx(1 / (0.75 * 0.01 * weight["weight"] / 2), rel=1e-9)
    assert weight["evidence"] > weight["needed"]


def test_undone_as_if_never_made(life, tmp_path):
    other = workspace(tmp_path)
    logged(other, range(60))
    run(other, now=morning(60))
    before = drift(history(other, 60))
    acknowledge(other, "m", "2026-02-16", by="ann", now=morning(60))
    run(other, now=morning(60))
    settling = history(other, 60)
    assert alarming(drift(settling))[-1] == ACKNOWLEDGED - 1
    assert any(n.startswith("Since the change acknowledged by ann, from 16 February") and "there are 14" in n
               and "from 18 March 2026 on" in n for n in settling.notes)  # fmt: skip
    assert any("when windows up to 2 March 2026 had been seen" in n for n in settling.notes)
    assert [f.ongoing for f in settling.findings if f.column == "x" and f.metric == "jensen_shannon"] == [
        False
    ]
    assert settling.budget.filter(pc.field("column") == "x")["evidence"].null_count > 0
    undone = undo_acknowledgement(other, "m", by="bob")
    assert (undone.made_by, undone.undone_by, undone.holds) == ("ann", "bob", False)
    again = run(other, now=morning(60)).steps[0]
    assert drift(again.result) == {d: v for d, v in before.items() if d >= ACKNOWLEDGED}
    assert drift(history(other, 60)) == before
    assert acknowledge(other, "m", now=morning(60)).number == 2  # a part of alpha is given once
    undo_acknowledgement(other, "m")
    with pytest.raises(wk.WorkspaceError, match="nothing is acknowledged"):
        undo_acknowledgement(other, "m")
    assert [a.holds for a in acknowledgements(other, "m")] == [False, False]


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2026-02-30", "a date or a time such as 2026-05-03 .* got '2026-02-30'"),
        ("soon", "a date or a time .* got 'soon'"),
        ("2027-01-01", "2027-01-01 is no moment .* from 3 February 2026 on.* not ahead of the clock"),
        ("2026-01-20", "2026-01-20 is no moment"),
    ],
)
def test_a_bad_date_is_one_message(life, tmp_path, at, says):
    other = workspace(tmp_path)
    logged(other, range(REFERENCE + 4))
    run(other, now=morning(REFERENCE + 4))
    with pytest.raises(wk.WorkspaceError, match=says):
        acknowledge(other, "m", at, now=morning(REFERENCE + 4))
    assert acknowledgements(other, "m") == []


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"reference": "previous 4w"}, "its reference, previous 4w, rolls along"),
        ({"reference": None}, "its reference, none, compares windows with nothing"),
        ({}, "no window was judged, so that there is no change to acknowledge"),
    ],
)
def test_nothing_to_acknowledge(tmp_path, keys, says):
    with pytest.raises(wk.WorkspaceError, match=says):
        acknowledge(workspace(tmp_path, **keys), "m", now=morning(10))
    with pytest.raises(wk.WorkspaceError, match="did you mean 'm'"):
        acknowledge(tmp_path, "mm")


def test_windows_that_are_independent_need_four(tmp_path):
    folder = workspace(tmp_path, windows="independent", reference="first 4d")
    logged(folder, range(30, 40))
    run(folder, now=morning(40))
    acknowledge(folder, "m", now=morning(40))
    logged(folder, range(40, 46))
    run(folder, now=morning(46))
    found = drift(history(folder, 46))
    assert [found[d][1] is None for d in range(38, 46)] == [False] * 2 + [True] * 4 + [False] * 2
    assert found[45][0] is not None


def test_another_reference_is_a_new_beginning(tmp_path):
    folder = workspace(tmp_path, reference="first 4d")
    logged(folder, range(30, 42))
    run(folder, now=morning(42))
    judged = set(drift(history(folder, 42)).values())
    acknowledge(folder, "m", "2026-02-08", now=morning(42))
    run(folder, now=morning(42))
    assert {drift(history(folder, 42))[d][1] for d in range(38, 42)} == {None} != judged
    workspace(folder, reference="first 5d")
    result = run(folder, now=morning(42)).steps[0].result
    assert result is not None
    assert any("one against first 4d: with another reference it counts no more" in n for n in result.notes)
    assert None not in {v for _, v in drift(result).values()}
    workspace(folder, reference="previous 4d")
    result = run(folder, now=morning(42)).steps[0].result
    assert result is not None
    assert any("what was acknowledged does nothing" in n for n in result.notes)


def test_beside_a_run(tmp_path):
    """A run that is at work ends first; what it judged is judged again by the next one, where it has to be."""
    folder = workspace(tmp_path)
    logged(folder, range(ACKNOWLEDGED))
    held, done = threading.Event(), []

    def at_work() -> None:
        with State.open(folder / "state.db") as state, state.lease("run"):
            held.set()
            done.append(run_without_lease())

    def run_without_lease() -> str:
        threading.Event().wait(0.5)
        return "run"

    run(folder, now=morning(ACKNOWLEDGED))
    thread = threading.Thread(target=at_work)
    thread.start()
    assert held.wait(10)
    acknowledge(folder, "m", now=morning(ACKNOWLEDGED))
    assert done == ["run"]
    thread.join()
    runs = [
        threading.Thread(target=run, args=(folder,), kwargs={"now": morning(ACKNOWLEDGED)}) for _ in range(2)
    ]
    for each in runs:
        each.start()
    undo_acknowledgement(folder, "m")
    for each in runs:
        each.join()
    run(folder, now=morning(ACKNOWLEDGED))
    assert alarming(drift(history(folder, ACKNOWLEDGED)))[-1] == ACKNOWLEDGED - 1


def test_report_status_and_backtest(life, tmp_path):
    folder, _ = life
    page = history(folder).save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "New normal" in page
    assert "since 16 February 2026, by ann; alpha × 1/2 since" in page
    with wk.Workspace.open(folder) as opened:
        found = status(opened, morning(DAYS))[0].acknowledged
    assert found is not None
    assert (found.made_by, found.note) == ("ann", "new prices")
    told = backtest(folder, "m", alpha=(0.1,), now=morning(DAYS))
    drifts = [t for t in told.current.told if t.metric == "jensen_shannon"]
    assert [t.times for t in drifts] == [2]
    assert told.variants[0].incidents >= told.current.incidents


def test_on_the_command_line(tmp_path, capsys):
    folder = workspace(tmp_path)
    logged(folder, range(REFERENCE + 2))
    run(folder)

    def said(*arguments: str, status: str = "0") -> str:
        with pytest.raises(SystemExit, match=status):
            main(["acknowledge", "m", "--workspace", str(folder), *arguments])
        out = capsys.readouterr()
        return out.out + out.err

    assert "nothing was acknowledged" in said("--list")
    assert "normal since 2026-02-03, said by ann on" in said(
        "--at", "2026-02-03", "--by", "ann", "--note", "new"
    )
    with pytest.raises(SystemExit, match="0"):
        main(["status", "--workspace", str(folder)])
    assert "normal since 2026-02-03, said by ann" in capsys.readouterr().out
    assert "undone: normal since 2026-02-03" in said("--undo", "--by", "bob")
    assert "“new”; undone by bob on" in said("--list")
    assert "nothing is acknowledged" in said("--undo", status="2")
    assert "--list stands alone" in said("--list", "--undo", status="2")
    assert "is no moment" in said("--at", "2020-01-01", status="2")
