"""Wording: how numbers and metrics are written for people, in sentences, charts and reports alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from watchkeeper.metrics import Unit, is_estimated, realised

__all__ = ["listing", "name_of", "title_of", "write", "write_band", "write_difference", "write_interval"]

LENGTHS = ((86_400.0, " days"), (3_600.0, " h"), (60.0, " min"))  # from two of them on
SIZES = ((1e12, " TB"), (1e9, " GB"), (1e6, " MB"), (1e3, " kB"))
NAMES = {
    "jensen_shannon": "Jensen–Shannon distance",
    "kolmogorov_smirnov": "Kolmogorov–Smirnov distance",
    "population_stability_index": "population stability index",
    "wasserstein": "Wasserstein distance",
    "hellinger": "Hellinger distance",
    "total_variation": "total variation distance",
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "matthews_corrcoef": "Matthews correlation coefficient",
    "cohen_kappa": "Cohen's kappa",
    "r2": "R²",
    "cpu": "CPU",
    "latency_p50": "median latency",
    "latency_p95": "95th percentile of latency",
    "latency_p99": "99th percentile of latency",
    "outcome_delay_p50": "median delay of outcomes",
    "outcome_delay_p95": "95th percentile of the delay of outcomes",
    "model_age": "age of the model",
    "request_rate": "requests per second",
    "job_count": "number of runs",
    "job_duration": "duration",
    "job_failed_rate": "rate of failed runs",
    "job_rows": "number of rows",
    "job_memory": "memory",
    "job_cpu": "CPU",
    "brier_score": "Brier score",
    "row_count": "number of rows",
}
AVERAGES = ("macro", "micro", "weighted")


def listing(parts: Sequence[str]) -> str:
    """
    >>> listing(["age", "income", "city"])
    'age, income and city'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def name_of(metric: str) -> str:
    """A metric's name in words, as it stands inside a sentence.

    >>> name_of("mean_absolute_error"), name_of("f1_macro"), name_of("accuracy_vs_rest")
    ('mean absolute error', 'F1 (macro)', 'accuracy against the rest')
    """
    if metric in NAMES:
        return NAMES[metric]
    if is_estimated(metric):
        return f"estimated {name_of(realised(metric))}"
    if metric.endswith("_vs_rest"):
        return f"{name_of(metric.removesuffix('_vs_rest'))} against the rest"
    stem, _, last = metric.rpartition("_")
    if stem and last in AVERAGES:
        return f"{name_of(stem)} ({last})"
    return metric.replace("_", " ")


def title_of(metric: str) -> str:
    """A metric's name in words, as it begins a sentence.

    >>> title_of("accuracy"), title_of("roc_auc")
    ('Accuracy', 'ROC AUC')
    """
    name = name_of(metric)
    return name[:1].upper() + name[1:]


def write(value: float, unit: Unit = "number") -> str:
    """A number with its unit.

    >>> write(0.842, "rate"), write(0.0024, "rate"), write(4915, "count"), write(0.3127, "distance")
    ('84.2 %', '0.24 %', '4,915', '0.31')
    >>> write(12345.678), write(0.25, "seconds"), write(float("nan"))
    ('12,346', '250 ms', 'unknown')
    >>> write(5400, "seconds"), write(8.64e6, "seconds"), write(1.25e9, "bytes")
    ('90 min', '100 days', '1.25 GB')
    """
    digits, suffix = _parts(value, unit, abs(value))
    return digits + suffix


def write_interval(low: float, high: float, unit: Unit = "number") -> str:
    """Both ends of an interval, equally precise, with their unit.

    >>> write_interval(0.831, 0.853, "rate"), write_interval(0.9998, 1, "rate"), write_interval(0, 12, "count")
    ('83.1 to 85.3 %', '99.98 to 100 %', '0 to 12')
    >>> write_interval(0.012, float("inf"), "seconds")
    '12 ms to ∞'
    """
    if math.isnan(low) or math.isnan(high):
        return "unknown"
    scale = max((abs(end) for end in (low, high) if math.isfinite(end)), default=0.0)
    (first, before), (second, after) = _parts(low, unit, scale), _parts(high, unit, scale)
    return f"{first} to {second}{after}" if before == after else f"{first}{before} to {second}{after}"


def write_difference(difference: float, unit: Unit = "number") -> str:
    """The size of a difference: rates in points.

    >>> write_difference(-0.054, "rate"), write_difference(0.01, "rate"), write_difference(3.2)
    ('5.4 points', '1 point', '3.2')
    """
    size = abs(difference)
    if unit != "rate":
        return write(size, unit)
    digits = _rate(size, size).removesuffix(".0")
    return f"{digits} point" + ("" if digits == "1" else "s")


def write_band(low: float, high: float, unit: Unit = "number") -> str:
    """Where a number may be: an end that is NaN or infinite is open.

    >>> write_band(0.88, float("inf"), "rate"), write_band(0.1, 0.3, "rate")
    ('at least 88 %', '10 to 30 %')
    """
    below, above = math.isfinite(low), math.isfinite(high)
    if below and above:
        return _plain(write_interval(low, high, unit))
    return _plain(
        f"at least {write(low, unit)}" if below else f"at most {write(high, unit)}" if above else "anything"
    )


def _plain(text: str) -> str:
    """Round numbers that people set are written as they set them: 88 %, not 88.0 %."""
    return text.replace(".0 ", " ")


def _parts(value: float, unit: Unit, scale: float) -> tuple[str, str]:
    """Digits and suffix; ``scale`` is the size that the number of decimals follows."""
    if math.isnan(value):
        return "unknown", ""
    if math.isinf(value):
        return ("∞" if value > 0 else "−∞"), ""
    if unit == "rate":
        return _rate(value, scale), " %"
    if unit == "count":
        return f"{value:,.0f}", ""
    if unit == "seconds":
        return _length(value, scale)
    if unit == "bytes":
        return _size(value, scale)
    if unit == "distance":
        return f"{value:.{2 if scale >= 0.1 else 3}f}", ""
    return _number(value, scale), ""


def _length(value: float, scale: float) -> tuple[str, str]:
    if scale < 1:
        return _number(1e3 * value, 1e3 * scale), " ms"
    for seconds, name in LENGTHS:
        if scale >= 2 * seconds:
            return _number(value / seconds, scale / seconds), name
    return _number(value, scale), " s"


def _size(value: float, scale: float) -> tuple[str, str]:
    for many, name in SIZES:
        if scale >= many:
            return _number(value / many, scale / many), name
    return f"{value:,.0f}", " bytes"


def _rate(value: float, scale: float) -> str:
    percent, scale = 100 * value, 100 * scale
    # two decimals below one percent, and near 100 % where the errors are what counts
    decimals = 3 if 0 < scale < 0.1 else 2 if 0 < scale < 1 or 99.5 < scale < 100 else 1
    while value < 1 and decimals < 4 and f"{percent:.{decimals}f}".startswith("100."):
        decimals += 1  # nearly all is not all
    text = f"{percent:.{decimals}f}"
    return "0" if value == 0 else "100" if value == 1 else text


def _number(value: float, scale: float) -> str:
    """Four significant digits of the scale, without a tail of zeros."""
    if scale != 0 and not 1e-4 <= scale < 1e12:
        return f"{value:.3g}"
    decimals = 0 if scale == 0 else max(0, 3 - math.floor(math.log10(scale)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
