"""Privacy: columns that leave the process hashed, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.errors import ModelError
from watchkeeper.model.segment import Bins

if TYPE_CHECKING:
    from watchkeeper.model.model import Model

__all__ = ["check_privacy"]

HASHABLE = ("id", "subject")  # roles that only tell whether two values are the same


def check_privacy(model: Model) -> None:
    """Raise ModelError where a column is to be dropped or hashed that is needed as it is."""
    for column in model.drop:
        if column in model.hash:
            raise ModelError(
                f"drop: {column!r} is in hash too; what is dropped leaves no hash, keep one of them"
            )
        if needed := _needed(column, model):
            raise ModelError(f"drop: {column!r} is {needed}; {_instead(column, model)}")
    for column in model.hash:
        role = model.roles.get(column)
        if role is not None and role not in HASHABLE:
            raise ModelError(
                f"hash: {column!r} is the {role}, which is needed as it is; only id and subject are not"
            )
        if column in _binned(model):
            raise ModelError(
                f"hash: {column!r} is split into bins by segments; the hash of a number has none"
            )


def _needed(column: str, model: Model) -> str:
    """What the model needs a column for, or nothing."""
    if column in model.roles:
        return f"the {model.roles[column]}"
    if model.features is not None and column in model.features:
        return "among the features"
    parts = [part for split in model.segmentations for part in split.parts]
    return "a segment" if column in parts or column in _binned(model) else ""


def _instead(column: str, model: Model) -> str:
    hashable = model.roles.get(column, "id") in HASHABLE and column not in _binned(model)
    return f"write hash: [{column}]" if hashable else "take it out there first"


def _binned(model: Model) -> set[str]:
    return {part.column for split in model.segmentations for part in split.parts if isinstance(part, Bins)}
