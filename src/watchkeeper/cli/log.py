"""``watchkeeper log`` and ``watchkeeper outcomes``: files into the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from watchkeeper.cli.options import corrections, debug, workspace
from watchkeeper.cli.progress import Progress

__all__ = ["log", "outcomes"]

files = click.argument("files", nargs=-1, required=True)
model = click.option(
    "--model", "name", metavar="NAME", help="Whose they are; default: the only model there is."
)


@click.command()
@files
@workspace
@model
@corrections
@debug
def log(files: tuple[str, ...], folder: Path, name: str | None, **options: Any) -> int:
    """Record predictions from FILES: CSV, Parquet, JSON lines, or text logs.

    Where FILES hold the outcomes as well, these are recorded with them. Text logs are read by the patterns of
    watchkeeper.yaml. A file that has grown is read on from where it ended; what is recorded already changes nothing.
    Without models/NAME.yaml the roles of the columns are guessed, and written there for you to correct.

    \b
    Examples:
      watchkeeper log predictions.csv --model churn
      watchkeeper log service.log --model churn --workspace monitoring
      watchkeeper log "2026-*.parquet" --model flight-delay --timestamp ts --score probability
    """
    from watchkeeper.cli.options import given
    from watchkeeper.cli.recorded import show_written
    from watchkeeper.recording import log_files

    keys = {key: value for key, value in options.items() if key != "name"}
    with Progress() as progress:
        written = log_files(files, folder, name, given(keys), progress=progress)
    show_written(written)
    return 0


@click.command()
@files
@workspace
@model
@debug
def outcomes(files: tuple[str, ...], folder: Path, name: str | None) -> int:
    """Record from FILES what really happened.

    Each row has the id of its prediction and what happened, in columns called as in models/NAME.yaml or `id` and
    `actual`; and where they are known, the prediction's `timestamp` and when the outcome became known, `known_at`.

    \b
    Examples:
      watchkeeper outcomes chargebacks.csv --model fraud
    """
    from watchkeeper.cli.recorded import show_written
    from watchkeeper.recording import outcome_files

    with Progress() as progress:
        written = outcome_files(files, folder, name, progress=progress)
    show_written(written)
    return 0
