"""Where patterns come from: ``watchkeeper.yaml``, or what is built in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from watchkeeper.errors import ModelError
from watchkeeper.lines.pattern import Pattern

__all__ = ["BUILT_IN", "FILE", "load_patterns", "pattern_named", "patterns_of"]

FILE = "watchkeeper.yaml"
BUILT_IN = {
    name: Pattern.compile(name, text)
    for name, text in {
        # the number of an instance begins anew with each run of a script: it identifies nothing
        "inst": "Inst. {_} - PredClass: {prediction}, RealClass: {actual}",
        "output_prediction": "Output prediction: [{score}]",
        "model_version": "Model version {version} started",
    }.items()
}


def patterns_of(keys: Mapping[str, object] | None) -> dict[str, Pattern]:
    """The patterns that the key ``patterns`` holds, in its order; those built in where it names none.

    >>> list(patterns_of(None)), list(patterns_of({"mine": "said {prediction}"}))
    (['inst', 'output_prediction', 'model_version'], ['mine'])

    Raises
    ------
    ModelError
        for a pattern that cannot work, by its name
    """
    if not keys:
        return dict(BUILT_IN)
    if not isinstance(keys, Mapping):
        raise ModelError(
            f"patterns: a mapping of names such as 'mine: \"said {{prediction}}\"', got {type(keys).__name__}"
        )
    return {str(name): Pattern.compile(str(name), spec) for name, spec in keys.items()}


def pattern_named(patterns: Mapping[str, Pattern], name: str) -> Pattern:
    """One of the patterns.

    Raises
    ------
    ModelError
        where there is none of that name: says which there are
    """
    if name in patterns:
        return patterns[name]
    from watchkeeper.model.nearest import did_you_mean, one_of  # loads NumPy, for a message

    hint = did_you_mean(name, patterns)
    raise ModelError(f"there is no pattern {name!r}{hint or ';'} {FILE} has {one_of(patterns)}")


def load_patterns(folder: str | os.PathLike[str]) -> dict[str, Pattern]:
    """The patterns of a workspace: of ``patterns`` in its ``watchkeeper.yaml``, else those built in.

    Raises
    ------
    ModelError
        for a file that cannot be read, and a pattern that cannot work
    """
    path = Path(folder) / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return dict(BUILT_IN)
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from None
    try:
        return patterns_of(_patterns(text))
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def _patterns(text: str) -> Mapping[str, object] | None:
    from ruamel.yaml import YAML  # a service that logs with built-in patterns needs none
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        keys = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise ModelError(
            f"{line}not YAML: {error.problem}; a text with ': ', or that begins with a sign, needs quotes"
        ) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise ModelError(f"not YAML: {' '.join(str(error).split())[:200]}") from None
    if keys is not None and not isinstance(keys, Mapping):
        raise ModelError("a mapping of keys such as 'patterns:' is needed")
    return keys.get("patterns") if keys else None
