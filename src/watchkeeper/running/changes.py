"""Changes: what a new configuration means for what is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from watchkeeper.model import Model
from watchkeeper.model.versions import DEFAULT

__all__ = ["Change", "changes", "configuration"]

Cost = Literal["judge", "backfill", "series"]
COSTS: dict[str, Cost] = {
    **dict.fromkeys(
        (
            "bands",
            "expected",
            "alpha",
            "budget",
            "least_effect",
            "windows",
            "reference",
            "grace",
            "costs",
            "trained",
        ),
        "judge",
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
    """One key of the configuration that differs from the last run.

    Attributes
    ----------
    how : from what to what, where the key's name does not say it: " of version '2' changed, from ... to ..."
    """

    key: str
    cost: Cost
    how: str = " changed"

    @property
    def sentence(self) -> str:
        return f"{self.key}{self.how}: {SAID[self.cost]}."


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
    return tuple(
        change
        for key in keys
        for change in (
            _of_references(old.get(key), new.get(key))
            if key == "reference"
            else [Change(key, COSTS.get(key, "backfill"))]
        )
    )


def _of_references(before: object, after: object) -> Iterator[Change]:
    """One for each version whose reference differs, and one for the default.

    >>> [c.sentence for c in _of_references("first 4w", {"2": "v2.parquet", "default": "first 4w"})]
    ["reference of version '2' is new, v2.parquet: all windows are judged again."]
    """
    old, new = (each if isinstance(each, dict) else {DEFAULT: each} for each in (before, after))
    for version in dict.fromkeys([*old, *new]):
        was, is_ = old.get(version), new.get(version)
        of = "" if version == DEFAULT else f" of version {version!r}"
        if was != is_:
            how = (
                f"is new, {is_}"
                if was is None
                else "is gone"
                if is_ is None
                else f"changed from {was} to {is_}"
            )
            yield Change("reference", "judge", f"{of} {how}")
