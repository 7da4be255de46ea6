"""Several processes: the same answers in the same order, clear errors, and none of them left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import watchkeeper as wk
from watchkeeper.errors import ColumnError, SourceError
from watchkeeper.rows import Chunk
from watchkeeper.sources import crew, local
from watchkeeper.sources.crew import SETTING, Crew, lanes
from watchkeeper.sources.opening import open_rows

HERE = os.getpid()
MODEL = wk.Model(
    name="m", task="binary", timestamp="ts", id="id", score="score", outcome="label", positive=1, segments=["city"],
    kpis={"revenue": "sum(price)"},
)  # fmt: skip
SCRIPT = """
import sys, watchkeeper as wk
from watchkeeper.sources import local
print("once", flush=True)
local.LARGE = 0
path, times = sys.argv[1], int(sys.argv[2])
for _ in range(times):
    print(wk.check(path, path, wk.Model(name="m", timestamp="ts")).metrics.num_rows, flush=True)
"""


def square(x: int) -> tuple[int, int]:
    time.sleep(0.01)
    return x * x, os.getpid()


def broken(x: int) -> int:
    raise ColumnError(f"column {x} is broken")


def unpicklable(x: int) -> int:
    class LocalError(Exception):
        pass

    raise LocalError(f"no {x}")


def crash(x: int) -> int:
    if os.getpid() != x:
        os._exit(7)
    time.sleep(0.05)
    return x


def rows_of(chunk: Chunk) -> int:
    return chunk.batch.num_rows


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "3")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    rng, n = np.random.default_rng(3), 400_000
    score = rng.beta(2, 3, n)
    table = pa.table({
        "ts": np.datetime64("2026-03-01", "us") + np.sort(rng.integers(0, 20 * 86_400, n)).astype("timedelta64[s]"),
        "id": [f"r{i}" for i in rng.integers(0, n, n)],
        "price": pa.array(rng.lognormal(3, 1, n).round(3), mask=rng.random(n) < 0.02),
        "city": rng.choice(["Ulm", "Bonn", "Köln"], n),
        "score": score,
        "label": (rng.random(n) < score).astype(np.int64),
    })  # fmt: skip
    file = tmp_path_factory.mktemp("crew") / "rows.parquet"
    parquet.write_table(table, file, row_group_size=50_000)
    return str(file)


def children() -> list[str]:
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(HERE)], capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if "watchkeeper.sources.worker" in line]


def test_in_order_and_by_several(three: None) -> None:
    with crew() as together:
        found = list(together.map(square, range(60)))
    assert [value for value, _ in found] == [i * i for i in range(60)]
    assert len({process for _, process in found} - {HERE}) == 3
    assert not children()


def test_one_crew_for_a_whole_check(three: None) -> None:
    with crew() as outer, crew() as inner:
        assert inner is outer


@pytest.mark.parametrize("said", ["0", "two", "-1"])
def test_a_setting_that_is_no_number(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(SETTING, said)
    with pytest.raises(SourceError, match=f"{SETTING}='{said}': a whole number from 1 on"):
        lanes()


@pytest.mark.parametrize(
    ("function", "error", "match"),
    [(broken, ColumnError, "^column 0 is broken"), (unpicklable, Exception, "no 0")],
)
def test_errors_are_raised_here(three: None, function: object, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match), crew() as together:
        list(together.map(function, range(9)))  # type: ignore[arg-type]
    assert not children()


def test_a_crash_is_one_clear_error(three: None) -> None:
    with (
        pytest.raises(SourceError, match=rf"processes ended \(exit status 7\).*{SETTING}=1"),
        crew() as together,
    ):
        list(together.map(crash, [HERE] * 20))
    assert not children()


@pytest.mark.parametrize("name", ["python-that-fails", "python-not-there", "uwsgi"])
def test_where_no_other_python_starts(
    three: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    program = tmp_path / name
    if "not" not in name:
        program.write_text("#!/bin/sh\nexit 3\n")
        program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with crew() as together:
        assert {process for _, process in together.map(square, range(9))} == {HERE}


def test_the_same_check(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(local, "LARGE", 0)
    found = []
    for processes in ("1", "2", "3"):
        monkeypatch.setenv(SETTING, processes)
        found.append(wk.check(path, "first 1w", MODEL).metrics)
    assert found[0].num_rows > 1_000
    assert all(table.equals(found[0]) for table in found[1:])  # to the last bit


def test_the_same_as_without_parts(monkeypatch: pytest.MonkeyPatch, path: str, three: None) -> None:
    whole = wk.check(path, "first 1w", MODEL).metrics.to_pandas()
    monkeypatch.setattr(local, "LARGE", 0)
    parts = wk.check(path, "first 1w", MODEL).metrics.to_pandas()
    assert parts["count"].equals(whole["count"])
    np.testing.assert_allclose(parts["value"], whole["value"], rtol=1e-9)


def test_positions(monkeypatch: pytest.MonkeyPatch, path: str, three: None) -> None:
    """Windows of rows begin where they should, in any part, and in the rest of a source."""
    monkeypatch.setattr(local, "LARGE", 0)
    model = wk.Model(name="m", timestamp="ts", window="30000 rows")
    found = wk.check(path, "first 90000 rows", model).metrics.to_pandas()
    counts = found[found["metric"] == "row_count"].sort_values("window_start")["value"]
    assert counts.tolist() == [30_000] * 10 + [10_000]


def test_progress(monkeypatch: pytest.MonkeyPatch, path: str, three: None) -> None:
    monkeypatch.setattr(local, "LARGE", 0)
    rows = open_rows(path, MODEL)
    done: list[int] = []
    rows.on_rows = done.append
    assert rows.fold(rows_of) == done[-1] == 400_000
    assert done == sorted(done)
    assert len(done) > 2


def test_scripts_need_no_guard(path: str) -> None:
    """Neither a file nor ``if __name__ == "__main__"``: nothing of the user's is imported again."""
    run = subprocess.run(
        [sys.executable, "-", path, "1"], input=SCRIPT, capture_output=True, text=True,
        env=os.environ | {SETTING: "3"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[0] == "once"
    assert len(run.stdout.split()) == 2
    assert run.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_the_end_of_this_process_is_theirs(path: str, ending: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, path, "1000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {SETTING: "3"}, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "once\n"
    process.stdout.readline()  # the first check: workers are there
    os.killpg(process.pid, ending)
    _, errors = process.communicate(timeout=30)
    assert ("KeyboardInterrupt" in errors) == (ending == signal.SIGINT)
    assert errors.count("Traceback") == (ending == signal.SIGINT)
    deadline = time.monotonic() + 10
    while still_there(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not still_there(process.pid)


def still_there(session: int) -> bool:
    listed = subprocess.run(["ps", "-o", "args=", "-s", str(session)], capture_output=True, text=True)
    return "watchkeeper" in listed.stdout


def test_a_crew_that_nobody_called_has_no_processes() -> None:
    made = Crew()
    made.close()
    assert not children()
