"""Plans as text and back: a series of profiles is read again under the plan that it was made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from watchkeeper.errors import WatchkeeperError, WorkspaceError
from watchkeeper.model import Bins, Label, Model, Part, Where
from watchkeeper.profiles.grid import Grid, LogLinearGrid, ValueGrid
from watchkeeper.profiles.plan import CategoryColumn, Column, NumberColumn, Plan, Segmentation

__all__ = ["plan_from_json", "plan_to_json"]

FORMAT = 1
TEXTS = ("moments", "runs", "segment_runs", "notes")

Fields = dict[str, Any]


def plan_to_json(plan: Plan) -> str:
    """The plan as JSON in ASCII; floats by their shortest exact digits, infinite ones as ``Infinity``.

    >>> from watchkeeper.profiles import Plan
    >>> plan = Plan(Model(name="m"), classes=(0.0, "1"))
    >>> plan_from_json(plan_to_json(plan)) == plan
    True
    """
    written = {
        "format": FORMAT,
        "model": _model_fields(plan.model),
        "columns": [_column_fields(c) for c in plan.columns],
        "segmentations": [_segmentation_fields(s) for s in plan.segmentations],
        "classes": [_label(c) for c in plan.classes],
        "error": None if plan.error is None else _grid_fields(plan.error),
        "outcome_centre": float(plan.outcome_centre),
        "kpi_centres": [float(c) for c in plan.kpi_centres],
        "threshold": float(plan.threshold),
    }
    return json.dumps(written | {name: list(getattr(plan, name)) for name in TEXTS})


def plan_from_json(text: str) -> Plan:
    """The plan that ``plan_to_json`` wrote, equal to it in everything.

    Raises
    ------
    WorkspaceError
        where the text is no plan, or one of a format that this version does not know

    >>> plan_from_json('{"format": 99}')
    Traceback (most recent call last):
    ...
    watchkeeper.errors.WorkspaceError: a plan of format 99, and this version reads format 1; upgrade watchkeeper
    """
    read = _read(text)
    try:
        return _plan(read)
    except (KeyError, TypeError, ValueError, WatchkeeperError) as error:
        raise WorkspaceError(
            f"a stored plan cannot be read: {error!r}; restore the state from its backup"
        ) from error


def _read(text: str) -> Fields:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise WorkspaceError(
            f"a stored plan is not JSON ({error}); restore the state from its backup"
        ) from None
    if not isinstance(read, dict) or not isinstance(read.get("format"), int):
        raise WorkspaceError(f"not a plan, which begins with its format: {text[:60]!r}")
    if read["format"] != FORMAT:
        raise WorkspaceError(
            f"a plan of format {read['format']}, and this version reads format {FORMAT}; upgrade watchkeeper"
        )
    return read


def _plan(read: Fields) -> Plan:
    return Plan(
        model=_model(read["model"]),
        columns=tuple(_column(c) for c in read["columns"]),
        segmentations=tuple(_segmentation(s) for s in read["segmentations"]),
        classes=tuple(read["classes"]),
        error=None if read["error"] is None else _log_linear(read["error"]),
        outcome_centre=read["outcome_centre"],
        kpi_centres=tuple(read["kpi_centres"]),
        threshold=read["threshold"],
        **{name: tuple(read[name]) for name in TEXTS},
    )


def _label(label: Label) -> Label:
    return label if isinstance(label, str) else float(label)


def _model_fields(model: Model) -> Fields:
    """The model's keys; classes that have columns of their own as pairs, because JSON's keys are all text."""
    keys = model.to_dict()
    score = keys.get("score")
    return {**keys, "score": [[c, n] for c, n in score.items()]} if isinstance(score, Mapping) else keys


def _model(read: Fields) -> Model:
    score = read.get("score")
    return Model.from_dict({**read, "score": dict(score)} if isinstance(score, list) else read)


def _grid_fields(grid: Grid) -> Fields:
    if isinstance(grid, LogLinearGrid):
        fields: Fields = {"centre": float(grid.centre), "scale": float(grid.scale), "bits": int(grid.bits)}
        return {**fields, "atoms": [float(a) for a in grid.atoms]}
    if isinstance(grid, ValueGrid):
        return {"values": [float(v) for v in grid.values], "between": _grid_fields(grid.between)}
    raise TypeError(f"no format for {type(grid).__name__}")


def _grid(read: Fields) -> Grid:
    if "values" in read:
        return ValueGrid(tuple(read["values"]), _log_linear(read["between"]))
    return _log_linear(read)


def _log_linear(read: Fields) -> LogLinearGrid:
    return LogLinearGrid(read["centre"], read["scale"], read["bits"], tuple(read["atoms"]))


def _column_fields(column: Column) -> Fields:
    shared = {"name": column.name, "role": column.role, "importance": float(column.importance)}
    if isinstance(column, CategoryColumn):
        return {**shared, "values": list(column.values), "complete": bool(column.complete)}
    return {
        **shared,
        "grid": _grid_fields(column.grid),
        "centre": float(column.centre),
        "scale": float(column.scale),
        "cuts": [int(c) for c in column.cuts],
    }


def _column(read: Fields) -> Column:
    shared = {"name": read["name"], "role": read["role"], "importance": read["importance"]}
    if "grid" not in read:
        return CategoryColumn(**shared, values=tuple(read["values"]), complete=read["complete"])
    grid, cuts = _grid(read["grid"]), tuple(read["cuts"])
    return NumberColumn(**shared, grid=grid, centre=read["centre"], scale=read["scale"], cuts=cuts)


def _segmentation_fields(segmentation: Segmentation) -> Fields:
    parts = [p if isinstance(p, str) else asdict(p) for p in segmentation.parts]
    return {"by": segmentation.by, "parts": parts, "values": list(segmentation.values)}


def _segmentation(read: Fields) -> Segmentation:
    return Segmentation(read["by"], tuple(_part(p) for p in read["parts"]), tuple(read["values"]))


def _part(read: str | Fields) -> Part:
    if isinstance(read, str):
        return read
    return Bins(**read) if "edges" in read else Where(**read)
