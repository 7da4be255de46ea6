"""``watchkeeper run``: bring a workspace up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchkeeper.cli.options import debug, workspace
from watchkeeper.cli.progress import Progress

if TYPE_CHECKING:
    from watchkeeper.running import Run, Step
    from watchkeeper.workspace import Workspace

__all__ = ["run"]

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@workspace
@click.option("--model", "models", multiple=True, metavar="NAME", help="Only this model; may be given again.")
@click.option("--plan", is_flag=True, help="Only say what would be computed again, and why.")
@click.option(
    "--report", type=FILE, metavar="FILE.html", help="Write the report of all windows (of one model)."
)
@click.option(
    "--output", "-o", type=FILE, metavar="FILE", help="Write every number of all windows, likewise."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@debug
def run(
    folder: Path, models: tuple[str, ...], plan: bool, report: Path | None, output: Path | None, as_json: bool
) -> int:
    """Bring everything up to date.

    What loggers wrote is brought into the journal; windows that something new fell into are computed again from their
    rows, and judged once they are closed and their truth has come. With nothing new it does nothing. Call it by cron,
    in CI, or as often as you like.

    \b
    Examples:
      watchkeeper run
      watchkeeper run --workspace monitoring --model churn --report churn.html
      watchkeeper run --plan

    Exit status: 0 nothing alarms, 1 something alarms, 2 it could not run.
    """
    from watchkeeper.running import preview
    from watchkeeper.running import run as bring_up_to_date
    from watchkeeper.workspace import Workspace

    with Workspace.open(folder) as opened:
        if plan:
            for line in preview(opened, models):
                click.echo(line)
            return 0
        with Progress() as progress:
            done = bring_up_to_date(opened, models, progress=progress)
        _show(done, as_json=as_json)
        files = {name: path for name, path in (("report", report), ("metrics", output)) if path is not None}
        if files:
            _save(opened, models, files)
    return int(done.verdict == "alarm")


def _show(done: Run, *, as_json: bool) -> None:
    if as_json:
        from watchkeeper.cli.summary import as_object

        results = [as_object(s.result, None, {}) for s in done.steps if s.result is not None]
        click.echo("[" + ",\n".join(results) + "]")
        return
    if done.moved.total:
        click.echo(f"{done.moved.total:,} records came in from the loggers.")
    for note in done.notes:
        click.echo(f"note: {note}")
    if done.idle:
        click.echo("Nothing new: nothing was computed, nothing judged.")
        return
    for step in done.steps:
        _step(step)


def _step(step: Step) -> None:
    from watchkeeper.cli.summary import show

    if step.idle:
        click.echo(f"{step.model}: nothing new.")
        return
    windows = f"{step.computed:,} window{'s' * (step.computed != 1)} computed, {step.judged:,} judged"
    click.echo(f"{step.model}: {windows}.")
    for sentence in step.changes:
        click.echo(f"  {sentence}")
    if step.waiting:
        click.echo(f"  {step.waiting:,} outcomes wait for their prediction.")
    if step.result is not None:
        show(step.result, {})


def _save(opened: Workspace, models: tuple[str, ...], files: dict[str, Path]) -> None:
    from watchkeeper.running import history

    if len(models) > 1:
        raise click.UsageError("--report and --output are of one model; name it by --model")
    result = history(opened, *models)
    for name, path in files.items():
        result.save(path)
        click.echo(f"{name}: {path}", err=True)
