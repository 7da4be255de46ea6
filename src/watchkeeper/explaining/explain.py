"""Explain: from samples and profiles to the reasons why a metric is worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation import Estimator, Sample
from watchkeeper.explaining import portions
from watchkeeper.explaining.broken import Defect, defects
from watchkeeper.explaining.chain import FOLDS, Link, Sampled, all_broken, links
from watchkeeper.explaining.portions import Side
from watchkeeper.explaining.sentence import sentence_of
from watchkeeper.explaining.why import Cause, Portion, Why
from watchkeeper.metrics import METRICS
from watchkeeper.profiles import Profile

__all__ = ["Explainer"]

NAMED = 3.0  # standard errors that a reason is beyond chance
WORTH = 0.15  # of everything that made it worse, from which on a reason is told
LEAST_ROWS = 200  # with an outcome: of fewer nothing is told apart
MOST_ROWS = 30_000  # of the current sample that are looked at
SURE = 1.96


@dataclass(frozen=True)
class Explainer:
    """What is needed to explain some windows.

    Attributes
    ----------
    estimator : fitted on the reference
    learned : the reference's sample
    samples : of the current windows
    current, reference : profiles under one plan
    """

    estimator: Estimator
    learned: Sample
    samples: Sample
    current: Profile
    reference: Profile

    def explain(self, metric: str, windows: NDArray[np.intp]) -> Why | None:
        """Why a metric is worse in these windows of the current profile; None where it is not, or cannot be told.

        Windows must lie side by side; their rows are taken together.
        """
        if metric not in self.estimator.metrics or METRICS[metric].better == "none" or not len(windows):
            return None
        return _Period(self, windows).why(metric)


@dataclass(frozen=True)
class _Period:
    """Some windows together."""

    given: Explainer
    windows: NDArray[np.intp]

    @cached_property
    def sample(self) -> Sample:
        starts = self.given.current.windows[self.windows]
        rows = self.given.samples
        return rows.take(np.isin(rows.window, starts)).least(MOST_ROWS)

    @cached_property
    def defects(self) -> list[Defect]:
        given = self.given
        return defects(given.current.plan, given.estimator.coding, self.sample, given.learned)

    @cached_property
    def current(self) -> Sampled:
        return self._sampled(self.sample, [d.current for d in self.defects])

    @cached_property
    def reference(self) -> Sampled:
        return self._sampled(self.given.learned, [d.reference for d in self.defects])

    def _sampled(self, sample: Sample, broken: Sequence[NDArray[np.bool_]]) -> Sampled:
        sound = ~np.any(broken, axis=0) if broken else np.ones(len(sample), np.bool_)
        every = self.given.estimator.sides(sample)
        clean = self.given.estimator.sides(sample.take(sound)) if broken else every
        return Sampled(every, clean, sound, (sample.key % FOLDS).astype(np.int64))

    @property
    def _sides(self) -> tuple[Side, Side]:
        now, before = self.current, self.reference
        return (
            Side(self.sample.take(now.sound), now.clean),
            Side(self.given.learned.take(before.sound), before.clean),
        )

    def why(self, metric: str) -> Why | None:
        rows = int(self.current.every.known.sum())
        if rows < LEAST_ROWS or int(self.reference.every.known.sum()) < LEAST_ROWS:
            return None
        found = self._links(metric)
        before, now = (side.happened(metric) for side in (self.reference, self.current))
        sign = -1.0 if METRICS[metric].better == "low" else 1.0
        if not found or not sign * (now - before) < 0:
            return None
        causes = self._causes(metric, found, sign)
        segments = self._segments(metric)
        sentence = sentence_of(METRICS[metric], before, now, causes, segments)
        first, last = int(self.windows[0]), int(self.windows[-1])
        return Why(metric, first, last, before, now, causes, segments, sentence, rows)

    def _links(self, metric: str) -> list[Link]:
        current, reference = self.current, self.reference
        if int(current.clean.known.sum()) < LEAST_ROWS:  # of the rows that are not broken
            return all_broken(metric, current, reference)
        between = self.given.estimator.between(metric)
        return links(metric, current, reference, len(self.windows), between)

    def _causes(self, metric: str, found: Sequence[Link], sign: float) -> tuple[Cause, ...]:
        """The worst first."""
        worse = sum(max(-sign * link.effect, 0.0) for link in found)
        causes = []
        for link in sorted(found, key=lambda x: sign * x.effect):
            share = max(-sign * link.effect, 0.0) / worse
            named = share >= WORTH and abs(link.effect) > NAMED * link.error
            causes.append(
                Cause(
                    link.cause,
                    link.effect,
                    link.effect - SURE * link.error,
                    link.effect + SURE * link.error,
                    share,
                    named,
                    tuple(self._portions(metric, link)) if named else (),
                )
            )
        return tuple(causes)

    def _portions(self, metric: str, link: Link) -> list[Portion]:
        plan = self.given.current.plan
        match link.cause:
            case "broken rows":
                return portions.by_defect(metric, self.current.every, self.defects, link.effect)
            case "input shift":
                return portions.by_feature_moved(metric, plan, *self._sides)
            case "concept change":
                return portions.by_range(metric, plan, *self._sides)
            case _:
                return []

    def _segments(self, metric: str) -> tuple[Portion, ...]:
        current = self.given.current.take(self.windows).total()
        return portions.by_segment(metric, current, self.given.reference.total())
