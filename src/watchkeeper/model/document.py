"""Models as YAML: one key in the file for each key of the model."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.errors import ModelError
from watchkeeper.model.band import Band
from watchkeeper.model.model import Model
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.model.segment import Bins, Part, Where
from watchkeeper.model.truth import Truth

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.representer import RoundTripRepresenter

__all__ = ["dict_of", "flow", "load", "model_of", "save", "text_of"]

WORD = re.compile(
    r"(?i)y|n|yes|no|on|off|true|false|null"
)  # YAML 1.1 and many tools read more than 1.2 as booleans
PLAIN = re.compile(
    r"[^\W\d](?:[\w .()\[\]=×/+-]*[\w)\]])?"
)  # what every parser takes for text without quotes
SPAN = re.compile(r"\d+(?:min|h|d|w|mo| rows)")
PLAIN_INLINE = re.compile(r"[^\W\d](?:[\w .()=×/+-]*[\w)])?")
KINDS: dict[str, type[Bins] | type[Where]] = {"bins": Bins, "where": Where}


def dict_of(model: Model) -> dict[str, object]:
    """Plain keys, those at their default left out."""
    default = Model()
    changed = [f.name for f in fields(model) if getattr(model, f.name) != getattr(default, f.name)]
    return {key: _plain(getattr(model, key)) for key in ("name", *(k for k in changed if k != "name"))}


def _plain(value: object) -> object:
    if isinstance(value, Bins):
        return {
            "bins": {"column": value.column, "edges": [int(e) if e == int(e) else e for e in value.edges]}
        }
    if isinstance(value, Where):
        return {"where": {"name": value.name, "condition": value.condition}}
    if isinstance(value, Band):
        return value.expr if value.judge == "interval" else {"band": value.expr, "judge": value.judge}
    if isinstance(value, Truth):
        return {k: v for k, v in (("within", value.within), ("absent", value.absent)) if v is not None}
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def model_of(keys: object) -> Model:
    """The model that plain keys describe."""
    if not isinstance(keys, Mapping):
        raise ModelError(
            f"a model is a mapping of keys such as 'name: flight-delay', got {type(keys).__name__}"
        )
    given = {str(k): v for k, v in keys.items()}
    if isinstance(given.get("segments"), list | tuple):
        given["segments"] = [_segment(s) for s in given["segments"]]
    if isinstance(given.get("bands"), Mapping):
        given["bands"] = {k: _band(k, b) for k, b in given["bands"].items()}
    filled = {k: v for k, v in given.items() if v is not None or k == "window" or k not in _keys()}
    return Model(**filled)  # a key without a value is at its default; only a window may be null


def _keys() -> list[str]:
    return [f.name for f in fields(Model)]


def _segment(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_part(v) for v in value)
    return _part(value)


def _part(value: object) -> Part | object:
    if not isinstance(value, Mapping):
        return value
    kind, inner = next(iter(value.items()), ("", None))
    if len(value) != 1 or kind not in KINDS or not isinstance(inner, Mapping):
        hint = did_you_mean(str(kind), KINDS) if kind not in KINDS else ";"
        raise ModelError(
            f"segments: {dict(value)!r} is not a segment{hint or ';'} valid are a column, "
            "bins: {column: age, edges: [25, 40]} and where: {name: premium, condition: \"plan = 'gold'\"}"
        )
    known = [f.name for f in fields(KINDS[kind])]
    _only("segments", f"{kind}", inner, known)
    return KINDS[kind](**inner)


def _band(key: object, value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    _only("bands", repr(key), value, ["band"], ["judge"])
    try:
        return Band(value["band"], value.get("judge", "interval"))
    except ModelError as error:
        raise ModelError(f"bands: {key!r}: {str(error).removeprefix('bands: ')}") from None


def _only(
    key: str, where: str, given: Mapping[str, object], needed: list[str], optional: Sequence[str] = ()
) -> None:
    """Raise where a key is missing, or not known."""
    known = [*needed, *optional]
    for name in given:
        if name not in known:
            hint = did_you_mean(str(name), known) or ";"
            raise ModelError(f"{key}: {where}: unknown key {name!r}{hint} valid are {', '.join(known)}")
    for name in needed:
        if name not in given:
            raise ModelError(f"{key}: {where} has no {name!r}; it needs {', '.join(needed)}")


def load(path: str | os.PathLike[str]) -> Model:
    """Read a YAML 1.2 file: ``no`` and ``on`` are text."""
    keys, lines = _read(os.fspath(path))
    try:
        return model_of(keys)
    except ModelError as error:
        key = re.match(r"(?:unknown key ')?([^':]+)", str(error))
        line = lines.get(key[1]) if key else None
        raise ModelError(f"{path}{f', line {line}' if line else ''}: {error}") from None


def _read(path: str) -> tuple[object, dict[str, int]]:
    """(what the file holds, the line of each key)."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        yaml = _safe()
        node = yaml.compose(text)
        lines = (
            {k.value: k.start_mark.line + 1 for k, _ in node.value} if node and node.id == "mapping" else {}
        )
        return _checked(_undated(yaml.load(text)), path), lines
    except OSError as error:
        reason = (
            "no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
        )
        raise ModelError(f"{path}: {reason}; 'watchkeeper init DATA' writes one") from None
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise ModelError(f"{path}{where}: {_explained(str(error.problem))}") from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise ModelError(f"{path}: not YAML: {' '.join(str(error).split())[:200]}") from None


def _checked(keys: object, path: str) -> object:
    if keys is None:
        raise ModelError(f"{path}: the file is empty; 'watchkeeper init DATA' writes one to start from")
    if not isinstance(keys, dict):
        found = "a list" if isinstance(keys, list) else f"{str(keys)[:40]!r}"
        raise ModelError(f"{path}: a model is a mapping of keys such as 'name: flight-delay', found {found}")
    return keys


def _explained(problem: str) -> str:
    if "\\t" in problem or "\t" in problem:
        return "a tab; YAML is indented by spaces"
    if duplicate := re.search(r'duplicate key "(.*?)"', problem):
        return f"the key {duplicate[1]!r} is there twice; keep one"
    if sign := re.search(r"character '([>%@`])'", problem):
        return f"a text that begins with {sign[1]!r} needs quotes, such as '>= 0.88'"
    if problem.startswith("mapping values are not allowed"):
        return (
            "not YAML: keys of one level need the same indentation, and a text that holds ': ' needs quotes"
        )
    return f"not YAML: {problem}"


def _undated(value: object) -> object:
    """YAML's dates as text: no key of a model needs one, and a class or a name may look like one."""
    if isinstance(value, dict):
        return {_undated(k): _undated(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_undated(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a YAML file."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text_of(model), encoding="utf-8")


def text_of(model: Model) -> str:
    """The YAML of a model; mappings within lists on one line."""
    from io import StringIO

    out = StringIO()
    _writer().dump({k: _styled(v, depth=1) for k, v in dict_of(model).items()}, out)
    return out.getvalue()


def flow(value: object) -> str:
    """A value as YAML on one line.

    >>> flow("no"), flow(["a b", 1.5]), flow({"band": ">= 0.8"})
    ("'no'", '[a b, 1.5]', "{band: '>= 0.8'}")
    """
    from io import StringIO

    plain = _plain(value)
    bare = not isinstance(plain, dict | list)
    out = StringIO()
    _writer().dump(_styled([plain] if bare else plain, depth=9), out)
    return out.getvalue().strip()[1:-1] if bare else out.getvalue().strip()


def _styled(value: object, depth: int) -> object:
    """Two levels in block style, deeper ones on one line; quotes where any parser might stumble."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

    if isinstance(value, dict):
        block = CommentedMap({_styled(k, depth): _styled(v, depth + 1) for k, v in value.items()})
        return _inline(block) if depth > 1 else block
    if isinstance(value, list):
        sequence = CommentedSeq(_styled(v, depth if isinstance(v, dict) else depth + 1) for v in value)
        plain = depth > 1 or all(isinstance(v, str) for v in value)
        return _inline(sequence) if plain else sequence
    if not isinstance(value, str):
        return value
    plain_enough = (PLAIN if depth == 1 else PLAIN_INLINE).fullmatch(value)
    if SPAN.fullmatch(value) or (plain_enough and not WORD.fullmatch(value)):
        return value
    return (
        DoubleQuotedScalarString(value)
        if "'" in value or not value.isprintable()
        else SingleQuotedScalarString(value)
    )


def _inline(node: CommentedMap | CommentedSeq) -> CommentedMap | CommentedSeq:
    node.fa.set_flow_style()
    return node


def _safe() -> YAML:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True)  # the C parser reads YAML 1.1


def _writer() -> YAML:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.Representer = _explicit_null()
    yaml.width = 100_000  # never folds
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


@cache
def _explicit_null() -> type[RoundTripRepresenter]:
    """A representer that writes ``window: null`` where ruamel.yaml would write ``window:``."""
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.representer import RoundTripRepresenter

    class Representer(RoundTripRepresenter):
        def represent_none(self, data: None) -> ScalarNode:
            return self.represent_scalar("tag:yaml.org,2002:null", "null")

    Representer.add_representer(type(None), Representer.represent_none)
    return Representer
