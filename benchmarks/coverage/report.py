"""The grid as a page, and the bars that it missed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmarks.coverage.cell import LEAST, MEAN, Cell

__all__ = ["failures", "markdown"]

INTRODUCTION = """# Coverage of the intervals

How often a nominal 95 % interval holds the true value, simulated from known distributions with fixed seeds by
`python -m benchmarks.coverage`. The bar is at least 93 % in each cell and 94 to 98 % on average over a metric's cells.
It is not for cells marked ⚠: those are shown so that nobody trusts an interval further than it goes.

"""


def failures(table: Iterable[Cell]) -> list[str]:
    """A sentence for each cell below the least coverage and each metric whose mean is off."""
    cells = [cell for cell in table if cell.must]
    told = [
        f"{cell.metric}, {cell.situation}, {cell.rows:,} rows: covers {cell.coverage:.3f}, at least {LEAST} needed"
        for cell in cells
        if cell.coverage < LEAST
    ]
    for metric in dict.fromkeys(cell.metric for cell in cells):
        mean = float(np.mean([cell.coverage for cell in cells if cell.metric == metric]))
        if not MEAN[0] <= mean <= MEAN[1]:
            told.append(f"{metric}: covers {mean:.3f} on average, {MEAN[0]} to {MEAN[1]} needed")
    return told


def markdown(table: list[Cell]) -> str:
    """The page: a summary by metric, then a table of situations × rows for each."""
    metrics = list(dict.fromkeys(cell.metric for cell in table))
    parts = [INTRODUCTION, *_summary(table, metrics)]
    for metric in metrics:
        parts.extend(_detail(metric, [cell for cell in table if cell.metric == metric]))
    return "\n".join(parts) + "\n"


def _summary(table: list[Cell], metrics: list[str]) -> list[str]:
    lines = ["| metric | cells that must hold | least | mean | greatest | outside 0.93 to 0.98 | ⚠ cells, least |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for metric in metrics:
        must = np.array([c.coverage for c in table if c.metric == metric and c.must])
        shown = np.array([c.coverage for c in table if c.metric == metric and not c.must])
        warned = f"{shown.size}, {shown.min():.3f}" if shown.size else "0"
        held = "0 | | | | " if not must.size else (
            f"{must.size} | {must.min():.3f} | {must.mean():.3f} | {must.max():.3f} |"
            f" {((must < LEAST) | (must > MEAN[1])).sum()}")  # fmt: skip
        lines.append(f"| {metric} | {held} | {warned} |")
    return lines


def _detail(metric: str, cells: list[Cell]) -> list[str]:
    rows = sorted({cell.rows for cell in cells})
    found = {(cell.situation, cell.rows): cell for cell in cells}
    lines = ["", f"## {metric}", "", "| situation | " + " | ".join(f"{n:,} rows" for n in rows) + " |"]
    lines.append("|---" * (len(rows) + 1) + "|")
    for situation in dict.fromkeys(cell.situation for cell in cells):
        values = [_value(found.get((situation, n))) for n in rows]
        lines.append(f"| {situation} | " + " | ".join(values) + " |")
    return lines


def _value(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return f"{cell.coverage:.3f}" + ("" if cell.must else " ⚠")
