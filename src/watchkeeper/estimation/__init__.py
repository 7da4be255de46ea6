"""Estimation: performance before the truth, from a profile and at most one bounded sample of each window."""

from watchkeeper.estimation.estimator import Estimator
from watchkeeper.estimation.sample import Sample
from watchkeeper.estimation.sampling import (
    REFERENCE_ROWS,
    WINDOW_ROWS,
    Sampler,
    Samples,
    Sampling,
    can_estimate,
    sample_of,
)
from watchkeeper.estimation.support import Support

__all__ = [
    "REFERENCE_ROWS", "WINDOW_ROWS", "Estimator", "Sample", "Sampler", "Samples", "Sampling", "Support",
    "can_estimate", "sample_of",
]  # fmt: skip
