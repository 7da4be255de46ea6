"""Axes: the same chart of metrics over time on matplotlib axes, for papers and notebooks that use those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from watchkeeper.charts.lines import Line, Windows
from watchkeeper.charts.theme import LIGHT, SERIES
from watchkeeper.errors import DependencyError

__all__ = ["draw"]


def draw(
    ax: Any,
    windows: Windows,
    lines: Sequence[Line],
    labels: Sequence[str],
    ylim: tuple[float, float] | None,
    title: str,
    beside: Line | None = None,
) -> Any:
    """Draw the lines and return the axes."""
    _require()
    at = windows.starts if windows.starts is not None else np.arange(1, windows.count + 1)
    if beside is not None:
        _line(ax, at, beside, "estimated", SERIES[1])
    for i, (line, label) in enumerate(zip(lines, labels, strict=True)):
        _line(ax, at, line, label, SERIES[i % len(SERIES)])
    _alarms(ax, at, lines)
    _furnish(ax, windows.starts is not None, [*lines, *([] if beside is None else [beside])], ylim, title)
    return ax


def _require() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise DependencyError(
            "drawing on matplotlib axes needs matplotlib: pip install 'watchkeeper[matplotlib]'"
        ) from error


def _line(ax: Any, at: Any, line: Line, label: str, colour: str) -> None:
    marker = "o" if len(at) <= 40 and not line.is_estimate else None
    style: Any = (0, (6, 2)) if line.is_estimate else "-"
    ax.fill_between(at, line.low, line.high, color=colour, alpha=0.17, linewidth=0)
    ax.plot(
        at, line.value, color=colour, linewidth=1.8, linestyle=style, marker=marker, markersize=4, label=label
    )
    for edge in (line.band_low, line.band_high):
        if np.isfinite(edge).any():
            ax.plot(
                at, edge, color=LIGHT["band"], linewidth=1.2, linestyle=(0, (4, 3)), drawstyle="steps-mid"
            )


def _alarms(ax: Any, at: Any, lines: Sequence[Line]) -> None:
    where = [(np.asarray(at)[line.alarms], line.value[line.alarms]) for line in lines if line.alarms.any()]
    if where:
        x, y = (np.concatenate(part) for part in zip(*where, strict=True))
        ax.scatter(
            x, y, marker="D", s=32, color=LIGHT["alarm"], edgecolor=LIGHT["paper"], zorder=3, label="alarm"
        )


def _furnish(
    ax: Any, times: bool, lines: Sequence[Line], ylim: tuple[float, float] | None, title: str
) -> None:
    from matplotlib.ticker import FuncFormatter

    if {line.unit for line in lines} == {"rate"}:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.6g} %"))
    if times:
        _short_dates(ax.xaxis)
    if ylim:
        ax.set_ylim(*ylim)
    ax.set_title(title, loc="left")
    ax.grid(axis="y", color=LIGHT["grid"])
    ax.spines[["top", "right", "left"]].set_visible(False)
    if len(lines) > 1:
        ax.legend(frameon=False)


def _short_dates(axis: Any) -> None:
    """Each date once in full, the others by what differs: written out, a year of them would overlap."""
    from matplotlib import dates

    made: Any = dates  # its classes have no types
    locator = made.AutoDateLocator()
    axis.set_major_locator(locator)
    axis.set_major_formatter(made.ConciseDateFormatter(locator))
