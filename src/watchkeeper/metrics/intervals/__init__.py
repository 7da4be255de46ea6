"""Intervals: what an estimate is worth.

Every function is vectorised over windows × segment values, works at any confidence up to 1 − 1e-9, takes
fractional (weighted) counts, and gives NaN where there is nothing to estimate. `docs/coverage.md` holds the
measured coverage of each.
"""

from watchkeeper.metrics.intervals.cumulative import kolmogorov_smirnov, wasserstein
from watchkeeper.metrics.intervals.differences import correlation, correlation_difference, difference
from watchkeeper.metrics.intervals.divergences import chi2, hellinger, jensen_shannon, psi, total_variation
from watchkeeper.metrics.intervals.means import mean, root_mean_square
from watchkeeper.metrics.intervals.noncentral import noncentral_chi2_bounds
from watchkeeper.metrics.intervals.proportions import clopper_pearson, f1, wilson
from watchkeeper.metrics.intervals.quantiles import quantile
from watchkeeper.metrics.intervals.ranking import auc, average_precision

__all__ = [
    "auc",
    "average_precision",
    "chi2",
    "clopper_pearson",
    "correlation",
    "correlation_difference",
    "difference",
    "f1",
    "hellinger",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "mean",
    "noncentral_chi2_bounds",
    "psi",
    "quantile",
    "root_mean_square",
    "total_variation",
    "wasserstein",
    "wilson",
]
