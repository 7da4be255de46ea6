"""Versions: which reference each version of a model is compared with, where it has one of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.notes import listed, releases
from watchkeeper.metrics import Own
from watchkeeper.model import Model, ReferenceRule
from watchkeeper.profiles import Plan
from watchkeeper.profiles.segments import MISSING, OTHER
from watchkeeper.running.eras import Era, Span
from watchkeeper.running.reference_files import located, stamp
from watchkeeper.running.references import References
from watchkeeper.verdicts import Windows

__all__ = ["Versions"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Versions:
    """The versions that serve, and the references of their own that some have.

    A relative reference is one of the version's own windows: "first 4w" are its first four weeks, in which nothing is
    learned of it yet, "previous 4w" its rows of the four weeks before each window. A change that is acknowledged
    is one of every version that serves by then.
    """

    references: References

    @cached_property
    def since(self) -> Mapping[str, int]:
        """Version → start of the first window in which it served; µs since 1970 UTC."""
        store, column = self.references.store, self._model.version
        if store is None or column is None or column not in {s.by for s in store.plan.segmentations}:
            return {}
        return store.first(column)

    @cached_property
    def rules(self) -> dict[str, ReferenceRule]:
        """Version → its own reference, of those that have served."""
        return {v: rule for v, rule in self._model.own_references.items() if v in self.since}

    def check(self) -> None:
        """Say of a file that is not there today, not when its version is released.

        Raises
        ------
        SourceError
            names the file
        """
        for rule in self._model.own_references.values():
            if rule.kind == "path":
                stamp(located(str(rule.path), self.references.folder))

    def groups(self, starts: Ints) -> Iterator[tuple[NDArray[np.intp], tuple[Span | None, ...]]]:
        """(positions of windows, which windows each version of ``rules`` is compared with in these; None for a file,
        or nothing yet).
        """
        found: dict[tuple[Span | None, ...], list[int]] = {}
        for i, start in enumerate(starts.tolist()):
            spans = tuple(self._span(version, rule, start) for version, rule in self.rules.items())
            found.setdefault(spans, []).append(i)
        for spans, positions in found.items():
            yield np.array(positions, dtype=np.intp), spans

    def own(self, plan: Plan, spans: tuple[Span | None, ...], era: Era) -> tuple[Own, ...]:
        """What the versions of ``rules`` are compared with; nothing of their own where they served before the epoch."""
        own = []
        for (version, rule), span in zip(self.rules.items(), spans, strict=True):
            if self.since[version] < era.began:
                continue
            if rule.kind == "path":
                profile = self.references.file(str(rule.path), version)
            else:
                profile = None if span is None else self.references.windows(span)
            own.append(Own(self._name(version), profile, _cells(plan, version)))
        return tuple(own)

    def notes(self, windows: Windows) -> Iterator[str]:
        """What is compared with what, one sentence each."""
        yield from releases(self._new(windows))
        if self.rules:
            named = ", ".join(f"version {v} with {self._name(v)}" for v in self.rules)
            others = self._model.reference_for()
            rest = "nothing: there is no default reference" if others is None else others
            yield f"Compared with a reference of its own: {named}; all else with {rest}."
        for version, rule in self.rules.items():
            yield from self._learning(version, rule, windows)
        unknown = [v for v in self._model.own_references if v not in self.since]
        if unknown and self.since:
            known = ", ".join(repr(v) for v in self.since if v not in (MISSING, OTHER)) or "none"
            yield f"References of versions that no prediction names: {listed(unknown)}; those that serve are {known}."

    def _new(self, windows: Windows) -> dict[str, str]:
        """Version → since when it serves, of those whose first window is among these and not the very first."""
        starts = [] if windows.starts is None else windows.starts.tolist()
        began = min(self.since.values(), default=0)
        new = {v: starts.index(at) for v, at in self.since.items() if began < at and at in starts}
        return {v: windows.since(i) for v, i in new.items() if v not in (MISSING, OTHER)}

    def _learning(self, version: str, rule: ReferenceRule, windows: Windows) -> Iterator[str]:
        """Where windows of a version are its own reference."""
        if rule.kind != "first" or windows.starts is None:
            return
        begin, end = self.references.beginning(rule, self.since[version])
        if ((windows.starts >= begin) & (windows.starts < end)).any():
            until = Windows.of((np.array([end]), np.array([end])), self._model).since(0)
            yield f"Until {until} version {version} is its own reference: there only your bands judge it."

    def _span(self, version: str, rule: ReferenceRule, start: int) -> Span | None:
        if rule.kind == "path":
            return None
        if rule.kind != "first":
            return self.references.before(rule, start)
        span = self.references.beginning(rule, self.since[version])
        return span if start >= span[1] else None

    def _name(self, version: str) -> str:
        return str(self._model.reference_for(version))

    @property
    def _model(self) -> Model:
        return self.references.model


def _cells(plan: Plan, version: str) -> frozenset[tuple[str | None, str | None]]:
    """(segmentation, value) of the segments that are of this version, crossed ones among them."""
    column = plan.model.version
    return frozenset(
        (s.by, value)
        for s in plan.segmentations
        for value in s.values
        if column is not None and s.part_of(value, column) == version
    )
