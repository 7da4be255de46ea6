"""Planning: what a sample of the reference decides once and for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.errors import ColumnError
from watchkeeper.model import CROSS, Bins, Label, Model, Split, Where, label_of, positive_of
from watchkeeper.profiles.association import association
from watchkeeper.profiles.grid import BITS, DISTINCT, LogLinearGrid, ascending, centre_and_spread, grid_of
from watchkeeper.profiles.plan import COARSE, CategoryColumn, Column, NumberColumn, Plan, Role, Segmentation
from watchkeeper.profiles.segments import OTHER, part_labels
from watchkeeper.rows import RESERVED

__all__ = ["plan_of", "with_features"]

Floats = NDArray[np.float64]

SEGMENT_VALUES = 200
CLASSES = 200
MOMENT_COLUMNS = 64
BUDGET = 256 * 2**20  # bytes that the grids of all windows may take before they get coarser
TYPICAL_BINS = 500  # bins that a number occupies on the finest grid


def plan_of(model: Model, sample: pa.Table, windows: int = 1) -> Plan:
    """Decide how rows like these are profiled.

    Parameters
    ----------
    model : what is watched
    sample : prepared rows of the reference: numbers as float64, categories dictionary-encoded
    windows : how many windows are expected; with very many columns and windows the grids get coarser

    Raises
    ------
    ColumnError
        where a role's column cannot serve it, for example an outcome with three values in a binary task
    """
    batch = sample.combine_chunks().to_batches()[0] if sample.num_rows else _empty(sample)
    classes, notes = _classes(model, batch)
    roles = _roles(model, batch)
    numeric = sum(pa.types.is_floating(batch.column(name).type) for name in roles)
    bits = BITS - _too_much(windows * numeric * TYPICAL_BINS * 8)
    columns = [_column(name, role, batch, classes, model, bits) for name, role in roles.items()]
    weights = association(columns, batch, model, classes)
    columns = [_weighed(c, weights.get(c.name, 0.0)) for c in columns]
    segmentations = tuple(_segmentation(split, batch) for split in model.segmentations)
    cells = sum(len(s.values) for s in segmentations)
    watched = tuple(c.name for c in columns if _can_be_stuck(c))
    moments = sorted(
        (c for c in columns if isinstance(c, NumberColumn) and c.role == "feature"),
        key=lambda c: -c.importance,
    )
    error, centre = _error(model, batch, windows * cells)
    return Plan(
        model=model, columns=tuple(columns), segmentations=segmentations, classes=classes,
        moments=tuple(c.name for c in moments[:MOMENT_COLUMNS]) if len(moments) > 1 else (),
        error=error, outcome_centre=centre, kpi_centres=_kpi_centres(model, batch),
        threshold=0.5 if model.threshold is None else model.threshold,
        runs=watched, segment_runs=watched if windows * cells * len(watched) * 36 * 8 <= BUDGET else (),
        notes=notes,
    )  # fmt: skip


def with_features(plan: Plan, values: Mapping[str, pa.Array], windows: int = 1) -> Plan:
    """A plan that counts some more features, each on a grid or dictionary of its own.

    Nothing else of it changes: which correlations are watched stays as it was first decided.

    Parameters
    ----------
    values : feature → values that it has, float64 or string; of a feature that the plan has already, a new grid
    windows : how many are expected
    """
    numeric = len(plan.numbers) + len(values)
    bits = BITS - _too_much(windows * numeric * TYPICAL_BINS * 8)
    fresh = {name: _feature(name, array, bits) for name, array in values.items()}
    features = {c.name: c for c in plan.columns if c.role == "feature"} | fresh
    others = tuple(c for c in plan.columns if c.role != "feature")
    stuck = [n for n, c in fresh.items() if _can_be_stuck(c)]

    def watched(runs: tuple[str, ...]) -> tuple[str, ...]:
        return (*(n for n in runs if n not in fresh), *stuck)

    return replace(
        plan,
        columns=(*features.values(), *others),
        runs=watched(plan.runs),
        segment_runs=watched(plan.segment_runs) if plan.segment_runs == plan.runs else plan.segment_runs,
    )


def _feature(name: str, values: pa.Array, bits: int) -> Column:
    batch = pa.RecordBatch.from_arrays([values], [name])
    return _column(name, "feature", batch, (), Model(), bits)


def _empty(sample: pa.Table) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in sample.schema], schema=sample.schema)


def _too_much(size: int) -> int:
    """Bits by which to coarsen a grid so that so many bytes fit the budget, at most 3."""
    return next((spare for spare in range(3) if size >> spare <= BUDGET), 3)


def _roles(model: Model, batch: pa.RecordBatch) -> dict[str, Role]:
    """The profiled columns: features first, then what the model said and what happened."""
    names = batch.schema.names
    apart = set(model.roles)
    every = [n for n in names if n not in apart and not n.startswith(RESERVED)]
    roles: dict[str, Role] = {
        n: "feature" for n in (every if model.features is None else model.features) if n in names
    }
    scores = [model.score] if isinstance(model.score, str) else list(model.score_columns.values())
    for column in (n for n in scores if n in names):
        roles[column] = "score"
    if model.prediction is not None and model.prediction in names:
        roles[model.prediction] = "prediction"
    if model.outcome is not None and model.outcome in names:
        roles[model.outcome] = "outcome"
    return roles


def _column(
    name: str, role: Role, batch: pa.RecordBatch, classes: tuple[Label, ...], model: Model, bits: int
) -> Column:
    array = batch.column(name)
    if role in ("prediction", "outcome") and model.task in ("binary", "multiclass"):
        return CategoryColumn(name, tuple(Plan.name_of(c) for c in classes), True, role)
    if pa.types.is_floating(array.type):
        values = array.to_numpy(zero_copy_only=False)
        return _number(name, role, values[np.isfinite(values)], bits)
    counted = _by_frequency(array)
    return CategoryColumn(name, tuple(counted[:DISTINCT]), len(counted) <= DISTINCT, role)


def _number(name: str, role: Role, values: Floats, bits: int) -> NumberColumn:
    values = ascending(values)
    grid = grid_of(values, bits)
    centre, scale = centre_and_spread(values)
    index = grid.index(values) if values.size else np.zeros(1, dtype=np.int64)
    inner = index[(np.arange(1, COARSE - 2) * len(index)) // (COARSE - 2)]
    cuts = (int(index[0]), *(int(i) for i in inner), int(index[-1]) + 1)
    return NumberColumn(name, grid, centre, scale, cuts, role)


def _by_frequency(array: pa.Array) -> list[str]:
    """Distinct texts, the most frequent first, ties in alphabetical order."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    counts = np.bincount(array.indices.drop_null().to_numpy(), minlength=len(array.dictionary))
    pairs = zip(array.dictionary.to_pylist(), counts.tolist(), strict=True)
    return [word for word, n in sorted(pairs, key=lambda p: (-p[1], str(p[0]))) if n and word is not None]


def _can_be_stuck(column: Column) -> bool:
    """Whether a long run of one value would be strange: of a measured number, not of a count or a code."""
    return (
        isinstance(column, NumberColumn)
        and column.role == "feature"
        and isinstance(column.grid, LogLinearGrid)
    )


def _weighed(column: Column, importance: float) -> Column:
    if isinstance(column, NumberColumn):
        return NumberColumn(
            column.name, column.grid, column.centre, column.scale, column.cuts, column.role, importance
        )
    return CategoryColumn(column.name, column.values, column.complete, column.role, importance)


def _segmentation(split: Split, batch: pa.RecordBatch) -> Segmentation:
    parts = split.parts
    labels = [part_labels(part, batch) for part in parts]
    if len(parts) == 1 and isinstance(parts[0], Bins | Where):
        values = list(parts[0].labels)
        values += ["missing"] if isinstance(parts[0], Bins) else []
    elif len(parts) == 1:
        values = _by_frequency(labels[0])
    else:
        joined = pc.binary_join_element_wise(*[a.cast(pa.string()) for a in labels], CROSS)
        values = _by_frequency(joined)
    kept = [v for v in values if v != OTHER][: SEGMENT_VALUES - 1]
    return Segmentation(split.by, tuple(parts), (*kept, OTHER))


def _labels(batch: pa.RecordBatch, name: str | None) -> Counter[Label]:
    """How often each label occurs."""
    if name is None or name not in batch.schema.names:
        return Counter()
    counted = batch.column(name).drop_null().value_counts()
    found: Counter[Label] = Counter()
    for value, count in zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True):
        if value == value:
            found[label_of(value)] += count
    return found


def _classes(model: Model, batch: pa.RecordBatch) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    """The classes, for a binary task the positive one last, and what was assumed."""
    if model.task not in ("binary", "multiclass"):
        return (), ()
    outcomes, predictions = _labels(batch, model.outcome), _labels(batch, model.prediction)
    if model.task == "multiclass":
        named = set(model.score_columns)
        every = outcomes + predictions
        common = [label for label, _ in every.most_common(CLASSES)]
        notes = (
            ()
            if len(every) <= CLASSES
            else (f"{len(every):,} classes: the {CLASSES} most frequent are told apart.",)
        )
        return tuple(sorted({*common, *named}, key=lambda c: (isinstance(c, str), c))), notes
    return _binary_classes(model, outcomes, predictions)


def _binary_classes(
    model: Model, outcomes: Counter[Label], predictions: Counter[Label]
) -> tuple[tuple[Label, ...], tuple[str, ...]]:
    classes = {**dict.fromkeys(predictions, 0), **outcomes}
    if len(classes) > 2:
        listed = ", ".join(repr(Plan.name_of(c)) for c in list(classes)[:6])
        what = (
            f"outcome {model.outcome!r} and prediction {model.prediction!r}"
            if predictions
            else f"outcome {model.outcome!r}"
        )
        more = ", …" if len(classes) > 6 else ""
        raise ColumnError(
            f"task 'binary' needs two classes, but {what} hold {len(classes)} ({listed}{more}); "
            "set task: multiclass, or name as score the column that holds a probability"
        )
    positive, reason = positive_of(classes or {0.0: 0, 1.0: 0}, model)
    rest = [c for c in classes if c != positive]
    negative: Label = rest[0] if rest else (0.0 if positive == 1.0 else f"not {Plan.name_of(positive)}")
    notes = () if model.positive is not None else (f"Positive class: {Plan.name_of(positive)} ({reason}).",)
    return (negative, positive), notes


def _kpi_centres(model: Model, batch: pa.RecordBatch) -> tuple[float, ...]:
    columns = (batch.column(f"kpi:{name}").to_numpy(zero_copy_only=False) for name in model.kpis)
    return tuple(centre_and_spread(values[np.isfinite(values)])[0] for values in columns)


def _error(model: Model, batch: pa.RecordBatch, cells: int) -> tuple[LogLinearGrid | None, float]:
    """Regression: the grid of signed errors, and the outcome's centre."""
    if model.task != "regression" or model.outcome is None or model.outcome not in batch.schema.names:
        return None, 0.0
    y = batch.column(model.outcome).to_numpy(zero_copy_only=False)
    finite = np.isfinite(y)
    centre = centre_and_spread(y[finite])[0]
    with np.errstate(over="ignore", invalid="ignore"):
        spread = np.abs(y[finite] - centre)
        if model.prediction is not None and model.prediction in batch.schema.names:
            e = batch.column(model.prediction).to_numpy(zero_copy_only=False) - y
            spread = np.abs(e[np.isfinite(e)]) if np.isfinite(e).any() else spread
        spread = spread[np.isfinite(spread)]
        sizes = (2 * np.quantile(spread / 2, 0.5), spread.mean()) if spread.size else ()
    scale = next((float(s) for s in sizes if 0 < s < np.inf), 1.0)
    return LogLinearGrid(0.0, scale, BITS - _too_much(cells * TYPICAL_BINS * 8)), centre
