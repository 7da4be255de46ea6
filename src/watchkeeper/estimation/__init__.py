"""Estimation: performance before the truth, from a profile and at most one bounded sample of each window."""

from watchkeeper.estimation.coding import Coding
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
from watchkeeper.estimation.sides import Sides
from watchkeeper.estimation.support import Support

__all__ = [
    "REFERENCE_ROWS", "WINDOW_ROWS", "Coding",
    "Estimator", "Sample", "Sampler", "Samples", "Sampling", "Sides", "Support",
    "can_estimate", "sample_of",
]  # fmt: skip
