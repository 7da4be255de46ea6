"""The demo from the data to the report."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from watchkeeper.demo.classifier import out_of_fold, threshold, trained_on
from watchkeeper.demo.flights import FEATURES, SEASON, flights
from watchkeeper.demo.packages import require
from watchkeeper.model import Model
from watchkeeper.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from watchkeeper.result import Result
    from watchkeeper.running import Run

__all__ = ["Demo", "flight_delay", "prepare", "run"]

Say = Callable[[str], None]
NEW_YEAR = 1_388_620_800_000_000  # 2 January 2014 UTC: every flight of the year is down


@dataclass(frozen=True)
class Demo:
    """What the demo made: the result, the files by what they are, the threshold that was chosen, the last run."""

    result: Result
    files: Mapping[str, Path]
    threshold: float
    last: Run


def run(
    folder: Path,
    say: Say = lambda stage: None,
    progress: Callable[..., None] | None = None,
    daily: bool = False,
) -> Demo:
    """Train on January to March; log April to December as it happened, and run; write everything into ``folder``.

    Parameters
    ----------
    folder : gets ``report.html``, ``metrics.parquet`` and ``demo/``, a workspace, with the data beside it
    say : called with the name of each stage as it begins
    progress : handed on to ``watchkeeper.checking``
    daily : whether the workspace is brought up to date on every morning of the year, or on those of its last week
    """
    from watchkeeper.demo.replay import replay
    from watchkeeper.running import history

    require()
    reference, current, chosen = prepare(say)
    model = flight_delay(chosen)
    files = _write_data(folder / "demo", reference, current, model)
    show = progress or (lambda stage, done, total: None)
    say("logging April to December, as it happened")
    last = replay(folder / "demo", model, current, show, daily)
    say("measuring April to December")
    result = history(folder / "demo", model.name, progress=show, now=NEW_YEAR)
    say("writing the report")
    files |= {"report": folder / "report.html", "metrics": folder / "metrics.parquet"}
    result.save(files["metrics"])
    result.save(files["report"])
    return Demo(result, files, chosen, last)


def prepare(say: Say = lambda stage: None) -> tuple[pa.Table, pa.Table, float]:
    """The scored flights of January to March, those of April to December, and the threshold."""
    import pyarrow.compute as pc

    say("joining flights, weather and planes")
    table = flights()
    before = pc.field("day") < date.fromisoformat(SEASON)
    reference, current = table.filter(before), table.filter(~before)
    say("training on January to March")
    honest = out_of_fold(reference)
    chosen = threshold(honest, reference)
    say("scoring April to December")
    return _scored(reference, honest), _scored(current, trained_on(reference, current)), chosen


def flight_delay(chosen: float) -> Model:
    """What is watched.

    >>> flight_delay(0.3).segments
    ('carrier', 'origin')
    """
    return Model(
        name="flight-delay",
        task="binary",
        timestamp="time_hour",
        timezone="America/New_York",
        id="flight_id",
        score="probability",
        threshold=chosen,
        outcome="late",
        positive=1,
        features=list(FEATURES),
        segments=["carrier", "origin"],
        window="1d",
        reference="reference.parquet",
    )


def _scored(table: pa.Table, probability: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pa.Table:
    import pyarrow as pa

    return table.drop_columns(["day"]).append_column("probability", pa.array(probability))


def _write_data(folder: Path, reference: pa.Table, current: pa.Table, model: Model) -> dict[str, Path]:
    from pyarrow import parquet

    for made in ("journal", "models", "state.db", "wal"):  # of a demo before this one
        shutil.rmtree(folder / made, ignore_errors=True)
        (folder / made).unlink(missing_ok=True)
    with Workspace.open(folder, create=True) as workspace:
        workspace.save_model(model)
    files = {name: folder / f"{name}.parquet" for name in ("reference", "current")}
    parquet.write_table(reference, files["reference"])
    parquet.write_table(current, files["current"])
    return files | {"model": folder / "models" / f"{model.name}.yaml"}
