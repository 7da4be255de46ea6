"""``watchkeeper init``: look at data and write down what it seems to be."""

from __future__ import annotations

from pathlib import Path

import click

from watchkeeper.cli.options import debug
from watchkeeper.cli.progress import Progress

__all__ = ["init"]


@click.command()
@click.argument("data")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it.  [default: models/<name>.yaml]",
)
@click.option("--name", help="Name of the model.  [default: the file's]")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@debug
def init(data: str, output: Path | None, name: str | None, force: bool) -> int:
    """Look at DATA and write a commented configuration.

    Each guess stands there with its reason.

    \b
    Examples:
      watchkeeper init training.parquet
      watchkeeper init "logs/*.csv" --name churn -o churn.yaml
    """
    from watchkeeper.cli.assumed import assumptions
    from watchkeeper.model import infer

    with Progress() as progress:
        progress.stage(f"looking at {data}")
        inference = infer(data, name)
    path = output or Path("models") / f"{inference.model.name}.yaml"
    if path.exists() and not force:
        raise click.UsageError(f"{path} is there already; --force replaces it, --output writes another")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(inference.to_yaml(path), encoding="utf-8")
    click.echo(f"wrote {path}: {assumptions(inference.model)}")
    click.echo(
        f"Read it, correct what is wrong, then: watchkeeper check CURRENT --reference {data} --config {path}"
    )
    return 0
