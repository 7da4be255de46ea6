"""Kernels: what one bin adds to a divergence, in units in which all of them tend to one chi-square.

With a and b rows in a bin, w the first sample's share of all rows, the *balanced counts* are u = a (1 − w) and
v = b w: the bin's fractions times n = A B / (A + B), the effective number of rows of the comparison.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["HELLINGER", "JENSEN_SHANNON", "PEARSON", "PSI", "Kernel"]

Floats = NDArray[np.float64]

STEEPEST = 2.0  # Hellinger's and PSI's curvature grows without end towards an empty bin, its effect does not


class Kernel(Hashable, Protocol):
    """A divergence, bin by bin."""

    def value(self, u: Floats, v: Floats, w: Floats) -> Floats:
        """What the bin adds to the statistic."""

    def slopes(self, u: Floats, v: Floats, w: Floats) -> tuple[Floats, Floats]:
        """Derivatives by u and by v; anything finite where the count itself is 0."""

    def bias(self, u: Floats, v: Floats, w: Floats) -> Floats:
        """How much the bin adds to the statistic's bias by its curvature; 1 where u = v."""


def _log_ratio(u: Floats, v: Floats) -> Floats:
    """ln(2u / (u + v)), 0 where u is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(u > 0, np.log(2 * u / (u + v)), 0.0)


@dataclass(frozen=True)
class _JensenShannon:
    """8 n × the Jensen–Shannon divergence in nats."""

    def value(self, u: Floats, v: Floats, w: Floats) -> Floats:
        return 4 * (u * _log_ratio(u, v) + v * _log_ratio(v, u))

    def slopes(self, u: Floats, v: Floats, w: Floats) -> tuple[Floats, Floats]:
        return 4 * _log_ratio(u, v), 4 * _log_ratio(v, u)

    def bias(self, u: Floats, v: Floats, w: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(u + v > 0, 2 * (v * (1 - w) + u * w) / (u + v), 0.0)


@dataclass(frozen=True)
class _Hellinger:
    """8 n × the squared Hellinger distance."""

    def value(self, u: Floats, v: Floats, w: Floats) -> Floats:
        return 4 * (np.sqrt(u) - np.sqrt(v)) ** 2

    def slopes(self, u: Floats, v: Floats, w: Floats) -> tuple[Floats, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            by_u = np.where(u > 0, 4 * (1 - np.sqrt(v / u)), 0.0)
            by_v = np.where(v > 0, 4 * (1 - np.sqrt(u / v)), 0.0)
        return by_u, by_v

    def bias(self, u: Floats, v: Floats, w: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = np.sqrt(v / u) * (1 - w) + np.sqrt(u / v) * w
        return np.where(u + v > 0, np.minimum(excess, STEEPEST), 0.0)


@dataclass(frozen=True)
class _StabilityIndex:
    """n × the population stability index; an empty bin counts as half a row where the other sample has rows."""

    def _filled(self, u: Floats, v: Floats, w: Floats) -> tuple[Floats, Floats]:
        return np.where((u > 0) | (v <= 0), u, (1 - w) / 2), np.where((v > 0) | (u <= 0), v, w / 2)

    def value(self, u: Floats, v: Floats, w: Floats) -> Floats:
        u, v = self._filled(u, v, w)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(u > 0, (u - v) * np.log(u / v), 0.0)

    def slopes(self, u: Floats, v: Floats, w: Floats) -> tuple[Floats, Floats]:
        u, v = self._filled(u, v, w)
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.where(u > 0, np.log(u / v), 0.0)
            return log + np.where(u > 0, 1 - v / u, 0.0), np.where(v > 0, 1 - u / v, 0.0) - log

    def bias(self, u: Floats, v: Floats, w: Floats) -> Floats:
        u, v = self._filled(u, v, w)
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = ((1 + v / u) * (1 - w) + (1 + u / v) * w) / 2
        return np.where(u + v > 0, np.minimum(excess, STEEPEST), 0.0)


@dataclass(frozen=True)
class _Pearson:
    """Pearson's two-sample chi-square."""

    def value(self, u: Floats, v: Floats, w: Floats) -> Floats:
        pooled = u * w + v * (1 - w)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(pooled > 0, (u - v) ** 2 / pooled, 0.0)

    def slopes(self, u: Floats, v: Floats, w: Floats) -> tuple[Floats, Floats]:
        pooled = u * w + v * (1 - w)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(pooled > 0, (u - v) / pooled, 0.0)
        return 2 * ratio - w * ratio**2, -2 * ratio - (1 - w) * ratio**2

    def bias(self, u: Floats, v: Floats, w: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(u + v > 0, (u * (1 - w) + v * w) / (u * w + v * (1 - w)), 0.0)


JENSEN_SHANNON: Kernel = _JensenShannon()
HELLINGER: Kernel = _Hellinger()
PSI: Kernel = _StabilityIndex()
PEARSON: Kernel = _Pearson()
