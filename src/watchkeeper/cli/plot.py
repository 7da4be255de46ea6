"""``watchkeeper plot``: metrics over time as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchkeeper.cli.options import debug, reference
from watchkeeper.cli.progress import Progress

if TYPE_CHECKING:
    from watchkeeper.result import Result

__all__ = ["plot"]

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("names", metavar="METRIC...", nargs=-1, required=True)
@click.option(
    "--output", "-o", type=FILE, required=True, metavar="FILE", help="The picture: .png, .svg, .pdf or .html."
)
@click.option(
    "--metrics",
    "-m",
    "numbers",
    type=FILE,
    metavar="FILE",
    help="Numbers that a check has saved.  [default: metrics.parquet]",
)
@click.option("--current", "-d", metavar="CURRENT", help="Check this data instead of reading saved numbers.")
@reference
@click.option("--config", "-c", type=FILE, metavar="FILE", help="With --current: the model.")
@click.option("--segment-by", metavar="SEGMENT", help="One line for each value of this segment.")
@click.option("--ylim", type=float, nargs=2, metavar="LOW HIGH", help="The ends of the vertical axis.")
@click.option("--title", help="Text above the picture.")
@debug
def plot(
    names: tuple[str, ...],
    output: Path,
    numbers: Path | None,
    current: str | None,
    reference: str | None,
    config: Path | None,
    segment_by: str | None,
    ylim: tuple[float, float] | None,
    title: str | None,
) -> int:
    """Draw METRICs over time, with their intervals, bands and alarms.

    A METRIC is a name (accuracy), one of a column ("missing_rate(visib)") or of a segment
    ("recall[carrier=UA]").

    \b
    Examples:
      watchkeeper plot accuracy precision recall -o quality.png
      watchkeeper plot accuracy --segment-by carrier --metrics metrics.parquet -o carriers.svg
      watchkeeper plot accuracy --current log.csv --config models/log.yaml --ylim 0.8 1 -o accuracy.html
    """
    from watchkeeper.charts import save_chart
    from watchkeeper.cli.saved import read

    if numbers is not None and current is not None:
        raise click.UsageError(
            "--metrics and --current are two sources of the same numbers; give one of them"
        )
    if current is None and (reference is not None or config is not None):
        raise click.UsageError(
            "--reference and --config belong to --current; saved numbers are judged already"
        )
    with Progress() as progress:
        if current is None:
            result = read(numbers or Path("metrics.parquet"))
        else:
            result = _checked(current, reference, config, progress)
        progress.stage("drawing")
        save_chart(result.plot(*names, ylim=ylim, segment_by=segment_by, title=title), output)
    click.echo(f"wrote {output}")
    return 0


def _checked(current: str, reference: str | None, config: Path | None, progress: Progress) -> Result:
    from watchkeeper.checking import check
    from watchkeeper.cli.assumed import looked_at, model_for

    model, _ = model_for(looked_at(current, reference), config, {})
    return check(current, reference, model, progress=progress)
