"""The model of a check: from a configuration, from a guess, and from what the command line corrects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from watchkeeper.model import Model, ReferenceRule, infer
from watchkeeper.model.nearest import nearest

__all__ = ["assumptions", "looked_at", "model_for"]

GUESSED = ("timestamp", "prediction", "score", "outcome")
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
    guess = _guessed(data, given)
    if guess.score is not None and guess.score == given.get("prediction"):
        given = {key: value for key, value in given.items() if key != "prediction"}
    model = _corrected(guess, given)
    return model, f"assumed: {assumptions(model)}. `watchkeeper init` writes it down, with the reasons."


def looked_at(current: str | list[str], reference: str | None) -> str | list[str]:
    """What a guess looks at: the reference, unless that is a part of the current data.

    >>> looked_at("today.parquet", "training.parquet"), looked_at("log.csv", "first 4w")
    ('training.parquet', 'log.csv')
    """
    if reference is None or ReferenceRule.parse(reference).kind != "path":
        return current
    return reference


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


def _guessed(data: str | list[str], given: Mapping[str, Any]) -> Model:
    """A guess that knows the roles that the command line gives: from the task to the window, all hang on them."""
    roles = {role: given[role] for role in GUESSED if role in given}
    outcome = roles.get("outcome")
    if outcome is not None:
        from watchkeeper.sources import head

        names = head(data, 1).column_names
        if outcome not in names and nearest(outcome, names) is None:
            del roles["outcome"]  # a reference of inputs alone: the current data may have it
    return infer(data, given.get("name"), roles).model


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
