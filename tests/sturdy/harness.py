"""Cases, and what becomes of one on the command line and in Python."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import watchkeeper as wk
from tests.sturdy.data import BINARY, REGRESSION, log
from watchkeeper.cli import main

__all__ = ["Case", "Told", "by_command", "by_frames"]

Change = Callable[[pd.DataFrame], pd.DataFrame]
NEVER = ("Traceback", "defect", "Warning", "nan", "None of None", "object at 0x", "b'")


def unchanged(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


@dataclass(frozen=True)
class Case:
    """Rows that something is wrong with.

    Attributes
    ----------
    says : words that the message, or what is printed, must hold
    current, reference : what is wrong, as a change of good rows
    status : 2 where it must be refused; 0 or 1 where it must be counted and shown, None where both are right
    keys : of the model, None to leave one out
    only : the ways in that it concerns: "csv", "parquet", "frame"
    """

    id: str
    says: tuple[str, ...] = ()
    current: Change = unchanged
    reference: Change | None = unchanged
    status: int | None = None
    keys: Mapping[str, Any] = field(default_factory=dict)
    task: str = "binary"
    only: tuple[str, ...] = ("csv", "parquet", "frame")

    def model(self) -> wk.Model:
        keys = {**(REGRESSION if self.task == "regression" else BINARY), **self.keys}
        return wk.Model(**{key: value for key, value in keys.items() if value is not None})

    def rows(self) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        current = self.current(log(self.task))
        before = log(self.task, days=4, first="2026-03-01", seed=2)
        return current, None if self.reference is None else self.reference(before)


@dataclass(frozen=True)
class Told:
    """What a person gets: an exit status and text."""

    status: int
    out: str
    err: str

    def check(self, says: tuple[str, ...], status: int | None) -> None:
        text = self.out + self.err
        assert not [word for word in NEVER if word in text], text
        assert self.status in ((0, 1) if status is None else (status,)), text
        assert not [word for word in says if word not in text], text
        if self.status == 2:
            assert self.out == ""
            assert len(self.err) < 600, self.err


def by_command(folder: Path, *arguments: object) -> Told:
    """The command line, run in ``folder``; it has to write its report where it has a verdict."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
    assert isinstance(left.value.code, int)
    return Told(left.value.code, out.getvalue(), err.getvalue())


def by_files(case: Case, ending: str, folder: Path) -> Told:
    """``check --config`` with files that pandas writes; Parquet with a report and every number."""
    case.model().save(folder / "model.yaml")
    arguments: list[object] = ["check", f"current.{ending}", "--config", "model.yaml"]
    for name, frame in zip(("current", "reference"), case.rows(), strict=True):
        if frame is not None:
            written = frame.to_csv if ending == "csv" else frame.to_parquet
            written(folder / f"{name}.{ending}", index=False)
            arguments += ["--reference", f"{name}.{ending}"] if name == "reference" else []
    if ending != "parquet":
        return by_command(folder, *arguments)
    told = by_command(folder, *arguments, "--report", "report.html", "--output", "metrics.json")
    if told.status != 2:
        assert "</html>" in (folder / "report.html").read_text(encoding="utf-8")
        assert json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return told


def by_frames(case: Case) -> Told:
    """``check`` in Python."""
    current, reference = case.rows()
    try:
        result = wk.check(current, reference, case.model())
    except wk.WatchkeeperError as error:
        return Told(2, "", str(error))
    return Told(int(result.verdict == "alarm"), result.report_text(1_000), "")
