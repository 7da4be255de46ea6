from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from watchkeeper.cli import main


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Run the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Done:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, out, err)

    return run


def log(days: int, *, right: float, seed: int = 0, first: datetime = datetime(2026, 3, 2)) -> pa.Table:
    """Two hundred predictions a day of which the share ``right`` is right."""
    random = np.random.default_rng(seed)
    rows = 200 * days
    actual = random.integers(0, 2, rows)
    called = np.where(random.random(rows) < right, actual, 1 - actual)
    return pa.table(
        {
            "timestamp": [first + timedelta(minutes=7.2 * row) for row in range(rows)],
            "age": random.normal(40, 10, rows),
            "country": random.choice(["de", "fr", "it"], rows),
            "score": np.where(called == 1, random.uniform(0.5, 1, rows), random.uniform(0, 0.5, rows)),
            "actual": actual,
        }
    )


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A CSV of 20 days, 90 % right."""
    csv.write_csv(log(20, right=0.9), tmp_path / "good.csv")
    return tmp_path / "good.csv"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A Parquet file of the next 10 days, 60 % right."""
    parquet.write_table(log(10, right=0.6, seed=1, first=datetime(2026, 3, 22)), tmp_path / "bad.parquet")
    return tmp_path / "bad.parquet"
