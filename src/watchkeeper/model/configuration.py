"""The reference of the configuration, written from the keys themselves."""

from __future__ import annotations

from watchkeeper.model.keys import KEYS

__all__ = ["reference"]

HEAD = """\
# Configuration

A model is described once: as `wk.Model(...)` in Python or as a YAML file, key by key the same. Every key is
optional. `watchkeeper init DATA` writes a commented file to start from. This page is written from the code by
`watchkeeper.model.reference()`.
"""


def reference() -> str:
    """The page ``docs/configuration.md``: every key with what it takes, its default, its meaning, an example.

    >>> reference().splitlines()[0]
    '# Configuration'
    """
    rows = [f"| [`{k.name}`](#{k.name}) | {k.takes} | {k.default} |" for k in KEYS]
    table = "\n".join(["| key | takes | default |", "|---|---|---|", *rows])
    sections = [f"## {k.name}\n\n{k.summary}\n\n```yaml\n{k.example}\n```" for k in KEYS]
    return "\n".join([HEAD, table, "", "\n\n".join(sections), ""])
