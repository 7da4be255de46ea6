"""Kinds of records, and which of them the fields of a pattern make: the journal's contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.errors import ModelError

__all__ = ["KINDS", "Kind", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    Attributes
    ----------
    needs : the fields that make it, any one of these sets
    types : the type that each of its fields is read as
    open : whether every other field is a feature
    """

    name: str
    needs: tuple[frozenset[str], ...]
    types: Mapping[str, str]
    open: bool = False

    def type_of(self, field: str) -> str:
        return self.types.get(field, "value")


TIMED = {"timestamp": "time"}
KINDS = (  # in this order: fields that make two kinds make the first
    Kind(
        "prediction",
        (frozenset({"prediction"}), frozenset({"score"})),
        {
            **TIMED, "id": "word", "version": "word", "prediction": "value", "score": "scores", "actual": "value",
            "seconds": "number", "weight": "number", "subject": "text", "known_at": "time",
        },
        open=True,
    ),
    Kind(
        "outcome",
        (frozenset({"actual", "id"}),),
        {**TIMED, "id": "word", "actual": "value", "known_at": "time"},
    ),
    Kind(
        "metric",
        (frozenset({"name", "value"}),),
        {**TIMED, "name": "text", "value": "number", "low": "number", "high": "number", "count": "number"},
    ),
    Kind(
        "job",
        (frozenset({"stage", "seconds"}), frozenset({"stage", "error"})),
        {
            **TIMED, "stage": "text", "seconds": "number", "memory": "number", "cpu": "number", "rows": "number",
            "status": "text", "error": "sentence",
        },
    ),
    Kind(
        "error",
        (frozenset({"error"}),),
        {**TIMED, "version": "word", "error": "sentence", "seconds": "number"},
    ),
    Kind("release", (frozenset({"version"}),), {**TIMED, "version": "word", "trained_at": "time"}),
)  # fmt: skip
MAKES = (
    "{prediction} or {score} make a prediction, {actual} with {id} an outcome, {name} with {value} a metric, "
    "{stage} with {seconds} a job, {error} an error, {version} a release"
)


def kind_of(fields: Sequence[str]) -> Kind:
    """The kind of record that these fields make.

    >>> kind_of(["timestamp", "prediction", "actual"]).name, kind_of(["id", "actual"]).name
    ('prediction', 'outcome')

    Raises
    ------
    ModelError
        for fields that make none, and for one that has no place in what the others make
    """
    given = set(fields)
    kind = next((kind for kind in KINDS if any(need <= given for need in kind.needs)), None)
    if kind is None:
        raise ModelError(_nothing(fields))
    for field in fields:
        if field not in kind.types and not kind.open:
            known = ", ".join(kind.types)
            raise ModelError(
                f"{{{field}}} has no place in {_a(kind.name)}, which has {known}{_meant(field, kind.types)}; "
                "write {_} for text that is to be ignored"
            )
    return kind


def _nothing(fields: Sequence[str]) -> str:
    if not fields:
        return f"it has no field, so that nothing comes of it; {MAKES}"
    if "actual" in fields:
        return "{actual} alone belongs to no prediction; add {id}, or {prediction} where the line has it"
    words = {word for kind in KINDS for word in kind.types}
    meant = next((hint for field in fields if field not in words and (hint := _meant(field, words))), "")
    return f"nothing comes of {', '.join(f'{{{field}}}' for field in fields)}{meant}; {MAKES}"


def _meant(field: str, known: Mapping[str, str] | set[str]) -> str:
    from watchkeeper.model.nearest import did_you_mean  # loads NumPy, for a message

    return did_you_mean(field, known, {"label": "prediction", "truth": "actual", "outcome": "actual"})


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeo" else f"a {word}"
