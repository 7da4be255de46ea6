"""The model of a check: from a configuration, from a guess, and from what the command line corrects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from watchkeeper.model import Model, ReferenceRule, infer

__all__ = ["assumptions", "model_for", "parted"]

ROLES = ("timestamp", "id", "version", "weight", "subject", "prediction", "score", "outcome")


def model_for(
    data: str | list[str], config: Path | None, given: Mapping[str, Any]
) -> tuple[Model, str | None]:
    """The model, and in one line what of it was guessed (None with a configuration).

    Parameters
    ----------
    data : files that the guess looks at
    given : keys of the model that the command line sets
    """
    if config is not None:
        return _corrected(Model.load(config), given), None
    model = _corrected(infer(data, given.get("name")).model, given)
    return model, f"assumed: {assumptions(model)}. `watchkeeper init` writes it down, with the reasons."


def parted(reference: str | None) -> tuple[str | None, str | None]:
    """``--reference`` as (a file, a rule): one of them is None.

    >>> parted("training.parquet"), parted("first 4w")
    (('training.parquet', None), (None, 'first 4w'))
    """
    if reference is None or ReferenceRule.parse(reference).kind == "path":
        return reference, None
    return None, reference


def assumptions(model: Model) -> str:
    """A model in half a sentence.

    >>> assumptions(Model(task="binary", score="p", threshold=0.5, outcome="late", timestamp="ts"))
    'binary, score p from 0.5 on, outcome late, timestamp ts (UTC), window 1d'
    """
    return ", ".join(_said(model))


def _said(model: Model) -> Iterator[str]:
    yield model.task or "no task (data quality and drift alone)"
    if model.prediction is not None:
        yield f"prediction {model.prediction}"
    if isinstance(model.score, str):
        yield f"score {model.score}" + ("" if model.threshold is None else f" from {model.threshold:g} on")
    elif model.score:
        yield f"scores {', '.join(model.score.values())}"
    if model.outcome is not None:
        yield f"outcome {model.outcome}" + (
            "" if model.positive is None else f" (looking for {model.positive})"
        )
    if model.timestamp is None:
        yield "no timestamp"
    else:
        yield f"timestamp {model.timestamp} ({model.timezone}), window {model.window or 'none'}"


def _corrected(model: Model, given: Mapping[str, Any]) -> Model:
    if not given:
        return model
    keys: dict[str, Any] = model.to_dict()
    taken = {given[role] for role in ROLES if role in given}
    for role in ROLES:  # a column has one role: what the command line says goes before what was guessed
        if keys.get(role) in taken:
            del keys[role]
    if isinstance(keys.get("features"), list | tuple):
        keys["features"] = [name for name in keys["features"] if name not in taken]
    if "bands" in given:
        given = {**given, "bands": {**dict(keys.get("bands", {})), **given["bands"]}}
    return Model.from_dict({**keys, **given})
