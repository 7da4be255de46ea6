"""``watchkeeper demo``: a year of real flights, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchkeeper.cli.options import debug
from watchkeeper.cli.progress import Progress

if TYPE_CHECKING:
    from watchkeeper.demo import Demo

__all__ = ["demo"]


@click.command()
@click.option(
    "--output",
    "-o",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="Folder for report.html, metrics.parquet and demo/ with the data and the model.",
)
@click.option(
    "--daily", is_flag=True, help="Bring the workspace up to date on all 275 mornings: some twenty minutes."
)
@debug
def demo(folder: Path, daily: bool) -> int:
    """Watch a real model on every flight out of New York in 2013.

    Trains a classifier for "arrives 15 or more minutes late" on January to March. Then the rest of the year happens:
    each prediction is logged at its hour and each outcome after landing, and in the last week the workspace is
    brought up to date every morning, day by day, by carrier and by origin.
    Needs: pip install "watchkeeper[demo]".
    """
    from watchkeeper.cli.summary import show
    from watchkeeper.demo import run

    with Progress(lines=True) as progress:
        made = run(folder, progress.stage, progress, daily)
    click.echo(
        'Every flight out of New York in 2013. A classifier of "arrives 15 or more minutes late" has learned '
        "January to March;\nthese are April to December. It calls a flight late from a probability of "
        f"{made.threshold} on: then it calls as many late\nas were late in January to March.\n"
    )
    show(made.result, {name: made.files[name] for name in ("report", "metrics")})
    _go_on(made)
    return int(made.result.verdict == "alarm")


def _go_on(made: Demo) -> None:
    current, reference, model = (made.files[name] for name in ("current", "reference", "model"))
    click.echo(
        "\nGo on by yourself:\n"
        f"  watchkeeper status --workspace {model.parent.parent}\n"
        f'  watchkeeper check {current} --reference {reference} --config {model} --band "accuracy >= 0.75"\n'
        f"  watchkeeper plot accuracy recall --metrics {made.files['metrics']} -o flights.svg"
    )
