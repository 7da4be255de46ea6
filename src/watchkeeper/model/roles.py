"""What must hold between the keys of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from watchkeeper.errors import ModelError
from watchkeeper.model.band_key import METRIC_SYNONYMS
from watchkeeper.model.label import label_of
from watchkeeper.model.nearest import did_you_mean, meant
from watchkeeper.model.privacy import check_privacy
from watchkeeper.model.span import ReferenceRule
from watchkeeper.model.truth import Truth

if TYPE_CHECKING:
    from watchkeeper.model.model import Model

__all__ = ["check_names", "check_together"]

EXCLUSIVE = ("timestamp", "weight", "version", "prediction", "outcome")  # one column cannot be two of these


def check_together(model: Model) -> None:
    """Raise ModelError where keys that are right by themselves contradict each other."""
    _roles_differ(model)
    _features_are_inputs(model)
    _task_fits(model)
    _ = (
        model.parsed_window,
        model.parsed_kpis,
        model.parsed_trained,
        model.grace_us,
    )  # raise where they cannot be read
    _references_are_known(model)
    _segments_differ(model)
    _keys_name_segments(model)
    check_privacy(model)


def _roles_differ(model: Model) -> None:
    scores = list(model.score_columns.values()) if model.score_columns else [model.score]
    named = [(key, getattr(model, key)) for key in EXCLUSIVE] + [("score", s) for s in scores]
    taken: dict[str, str] = {}
    for key, column in named:
        if isinstance(column, str) and column in taken:
            raise ModelError(f"{key}: {column!r} is already the {taken[column]}; a column has one role")
        taken[str(column)] = key
    if isinstance(model.id, str) and taken.get(model.id) not in (None, "version"):
        raise ModelError(f"id: {model.id!r} is already the {taken[model.id]}; a column has one role")


def _features_are_inputs(model: Model) -> None:
    for feature in model.features or ():
        if model.roles.get(feature) in ("prediction", "score", "outcome"):
            raise ModelError(
                f"features: {feature!r} is the {model.roles[feature]}; it is no input of the model"
            )
    for feature in model.importance:
        if model.features is not None and feature not in model.features:
            hint = did_you_mean(feature, model.features)
            raise ModelError(f"importance: {feature!r} is not among the features{hint}")


def _task_fits(model: Model) -> None:
    task = model.task
    if task == "regression" and model.score is not None:
        raise ModelError(f"score: a regression has none; the value {model.score!r} is its prediction")
    if task == "multiclass" and isinstance(model.score, str):
        raise ModelError(
            "score: multiclass needs a column for each class, such as "
            f"{{'low': 'proba_low', 'high': 'proba_high'}}; got {model.score!r}"
        )
    if task == "binary" and model.score_columns:
        raise ModelError(
            "score: a binary model has one, the column of the positive class; "
            f"got columns for {len(model.score_columns)} classes"
        )
    if task == "regression" and isinstance(model.truth, Truth) and model.truth.absent is not None:
        absent = label_of(model.truth.absent)
        if isinstance(absent, str):
            raise ModelError(f"truth: absent: the outcome of a regression is a number, got {absent!r}")
    binary_only = {"threshold": model.threshold, "positive": model.positive, "costs": model.costs or None}
    for key, value in binary_only.items():
        if value is not None and (task in ("multiclass", "regression")):
            raise ModelError(f"{key}: only a binary model has one; the task is {task!r}")


def _references_are_known(model: Model) -> None:
    _ = model.parsed_reference
    versions = model.reference if isinstance(model.reference, Mapping) else {}
    for version, rule in versions.items():
        try:
            ReferenceRule.parse(str(rule))
        except ModelError as error:
            raise ModelError(f"reference: {version!r}: {str(error).removeprefix('reference: ')}") from None


def _segments_differ(model: Model) -> None:
    seen: set[str] = set()
    for split in model.segmentations:
        if split.by in seen:
            raise ModelError(f"segments: {split.by!r} is there twice; a Where has a name that can be changed")
        seen.add(split.by)
        for part in split.parts:
            if isinstance(part, str) and model.roles.get(part) in ("timestamp", "id", "weight"):
                raise ModelError(
                    f"segments: {part!r} is the {model.roles[part]}; nearly every row has its own value"
                )


def _keys_name_segments(model: Model) -> None:
    known = [split.by for split in model.segmentations]
    named = [("bands", key) for key in model.parsed_bands]
    for where, key in [*named, *(("least_effect", key) for key in model.parsed_least_effect)]:
        # errors and latency are known by the version that requests name, whatever the segments are
        if key.segment_by not in (None, "version", *known):
            hint = did_you_mean(str(key.segment_by), known) or f"; add segments: [{key.segment_by}]"
            raise ModelError(f"{where}: '{key}': {key.segment_by!r} is not among the segments{hint}")


def check_names(model: Model, known: list[str], told: bool) -> None:
    """Raise where a key names a metric that is not among these, as ``Model.check_metrics`` says."""
    taken = [name for name in model.kpis if name in known]
    if taken:
        raise ModelError(f"kpis: {taken[0]!r} is the name of a metric already; give the KPI another one")
    names = [*known, *model.kpis]
    named = [("bands", k.metric) for k in model.parsed_bands] + [("expected", m) for m in model.expected]
    named += [("budget", k.metric) for k in model.parsed_budget]
    named += [("least_effect", k.metric) for k in model.parsed_least_effect]
    unknown = "; docs/metrics.md lists them, and kpis adds your own"
    for key, metric in named:
        if metric not in names and (not told or meant(metric, names, METRIC_SYNONYMS)):
            hint = did_you_mean(metric, names, METRIC_SYNONYMS)
            raise ModelError(f"{key}: {metric!r} is not a metric{hint or unknown}")
