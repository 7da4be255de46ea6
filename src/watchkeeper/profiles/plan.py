"""The plan: everything about profiles that is decided once, from a sample of the reference, and then frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model import CROSS, Label, Model, Part, label_name, label_of
from watchkeeper.profiles.grid import Grid, LogLinearGrid

__all__ = ["CategoryColumn", "Column", "NumberColumn", "Plan", "Role", "Segmentation"]

Role = Literal["feature", "prediction", "score", "outcome"]
COARSE = 12  # bins of a number in a segment: below the reference, ten deciles, above it


@dataclass(frozen=True)
class NumberColumn:
    """A column counted on a grid."""

    name: str
    grid: Grid
    centre: float
    scale: float
    cuts: tuple[int, ...]  # the 11 grid bins at which coarse bins 1..11 start, ascending
    role: Role = "feature"
    importance: float = 0.0

    @cached_property
    def coarse(self) -> NDArray[np.int64]:
        """(grid.size,) coarse bin of each grid bin."""
        return np.searchsorted(np.array(self.cuts), np.arange(self.grid.size), side="right")


@dataclass(frozen=True)
class CategoryColumn:
    """A column counted by value."""

    name: str
    values: tuple[str, ...]  # by frequency in the reference, at most 256
    complete: bool  # False: the reference had more values than these
    role: Role = "feature"
    importance: float = 0.0


Column = NumberColumn | CategoryColumn


@dataclass(frozen=True)
class Segmentation:
    """One way to split the rows: its name in ``segment_by`` and the values that get cells of their own."""

    by: str  # "carrier", "origin × carrier"
    parts: tuple[Part, ...]  # of each crossed part: a column's name, Bins or Where
    values: tuple[str, ...]  # at most 200, one is "other"; values that came later follow it

    def part_of(self, value: str, column: str) -> str | None:
        """What a value says of one column; None where it says nothing, as "other" of a crossed segment does.

        >>> Segmentation("from × by", ("from", "by"), ("JFK × UA", "other")).part_of("JFK × UA", "by")
        'UA'
        """
        labels = value.split(CROSS) if len(self.parts) > 1 else [value]
        known = column in self.parts and len(labels) == len(self.parts)
        return labels[self.parts.index(column)] if known else None


@dataclass(frozen=True)
class Plan:
    """What the kernel needs to know; equal plans make profiles that can be added.

    ``classes`` are the labels of a classification by their canonical value, positive class last for binary;
    ``class_names`` how they are written. ``moments`` are the number columns whose pairwise sums are kept.
    """

    model: Model
    columns: tuple[Column, ...] = ()
    segmentations: tuple[Segmentation, ...] = ()
    classes: tuple[Label, ...] = ()
    moments: tuple[str, ...] = ()
    error: LogLinearGrid | None = None  # regression: the grid of signed errors
    outcome_centre: float = 0.0
    kpi_centres: tuple[float, ...] = ()  # in the order of model.kpis
    threshold: float = 0.5
    runs: tuple[str, ...] = ()  # number columns whose runs of one value are watched, over all rows
    segment_runs: tuple[str, ...] = ()  # and in each segment
    notes: tuple[str, ...] = field(default=(), compare=False)  # choices a person may want to correct

    @cached_property
    def numbers(self) -> dict[str, NumberColumn]:
        return {c.name: c for c in self.columns if isinstance(c, NumberColumn)}

    @cached_property
    def categories(self) -> dict[str, CategoryColumn]:
        return {c.name: c for c in self.columns if isinstance(c, CategoryColumn)}

    def kpi_centre(self, name: str) -> float:
        """About which the squares of a KPI are summed."""
        return self.kpi_centres[list(self.model.kpis).index(name)]

    @cached_property
    def kinds(self) -> dict[str, Literal["number", "category"]]:
        """What each profiled column is, for the preparation of later rows; classes that are numbers are numbers."""
        numeric = bool(self.classes) and not any(isinstance(c, str) for c in self.classes)
        classes = ("prediction", "outcome") if numeric else ()
        return {
            c.name: "number" if isinstance(c, NumberColumn) or c.role in classes else "category"
            for c in self.columns
        }

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        return tuple(self.name_of(c) for c in self.classes)

    @staticmethod
    def name_of(label: object) -> str:
        """How a class is written: 1, 1.0 and True are all "1"."""
        return label_name(label_of(label))
