"""Planned: the grids and dictionaries that a model's profiles are made on, and when they change.

They are frozen once there was enough to choose them by. Until then, while rows are few, each doubling of them plans
anew and computes all windows again, which costs next to nothing. Later a plan only grows: new segment values get
cells of their own behind the others, and a feature that had no value at first gets its grid when it has. While such a
feature is young, each doubling of its values plans it anew and computes the windows again that have any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from watchkeeper.model import Model
from watchkeeper.profiles import Plan, Profile, Segmentation
from watchkeeper.profiles.plan_document import plan_from_json, plan_to_json
from watchkeeper.profiles.planning import SEGMENT_VALUES, with_features
from watchkeeper.profiles.segments import OTHER
from watchkeeper.state import State

__all__ = ["ENOUGH", "Planned", "grown", "has_other", "scarce", "unseen"]

ENOUGH = 20_000  # rows from which on a sample tells the shape of a column well enough to freeze its grid


@dataclass(frozen=True)
class Planned:
    """A plan and what it was made of.

    Attributes
    ----------
    number : of the series of profiles
    rows : that it was made from
    unseen : roles and features without a value then
    young : feature with few values → how many there were when it was planned
    pending : features whose grid is new, until the windows that have values of them are computed
    """

    plan: Plan
    number: int
    rows: int
    unseen: tuple[str, ...]
    young: Mapping[str, int] = field(default_factory=dict)
    pending: tuple[str, ...] = ()

    @classmethod
    def newest(cls, state: State, model: str) -> Planned | None:
        plans = state.plans(model)
        if not plans:
            return None
        last = plans[-1]
        made = json.loads(last.text)
        lists = {name: tuple(made.get(name, ())) for name in ("unseen", "pending")}
        plan = plan_from_json(json.dumps(made["plan"]))
        return cls(plan, last.number, made["rows"], young=made.get("young", {}), **lists)

    @classmethod
    def add(
        cls,
        state: State,
        plan: Plan,
        rows: int,
        unseen: Iterable[str],
        young: Mapping[str, int],
        above: int = 0,
    ) -> Planned:
        """Begin a new series, numbered above those that the journal holds."""
        planned = cls(plan, 0, rows, tuple(unseen), young)
        return replace(planned, number=state.add_plan(plan.model.name, planned.text, above))

    @property
    def text(self) -> str:
        made = {"plan": json.loads(plan_to_json(self.plan)), "rows": self.rows, "unseen": list(self.unseen)}
        return json.dumps({**made, "young": dict(self.young), "pending": list(self.pending)})

    def serving(self, model: Model) -> Planned:
        """The same grids for a model whose bands, reference or costs changed."""
        return replace(self, plan=replace(self.plan, model=model))

    def due(self, counts: Mapping[str, int]) -> list[str]:
        """Features to be planned now: new ones, those of which there are twice as many values, and what is pending.

        Parameters
        ----------
        counts : feature → its values so far
        """
        known = {c.name for c in self.plan.columns} - set(self.unseen)
        return [
            name
            for name, count in counts.items()
            if count
            and (name not in known or name in self.pending or count >= 2 * self.young.get(name, count))
        ]

    def with_features(
        self, values: Mapping[str, pa.Array], counts: Mapping[str, int], windows: int
    ) -> Planned:
        """With new grids for some features, whose windows are to be computed under them."""
        young = {**self.young, **{name: counts[name] for name in values}}
        return replace(
            self,
            plan=with_features(self.plan, values, windows),
            unseen=tuple(n for n in self.unseen if n not in values),
            young={name: count for name, count in young.items() if count < ENOUGH},
            pending=(*self.pending, *(n for n in values if n not in self.pending)),
        )

    def settled(self, rows: int) -> bool:
        """Whether so many rows are no reason to plan anew."""
        return self.rows >= ENOUGH or rows < 2 * self.rows


def unseen(plan: Plan, sample: pa.Table) -> tuple[str, ...]:
    """Columns of a plan that the sample has no value of."""
    names = (c.name for c in plan.columns if c.name in sample.column_names)
    return tuple(name for name in names if sample[name].null_count == sample.num_rows)


def scarce(plan: Plan, sample: pa.Table) -> tuple[str, ...]:
    """Features that a sample has too few values of to freeze a grid by."""
    names = (c.name for c in plan.columns if c.role == "feature")
    return tuple(n for n in names if sample.num_rows - sample[n].null_count < ENOUGH)


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
