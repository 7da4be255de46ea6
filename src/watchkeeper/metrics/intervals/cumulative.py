"""Intervals of distances between two distribution functions: Kolmogorov–Smirnov and Wasserstein."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.metrics.intervals.tails import normal_score

__all__ = ["kolmogorov_smirnov", "wasserstein"]

Floats = NDArray[np.float64]
Counts = NDArray[np.float64] | NDArray[np.int64]
Interval = tuple[Floats, Floats, Floats, Floats]

MEAN_SUPREMUM = float(np.sqrt(np.pi / 2) * np.log(2.0))  # of |Brownian bridge|
FEW = 64  # up to so many bins the supremum under the null is simulated on them
ENDS = 128  # of the bins' ends carry the interval; the distance itself is taken over all of them


def kolmogorov_smirnov(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Interval:
    """Kolmogorov–Smirnov distance of two histograms on one grid and its interval.

    Parameters
    ----------
    counts : (..., B) rows, or effective rows, by bin, bins ascending
    reference : (B,) or broadcastable
    confidence : nominal coverage, below 1

    Returns
    -------
    value : (...) sup |F − G| over the bins' ends
    low, high : (...) interval of the true supremum over the same ends; ``low`` is 0 where Kolmogorov's test
        does not exclude equality
    bias : (...) what ``value`` is expected to be between equal distributions
        All NaN where either histogram is empty

    Notes
    -----
    An intersection–union bound. The supremum may lie anywhere on the *contact set*, where the observed distance
    is within its error of the greatest. The noise's maximum over that set exceeds a single point's; by how much
    follows from the set's length on the scale on which the noise is stationary, ½ logit of the pooled
    distribution. Covers 0.93 to 1 (mean 0.975, conservative at small drifts).

    Examples
    --------
    >>> value, low, high, bias = kolmogorov_smirnov([[10, 40, 50]], [[300, 400, 300]])
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.2]), array([0.107]), array([0.303]))
    """
    a, b = _occupied(np.asarray(counts), np.asarray(reference))
    n, m, f, g = _distributions(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = n * m / (n + m)
    value = np.abs(f - g).max(-1, initial=0.0) + 0 * effective
    low, high = _bounds(value, *_thinned(f, g), n, m, confidence)
    critical = _kolmogorov(confidence) / np.sqrt(effective)
    low = np.where(value <= critical, 0.0, low)
    return value, low, np.minimum(high, 1.0), _supremum(b) / np.sqrt(effective)


def _bounds(
    value: Floats, f: Floats, g: Floats, n: Floats, m: Floats, confidence: float
) -> tuple[Floats, Floats]:
    """Greatest lower and upper ends over the contact set."""
    distance = np.abs(f - g)
    # what thinning lost of the supremum
    distance += np.maximum(value - distance.max(-1, initial=0.0), 0.0)[..., None]
    first, second = n[..., None], m[..., None]
    error = np.sqrt((f * (1 - f) + 0.5 / first) / first + (g * (1 - g) + 0.5 / second) / second)
    contact = distance + error / 2 >= (distance - error / 2).max(-1, initial=-1.0)[..., None]
    pooled = (f * first + g * second) / (first + second)
    reach = _critical(_length(pooled, contact, n), confidence)
    reach = np.minimum(
        reach[..., None] * error, (_kolmogorov(confidence) / np.sqrt(n * m / (n + m)))[..., None]
    )
    low = np.where(contact, distance - reach, 0.0).max(-1, initial=0.0)
    high = np.where(contact, distance + normal_score(confidence) * error, 0.0).max(-1, initial=0.0)
    return low + 0 * value, high + 0 * value


def _thinned(f: Floats, g: Floats) -> tuple[Floats, Floats]:
    """At most `ENDS` of the bins' ends, evenly spread over the reference and all windows together."""
    if f.shape[-1] <= ENDS:
        return f, g
    pooled = _average(f) / 2 + _average(g) / 2
    chosen = np.flatnonzero(np.diff(np.floor(pooled * ENDS), prepend=-1.0))
    return f[..., chosen], g[..., chosen]


def wasserstein(
    counts: ArrayLike,
    reference: ArrayLike,
    position: ArrayLike,
    confidence: float = 0.95,
    shift: ArrayLike = np.nan,
) -> Interval:
    """Wasserstein's first distance ∫ |F − G| of two histograms and a conservative interval.

    As for `total_variation`: the bias, greatest under equality, is taken off ``low`` whole and off ``high`` not
    at all; the error is that of the integral of F − G's sign, normal far from equality. Tails without a
    variance are beyond it. Covers 0.94 to 1.

    Parameters
    ----------
    counts : (..., B) rows, or effective rows, by bin
    reference : (B,) or broadcastable
    position : (B,) where each bin's rows are taken to lie, ascending, finite
    confidence : nominal coverage, below 1
    shift : (...) mean minus the reference's mean; where it is NaN or infinite the positions alone tell

    Returns
    -------
    value, low, high, bias : (...) unit of ``position``; NaN where either histogram is empty

    Notes
    -----
    ∫|h| = |∫h| + 2 min(∫h⁺, ∫h⁻), and ∫(G − F) is the shift of the mean. So the positions of rows inside their bins
    matter only as far as some rows moved up and others down: a shift of a column with one value that most rows share
    is exact.

    Examples
    --------
    >>> value, low, high, bias = wasserstein([[10, 40, 50]], [[300, 400, 300]], [0.0, 1.0, 2.0])
    >>> value.round(3), low.round(3), high.round(3)
    (array([0.4]), array([0.185]), array([0.539]))
    """
    a, b = np.asarray(counts), np.asarray(reference)
    used = _used(a, b)
    a, b, x = a[..., used], b[..., used], np.asarray(position, np.float64)[used]
    n, m, f, g = _distributions(a, b)
    step = np.diff(x)
    signed = f - g
    value = _absolute(signed * step, np.asarray(shift, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = n * m / (n + m)
        pooled = (f * n[..., None] + g * m[..., None]) / (n + m)[..., None]
        noise = np.sqrt(np.maximum(pooled * (1 - pooled), 0.0)) * step
        bias = np.sqrt(2 / np.pi) * noise.sum(-1) / np.sqrt(effective)
        half = normal_score(confidence) * np.sqrt(
            _path_variance(a, signed, step) + _path_variance(b, signed, step)
        )
    low, high = np.maximum(value - bias - half, 0.0), value + half
    return value + 0 * effective, low + 0 * effective, high + 0 * effective, bias


def _absolute(parts: Floats, total: Floats) -> Floats:
    """(...) Σ |parts|, given the exact size of Σ parts where it is known."""
    up = np.maximum(parts, 0.0).sum(-1)
    down = up - parts.sum(-1)
    known = np.abs(total) + 2 * np.maximum(np.minimum(up, down), 0.0)
    return np.asarray(np.where(np.isfinite(total), known, up + down), dtype=np.float64)


def _average(distribution: Floats) -> Floats:
    """(B,) over all windows that have rows; 0 where none has."""
    every = distribution.reshape(-1, distribution.shape[-1])
    return np.asarray(np.nan_to_num(every).sum(0) / max(int((every[:, :1] >= 0).sum()), 1), dtype=np.float64)


def _occupied(a: Counts, b: Counts) -> tuple[Counts, Counts]:
    """Without the bins that are empty everywhere: most of a fine grid's."""
    used = _used(a, b)
    return a[..., used], b[..., used]


def _used(a: Counts, b: Counts) -> NDArray[np.bool_]:
    size = a.shape[-1]
    return np.asarray((a.reshape(-1, size).sum(0) + b.reshape(-1, size).sum(0)) > 0)


def _distributions(a: Counts, b: Counts) -> tuple[Floats, Floats, Floats, Floats]:
    """Totals (...), NaN where empty, and the distribution functions at the B − 1 inner ends."""
    f, g = (np.cumsum(part, axis=-1, dtype=np.float64) for part in (a, b))
    n, m = (part[..., -1] if part.shape[-1] else part.sum(-1) for part in (f, g))
    n, m = np.broadcast_arrays(np.where(n > 0, n, np.nan), np.where(m > 0, m, np.nan))
    return n, m, f[..., :-1] / n[..., None], g[..., :-1] / (m if g.ndim > 1 else m.reshape(-1)[:1])[..., None]


def _length(pooled: Floats, contact: NDArray[np.bool_], n: Floats) -> Floats:
    """(...) length of the contact set in ½ logit of the pooled distribution."""
    edge = 0.5 / n[..., None]
    inner = np.clip(pooled, edge, 1 - edge)
    stationary = np.log(inner / (1 - inner)) / 2
    inside = contact[..., 1:] & contact[..., :-1]
    return np.asarray((np.diff(stationary, axis=-1) * inside).sum(-1), dtype=np.float64)


@lru_cache(maxsize=64)
def _kolmogorov(confidence: float) -> float:
    from scipy.special import kolmogi

    return float(kolmogi((1.0 - confidence) / 2))


@lru_cache(maxsize=64)
def _critical_table(confidence: float) -> tuple[Floats, Floats]:
    """Lengths l and the c that solve sf(c) + l c φ(c) = (1 − confidence) / 2."""
    from scipy.special import ndtr

    z = normal_score(confidence)
    c = np.linspace(z, z + 4.0, 2000)
    density = np.exp(-(c**2) / 2) / np.sqrt(2 * np.pi)
    return ((1.0 - confidence) / 2 - ndtr(-c)) / (c * density), c


def _critical(length: Floats, confidence: float) -> Floats:
    return np.interp(length, *_critical_table(confidence))


@lru_cache(maxsize=1)
def _draws() -> Floats:
    return np.random.default_rng(0).standard_normal((1024, FEW))


def _supremum(reference: Counts) -> float:
    """Expected supremum of a Brownian bridge over the reference's bin ends."""
    last = reference.reshape(-1, reference.shape[-1]).sum(0)
    fraction = last[last > 0] / last.sum() if last.any() else last[:0]
    if fraction.size > FEW:
        return MEAN_SUPREMUM
    path = np.cumsum(_draws()[:, : fraction.size] * np.sqrt(fraction), axis=1)
    bridge = np.abs(path - path[:, -1:] * np.cumsum(fraction)) if fraction.size else path
    return float(bridge.max(1, initial=0.0).mean())


def _path_variance(histogram: Counts, signed: Floats, step: Floats) -> Floats:
    """(...) variance of ∫ sign(F − G) F̂: of the mean, over rows, of the sign's integral up to the row."""
    influence = np.zeros((*signed.shape[:-1], signed.shape[-1] + 1))
    np.cumsum(np.sign(signed) * step, axis=-1, out=influence[..., 1:])
    rows = np.asarray(histogram, dtype=np.float64)
    total = rows.sum(-1)
    centre = np.einsum("...k,...k->...", rows, influence) / total
    square = np.einsum("...k,...k,...k->...", rows, influence, influence) / total
    return np.asarray(np.maximum(square - centre**2, 0.0) / total, dtype=np.float64)
