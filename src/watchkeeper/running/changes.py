"""Changes: what a new configuration means for what is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from watchkeeper.model import Model

__all__ = ["Change", "changes", "configuration"]

Cost = Literal["judge", "backfill", "series"]
COSTS: dict[str, Cost] = {
    **dict.fromkeys(
        ("bands", "expected", "alpha", "windows", "reference", "grace", "costs", "trained"), "judge"
    ),
    **dict.fromkeys(("window", "timezone", "task", "positive"), "series"),
}  # every other key: "backfill"
SAID: dict[Cost, str] = {
    "judge": "all windows are judged again",
    "backfill": "all windows are computed again from the journal",
    "series": "a new series begins; the profiles of the old one stay as they are",
}
IDLE = ("name", "drop", "hash")  # they say what is recorded, not what is made of it


@dataclass(frozen=True)
class Change:
    """One key of the configuration that differs from the last run."""

    key: str
    cost: Cost

    @property
    def sentence(self) -> str:
        return f"{self.key} changed: {SAID[self.cost]}."


def configuration(model: Model) -> str:
    """A model as comparable text."""
    return json.dumps(model.to_dict(), sort_keys=True, default=str)


def changes(before: str | None, model: Model) -> tuple[Change, ...]:
    """What differs from the configuration of the last run; nothing before the first.

    >>> [c.cost for c in changes(configuration(Model(name="m")), Model(name="m", window="1h", alpha=0.1))]
    ['judge', 'series']
    """
    if before is None:
        return ()
    old, new = json.loads(before), json.loads(configuration(model))
    keys = sorted(k for k in {*old, *new} if old.get(k) != new.get(k) and k not in IDLE)
    return tuple(Change(key, COSTS.get(key, "backfill")) for key in keys)
