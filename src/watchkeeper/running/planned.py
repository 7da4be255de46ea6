"""Planned: the grids and dictionaries that a model's profiles are made on, and when they change.

They are frozen once there was enough to choose them by. Until then, while rows are few, each doubling of them plans
anew and computes all windows again, which costs next to nothing. Later a plan only grows: new segment values get
cells of their own behind the others, and a column that had no value at first gets its grid when it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from watchkeeper.model import Model
from watchkeeper.profiles import Plan, Profile, Segmentation
from watchkeeper.profiles.plan_document import plan_from_json, plan_to_json
from watchkeeper.profiles.planning import SEGMENT_VALUES
from watchkeeper.profiles.segments import OTHER
from watchkeeper.state import State

__all__ = ["ENOUGH", "Planned", "grown", "has_other", "unseen"]

ENOUGH = 20_000  # rows from which on a sample tells the shape of a column well enough to freeze its grid


@dataclass(frozen=True)
class Planned:
    """A plan and what it was made of.

    Attributes
    ----------
    number : of the series of profiles
    rows : that it was made from
    unseen : roles and features without a value then
    """

    plan: Plan
    number: int
    rows: int
    unseen: tuple[str, ...]

    @classmethod
    def newest(cls, state: State, model: str) -> Planned | None:
        plans = state.plans(model)
        if not plans:
            return None
        last = plans[-1]
        made = json.loads(last.text)
        return cls(plan_from_json(json.dumps(made["plan"])), last.number, made["rows"], tuple(made["unseen"]))

    @classmethod
    def add(cls, state: State, plan: Plan, rows: int, unseen: Iterable[str], above: int = 0) -> Planned:
        """Begin a new series, numbered above those that the journal holds."""
        planned = cls(plan, 0, rows, tuple(unseen))
        return replace(planned, number=state.add_plan(plan.model.name, planned.text, above))

    @property
    def text(self) -> str:
        made = {"plan": json.loads(plan_to_json(self.plan)), "rows": self.rows, "unseen": list(self.unseen)}
        return json.dumps(made)

    def serving(self, model: Model) -> Planned:
        """The same grids for a model whose bands, reference or costs changed."""
        return replace(self, plan=replace(self.plan, model=model))

    def settled(self, rows: int) -> bool:
        """Whether so many rows are no reason to plan anew."""
        return self.rows >= ENOUGH or rows < 2 * self.rows


def unseen(plan: Plan, sample: pa.Table) -> tuple[str, ...]:
    """Columns of a plan that the sample has no value of."""
    names = (c.name for c in plan.columns if c.name in sample.column_names)
    return tuple(name for name in names if sample[name].null_count == sample.num_rows)


def has_other(plan: Plan, profile: Profile) -> bool:
    """Whether rows fell to "other" in a segmentation that has room for more values."""
    return any(
        bool(np.any(profile.slices[s.by].rows[:, s.values.index(OTHER)]))
        for s in plan.segmentations
        if len(s.values) < SEGMENT_VALUES
    )


def grown(plan: Plan, fresh: Plan) -> Plan:
    """With cells, behind the others, for the segment values that a fresh plan knows."""
    pairs = zip(plan.segmentations, fresh.segmentations, strict=True)
    return replace(plan, segmentations=tuple(_wider(old, new.values) for old, new in pairs))


def _wider(segmentation: Segmentation, values: Sequence[str]) -> Segmentation:
    more = [v for v in values if v not in segmentation.values]
    return replace(segmentation, values=(*segmentation.values, *more)[:SEGMENT_VALUES])
