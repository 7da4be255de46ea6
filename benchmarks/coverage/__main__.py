"""Runs the grid, prints it, writes ``docs/coverage.md``, and exits 1 where a bar is missed."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.coverage import distances, means, proportions, ranking
from benchmarks.coverage.cell import Cell
from benchmarks.coverage.report import failures, markdown

REPETITIONS = {proportions: 20_000, means: 4_000, ranking: 4_000, distances: 4_000}


def main() -> int:
    table: list[Cell] = []
    for family, repetitions in REPETITIONS.items():
        for cell in family.cells(repetitions):
            table.append(cell)
            print(
                f"{cell.metric:26}{cell.situation:60}{cell.rows:7,}{cell.coverage:7.3f}{'' if cell.must else ' *'}"
            )
    Path("docs/coverage.md").write_text(markdown(table), encoding="utf-8")
    missed = failures(table)
    print(*missed, sep="\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
