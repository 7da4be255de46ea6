"""Estimator: performance before the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.estimation.binary import Binary
from watchkeeper.estimation.coding import Coding
from watchkeeper.estimation.multiclass import Multiclass
from watchkeeper.estimation.regression import Regression
from watchkeeper.estimation.sample import Sample
from watchkeeper.estimation.sides import Sides
from watchkeeper.estimation.support import Support, support_of
from watchkeeper.metrics import Estimate
from watchkeeper.profiles import Profile

__all__ = ["Estimator"]


@dataclass(frozen=True)
class Estimator:
    """What the reference tells of the performance of rows whose outcomes are not known.

    It assumes that the relation of features and outcome is as in the reference (no concept drift): then it is right
    under covariate shift, for rows that lie where the reference has rows (``support``).
    """

    coding: Coding
    parts: Binary | Multiclass | Regression

    @classmethod
    def fit(cls, reference: Profile, sample: Sample) -> Estimator | None:
        """From the reference's profile and a sample of its rows.

        Returns
        -------
        None where there is nothing to learn from: no task, no outcomes, or neither scores nor numbers predicted.
        """
        if not len(sample):
            return None
        coding = Coding.of(reference.plan, sample)
        match reference.plan.model.task:
            case "binary":
                parts: Binary | Multiclass | Regression | None = Binary.fit(reference, sample, coding)
            case "multiclass":
                parts = Multiclass.fit(reference, sample, coding)
            case "regression":
                parts = Regression.fit(reference, sample, coding)
            case _:
                parts = None
        return None if parts is None else cls(coding, parts)

    def estimate(
        self, current: Profile, samples: Sample, confidence: float = 0.95, support: Support | None = None
    ) -> dict[str, Estimate]:
        """Each metric by its name in the registry, arrays (W,) over the windows of ``current``.

        Parameters
        ----------
        current : under the reference's plan; its outcomes are not looked at
        samples : a bounded sample of each of its windows
        support : of the same, where it is known already
        confidence : with which ``low`` to ``high`` holds what the metric will be when all outcomes are known
        """
        found = self.support(current, samples) if support is None else support
        return self.parts.estimate(current, samples, found.outside, confidence)

    @property
    def metrics(self) -> frozenset[str]:
        """The metrics of which it says what they should be."""
        return self.parts.metrics

    def between(self, metric: str) -> float:
        """Variance by which the reference's windows fell from what was expected of them, beyond chance."""
        return self.parts.between[metric].variance

    def sides(self, sample: Sample) -> Sides:
        """Of sampled rows what happened, and what was expected of them; their scores and labels tell, no profile."""
        return self.parts.sides(sample)

    def support(self, current: Profile, samples: Sample) -> Support:
        """How much of each window lies outside the reference, where estimates are extrapolation."""
        return support_of(self.coding, samples, current.windows)
