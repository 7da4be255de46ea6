"""The commented YAML of a guess, for a person to correct."""

from __future__ import annotations

from textwrap import wrap

from watchkeeper.model.document import dict_of, flow
from watchkeeper.model.inference.guess import Inference
from watchkeeper.model.keys import KEYS
from watchkeeper.model.segment import Bins, Where

__all__ = ["commented"]

WIDTH = 100
ABSENT = {
    "prediction": "what the model said; without it, or a score, there is no performance to watch",
    "outcome": "what really happened, where it is known; without it there is no performance to watch",
}
HEAD = """\
# Guessed from {source}. Correct what is wrong; then
#   watchkeeper check CURRENT --reference REFERENCE --config {path}
# A line such as "# segments: [carrier]" is a suggestion: remove its "# " to use it.
"""


def commented(inference: Inference, path: str) -> str:
    """Each key below its reason, in the order of the reference; suggestions commented out."""
    keys = dict_of(inference.model)
    keys.setdefault("window", inference.model.window)
    absent = {k: v for k, v in ABSENT.items() if k == "outcome" or inference.model.score is None}
    reasons = absent | inference.reasons
    suggestions = dict.fromkeys(absent, "COLUMN") | inference.suggestions
    head = HEAD.format(source=inference.source or "rows", path=path)
    parts = [head, *_warnings(inference)]
    for key in (k.name for k in KEYS):
        block = _comment(reasons.get(key, ""))
        if key == "bands":
            block = _comment(inference.reasons.get("metrics", "")) + block
        if key == "features":
            block += _excluded(inference)
        if key in keys:
            block += _entry(key, keys[key])
        elif key in suggestions:
            block += "".join(f"# {line}\n" for line in _entry(key, suggestions[key]).splitlines())
        if block:
            parts.append(block)
    return "\n".join(parts)


def _warnings(inference: Inference) -> list[str]:
    return ["".join(_comment(f"Look at this: {w}") for w in inference.warnings)] if inference.warnings else []


def _excluded(inference: Inference) -> str:
    if not inference.excluded:
        return ""
    return "".join(_comment(f"  not {name}: {why}") for name, why in inference.excluded.items())


def _comment(text: str) -> str:
    lines = wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False, drop_whitespace=True)
    return "".join(f"# {line}\n" for line in lines)


def _entry(key: str, value: object) -> str:
    """``key: value`` on one line, or a list over several where it is long."""
    if isinstance(value, list | tuple) and any(isinstance(v, Bins | Where | dict) for v in value):
        return f"{key}:\n" + "".join(f"  - {flow(v)}\n" for v in value)
    line = f"{flow(key)}: {flow(value)}\n"
    if len(line) <= WIDTH or not isinstance(value, list | tuple | dict):
        return line
    if isinstance(value, dict):
        return f"{key}:\n" + "".join(f"  {flow(k)}: {flow(v)}\n" for k, v in value.items())
    rows, row = [], ""
    for item in (flow([v])[1:-1] for v in value):
        if len(row) + len(item) > WIDTH - 6:
            rows.append(row)
            row = ""
        row += f"{item}, "
    return f"{key}: [\n" + "".join(f"  {r.rstrip()}\n" for r in [*rows, row]) + "]\n"
