"""Summary: what a notebook shows of a result: the report's first screen, in HTML and SVG without a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from watchkeeper.reports.overview import overview
from watchkeeper.reports.performance import shown_lines
from watchkeeper.reports.report import render
from watchkeeper.reports.scene import Scene, figure
from watchkeeper.reports.sparkline import sparkline
from watchkeeper.verdicts.wording import title_of

if TYPE_CHECKING:
    from watchkeeper.result import Result

__all__ = ["summary_html"]

CARDS = 3


@dataclass(frozen=True)
class Figure:
    """One number of performance with its line."""

    title: str
    value: str
    interval: str
    spark: Markup
    label: str


def summary_html(result: Result) -> str:
    """Verdict, areas, main numbers and worst findings as one HTML fragment, for light and dark notebooks alike."""
    scene = Scene.of(result)
    shown = overview(scene)
    return render(
        "summary.html", overview=shown, model=result.model, cards=_figures(scene),
        rest=max(len(result.findings) - len(shown.first), 0),
    )  # fmt: skip


def _figures(scene: Scene) -> list[Figure]:
    figures = []
    for line in shown_lines(scene)[:CARDS]:
        value, interval = figure(scene.period.get(line.key), line.unit)
        spark = sparkline(line, 280, 56) if scene.windows.count > 1 else Markup("")
        label = f"{title_of(line.metric)} over {scene.windows.count:,} windows"
        figures.append(Figure(title_of(line.metric), value, interval, spark, label))
    return figures
