"""Whatever a file holds: a verdict with what was set aside, or one clear message. Never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

ROWS = 600
START = datetime(2026, 3, 2)
Columns = dict[str, Any]


def columns(seed: int = 0) -> Columns:
    random = np.random.default_rng(seed)
    score = random.beta(2, 2, ROWS)
    return {
        "timestamp": [START + timedelta(minutes=15 * row) for row in range(ROWS)],
        "age": random.normal(40, 10, ROWS),
        "country": random.choice(["de", "fr"], ROWS),
        "score": score,
        "actual": (random.random(ROWS) < score).astype(int),
    }


def changed(**changes: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        table = {name: value for name, value in (columns() | changes).items() if value is not None}
        csv.write_csv(pa.table(table), path)

    return write


def raw(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def text(path: Path) -> str:
    changed()(path)
    return path.read_text(encoding="utf-8")


def ragged(path: Path) -> None:
    lines = text(path).splitlines()
    path.write_text("\n".join([*lines[:300], lines[300] + ",1,2,3", *lines[301:]]) + "\n")


def latin(path: Path) -> None:
    path.write_bytes(text(path).replace('"de"', '"Österreich"').encode("latin-1"))


def many(path: Path) -> None:
    random = np.random.default_rng(1)
    wide = {f"feature {i}": random.normal(size=ROWS) for i in range(300)}
    csv.write_csv(pa.table(columns() | wide), path)


def renamed(path: Path) -> None:
    values = columns()
    odd = {
        'a "quoted" name': values["age"],
        "'; drop table current; --": values["age"],
        "🙂 ü": values["country"],
    }
    csv.write_csv(pa.table(values | odd), path)


NAN, INF = float("nan"), float("inf")
AGES = columns()["age"]
UNREADABLE = {
    "empty": raw(b""),
    "header only": raw(b"timestamp,age,country,score,actual\n"),
    "binary junk": raw(bytes(range(256)) * 40),
    "not UTF-8": latin,
    "ragged": ragged,
    "a missing column": changed(score=None),
    "a timestamp that is none": changed(timestamp=["soon"] * ROWS),
    "all in the future": changed(timestamp=[datetime(2999, 1, 1)] * ROWS),
}
READABLE = {
    "another type": changed(age=["forty"] * ROWS),
    "a feature gone": changed(age=None),
    "all missing": changed(age=pa.nulls(ROWS)),
    "all equal": changed(age=np.full(ROWS, 7.0)),
    "NaN and infinities": changed(
        age=np.where(np.arange(ROWS) % 3 == 0, NAN, np.where(AGES > 40, INF, -INF))
    ),
    "huge": changed(age=np.where(AGES > 40, 1e308, -1e308)),
    "a single class": changed(actual=np.ones(ROWS, dtype=int)),
    "no outcome known": changed(actual=pa.nulls(ROWS)),
    "no outcome column": changed(actual=None),
    "scores outside of [0, 1]": changed(score=columns()["score"] * 3 - 1),
    "some times unreadable": changed(timestamp=["soon"] * 10 + [str(t) for t in columns()["timestamp"][10:]]),
    "mixed zones": changed(
        timestamp=[t.isoformat() + ("+02:00" if i % 2 else "Z") for i, t in enumerate(columns()["timestamp"])]
    ),
    "some in the future": changed(timestamp=columns()["timestamp"][:-5] + [datetime(2999, 1, 1)] * 5),
    "unsorted": changed(timestamp=columns()["timestamp"][::-1]),
    "with zone": changed(timestamp=[t.replace(tzinfo=UTC) for t in columns()["timestamp"]]),
    "many columns": many,
    "odd names": renamed,
    "a label unseen": changed(actual=np.where(np.arange(ROWS) == 5, 2, columns()["actual"])),
}
ROLES = ("--timestamp", "timestamp", "--score", "score", "--outcome", "actual", "--threshold", "0.5")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    parquet.write_table(pa.table(columns(1)), tmp_path / "reference.parquet")
    return tmp_path / "reference.parquet"


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_cannot_be_checked_is_one_message(run, reference, tmp_path: Path, name: str) -> None:
    UNREADABLE[name](tmp_path / "current.csv")
    done = run("check", "current.csv", "--reference", reference, *ROLES)
    assert done.status == 2, done.out
    assert done.err.startswith("watchkeeper: ")
    assert "defect" not in done.err
    assert any(word in done.err for word in ("current.csv", "current", "score", "timestamp"))
    assert done.out == ""


@pytest.mark.parametrize("name", sorted(READABLE))
def test_what_can_be_checked_is_checked(run, reference, tmp_path: Path, name: str) -> None:
    READABLE[name](tmp_path / "current.csv")
    done = run("check", "current.csv", "--reference", reference, *ROLES, "--report", "report.html")
    assert done.status in (0, 1), done.err
    assert done.err == ""
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("rows", [1, 2, 50])
def test_few_rows_are_enough_for_an_answer(run, tmp_path: Path, rows: int) -> None:
    table = pa.table(columns())
    csv.write_csv(table.slice(0, rows), tmp_path / "few.csv")
    csv.write_csv(table, tmp_path / "all.csv")
    for current, reference in (("few.csv", "all.csv"), ("all.csv", "few.csv"), ("few.csv", "few.csv")):
        done = run("check", current, "--reference", reference, *ROLES)
        assert done.status in (0, 1), done.err
        assert done.err == ""


def test_duplicate_rows_are_counted(run, tmp_path: Path) -> None:
    table = pa.table(columns() | {"id": np.arange(ROWS) // 2})
    csv.write_csv(table, tmp_path / "twice.csv")
    csv.write_csv(pa.table(columns(1) | {"id": np.arange(ROWS)}), tmp_path / "once.csv")
    (tmp_path / "model.yaml").write_text(
        "timestamp: timestamp\ntask: binary\nscore: score\nthreshold: 0.5\noutcome: actual\nid: id\n"
    )
    done = run("check", "twice.csv", "--reference", "once.csv", "--config", "model.yaml")
    assert done.status == 1, done.err
    assert "id" in done.out
