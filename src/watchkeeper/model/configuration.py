"""The reference of the configuration, written from the keys themselves."""

from __future__ import annotations

from watchkeeper.model.keys import KEYS

__all__ = ["reference"]

HEAD = """\
# Configuration

A model is described once: as `wk.Model(...)` in Python or as a YAML file, key by key the same. Every key is optional:
features alone give data quality and drift. `watchkeeper init DATA` writes a commented file to begin with.

```python
import watchkeeper as wk

model = wk.Model(
    name="flight-delay", task="binary", timestamp="ts", prediction="predicted", score="probability",
    outcome="delayed", segments=["carrier", ["origin", "carrier"], wk.Bins("age", [25, 40, 65]),
                                 wk.Where("premium", "plan = 'gold'")],
    bands={"accuracy": ">= 0.88", "recall[carrier=UA]": wk.Band(">= 0.8", judge="value")},
)
model.save("models/flight-delay.yaml")
assert wk.Model.load("models/flight-delay.yaml") == model
```

Files are YAML 1.2 in UTF-8: `no` and `on` are text, `true` and `false` are not. A key without a value is at its
default. A key that is not known, a metric that does not exist or a band that cannot be read is an error that names the
file, the line and the nearest valid word; nothing is ignored.

This page is written from the code by `watchkeeper.model.reference()`.
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
