"""``watchkeeper check``: from files to a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from watchkeeper.cli.options import corrections, data, debug, reference
from watchkeeper.cli.progress import Progress

__all__ = ["check"]

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@data
@reference
@click.option("--config", "-c", type=FILE, metavar="FILE", help="The model as `watchkeeper init` writes it.")
@click.option(
    "--output", "-o", type=FILE, metavar="FILE", help="Write every number: .parquet, .csv or .json."
)
@click.option(
    "--report", type=FILE, metavar="FILE.html", help="Write the report, one file without a network."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@corrections
@debug
def check(
    current: tuple[str, ...],
    reference: str | None,
    config: Path | None,
    output: Path | None,
    report: Path | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Check CURRENT against REF and against bands.

    CURRENT and REF are CSV, Parquet or JSON lines files, or globs of them. Without a configuration the
    roles of the columns are guessed, and what was assumed is printed.

    \b
    Examples:
      watchkeeper check today.parquet --reference training.parquet
      watchkeeper check "logs/2026-*.csv" --config models/churn.yaml --report report.html
      watchkeeper check log.csv --score prediction --outcome actual --threshold 0.5 --band "accuracy >= 0.88"
      watchkeeper check log.csv --reference "first 4w" --segment country --json

    Exit status: 0 nothing alarms, 1 something alarms, 2 it could not run.
    """
    from watchkeeper.checking import check as judge
    from watchkeeper.cli.assumed import looked_at, model_for
    from watchkeeper.cli.options import given
    from watchkeeper.cli.summary import as_object, show
    from watchkeeper.metrics import METRICS

    paths = current[0] if len(current) == 1 else list(current)
    with Progress() as progress:
        keys = given(options)
        model, assumed = model_for(looked_at(paths, reference), config, keys)
        if "bands" in keys:  # a band that is given to this command is meant to judge here
            model.check_metrics(METRICS)
        result = judge(paths, reference, model, progress=progress)
        files = {name: path for name, path in (("metrics", output), ("report", report)) if path is not None}
        for name, path in files.items():
            progress.stage(f"writing the {name}")
            result.save(path)
    if as_json:
        click.echo(as_object(result, assumed, files))
    else:
        show(result, files, assumed)
    return int(result.verdict == "alarm")
