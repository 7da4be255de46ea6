"""A made-up result: a classifier watched for a year, whose inputs drift and whose recall decays in autumn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper import Model
from watchkeeper.metrics.estimate import Estimate, Metric, Series
from watchkeeper.profiles.grid import grid_of
from watchkeeper.profiles.plan import CategoryColumn, NumberColumn, Plan, Segmentation
from watchkeeper.profiles.profile import Profile, Slice
from watchkeeper.profiles.summaries import Calibration, Categories, Confusion, Histogram, Numbers
from watchkeeper.result import METRICS, Result
from watchkeeper.rows import Aside
from watchkeeper.verdicts import Judgement, Windows, find, overall, summarise
from watchkeeper.verdicts.table import alarm_table, metric_table

NAMES = (  # noqa: SIM905
    "dep_delay hour distance temp visib wind_speed precip pressure humid carrier origin dest month weekday "
    "plane_age seats engines sched_air_time dewp wind_dir wind_gust manufacturer engine turnaround prior_delay"
).split()
CATEGORIES = {"carrier", "origin", "dest", "manufacturer", "engine"}
DAY = 86_400_000_000
FIRST = 1_364_774_400_000_000  # 2013-04-01

#        name, family, better, unit, reference value, effect
SHOWN = [
    ("accuracy", "performance", "high", "rate", 0.89),
    ("precision", "performance", "high", "rate", 0.86),
    ("recall", "performance", "high", "rate", 0.83),
    ("f1", "performance", "high", "rate", 0.845),
    ("balanced_accuracy", "performance", "high", "rate", 0.87),
    ("roc_auc", "performance", "high", "rate", 0.93),
    ("average_precision", "performance", "high", "rate", 0.88),
    ("log_loss", "performance", "low", "number", 0.31),
    ("brier_score", "performance", "low", "number", 0.09),
    ("expected_calibration_error", "calibration", "low", "rate", 0.02),
    ("positive_rate", "performance", "none", "rate", 0.21),
]
BANDS = {"accuracy": 0.86, "recall": 0.80}


def metric(name: str, family: Any, better: Any = "none", unit: Any = "number") -> Metric:
    return Metric(name, family, name.replace("_", " "), lambda context: (), better=better, unit=unit)


DRIFT = metric("jensen_shannon", "drift", "low", "distance")
PSI = metric("population_stability_index", "drift", "low", "distance")
MISSING = metric("missing_rate", "quality", "low", "rate")
ROWS = metric("row_count", "quality", "none", "count")
COVERAGE = metric("outcome_coverage", "quality", "high", "rate")


@dataclass(frozen=True)
class Shape:
    """What to make up."""

    windows: int = 334
    features: tuple[str, ...] = tuple(NAMES)
    segments: tuple[tuple[str, int], ...] = (("carrier", 16), ("origin", 3))
    rows: int = 900
    timed: bool = True
    reference: bool = True
    task: str | None = "binary"
    alarms: bool = True
    seed: int = 0


def result(**shape: Any) -> Result:
    """A whole ``Result`` of this ``Shape``."""
    s = Shape(**shape)
    judgements = tuple(_judgements(s, np.random.default_rng(s.seed)))
    windows = _windows(s)
    table = metric_table(judgements, windows, "flight-delay", METRICS)
    findings = find(judgements, windows)
    return Result(
        model=_model(s),
        metrics=table,
        alarms=alarm_table(table, judgements, windows),
        verdict=overall(judgements),
        sentence=summarise(judgements, findings, windows),
        notes=("12 rows lie more than five minutes in the future and were set aside.",),
        current=_profile(s, s.windows, 1.0) if s.features else None,
        reference=_profile(s, 90, 0.0) if s.reference and s.features else None,
        judgements=judgements,
        findings=findings,
    )


def _windows(s: Shape) -> Windows:
    starts = FIRST + DAY * np.arange(s.windows)
    return Windows.of((starts, starts + DAY)) if s.timed else Windows.of(s.windows)


def _model(s: Shape) -> Model:
    return Model(
        name="flight-delay",
        task=s.task,
        timestamp="ts" if s.timed else None,
        prediction="predicted" if s.task else None,
        score="probability" if s.task == "binary" else None,
        outcome="delayed" if s.task else None,
        features=list(s.features) or None,
        segments=[by for by, _ in s.segments],
        window="1d" if s.timed else None,
        bands={name: f">= {edge}" for name, edge in BANDS.items()} if s.task else {},
    )


def _ramp(s: Shape, start: float, size: float) -> NDArray[np.float64]:
    """0 until ``start`` (a share of the period), then up to ``size``."""
    t = np.linspace(0, 1, s.windows)
    return size * np.clip((t - start) / 0.12, 0, 1) * (t >= start) * s.alarms


def _rate(
    rng: np.random.Generator, p: NDArray[np.float64] | float, n: NDArray[np.int64] | int, w: int
) -> Estimate:
    count = np.broadcast_to(np.asarray(n, np.int64), (w,)).copy()
    value = rng.binomial(count, np.clip(p, 0, 1)) / np.maximum(count, 1)
    half = 1.96 * np.sqrt(np.clip(value * (1 - value), 1e-4, None) / np.maximum(count, 1))
    value = np.where(count > 0, value, np.nan)
    return Estimate(value, np.clip(value - half, 0, 1), np.clip(value + half, 0, 1), count)


def _judge(
    m: Metric, e: Estimate, low: float, high: float, where: tuple[Any, Any, Any] = (None, None, None),
    reference: float | None = None, rule: Any = "learned",
) -> Judgement:  # fmt: skip
    w = len(e.value)
    with np.errstate(invalid="ignore"):
        alarm = (e.high < low) | (e.low > high)
        unclear = ~alarm & ((e.low < low) | (e.high > high))
    verdict = np.where(alarm, "alarm", np.where(unclear, "unclear", "ok")).astype(object)
    verdict[e.count == 0] = "no_data"
    sentences = {int(i): f"{m.name} is {e.value[i]:.3g}." for i in np.flatnonzero(alarm | unclear)}
    base = None
    if reference is not None:
        one = np.array([reference])
        base = Estimate(one, one, one, np.array([1]))
    series = Series(m, where[0], where[1], where[2], e, base)
    return Judgement(
        series, verdict, np.full(w, low if np.isfinite(low) else np.nan),
        np.full(w, high if np.isfinite(high) else np.nan), sentences, rule,
    )  # fmt: skip


def _plain(
    m: Metric, e: Estimate, column: str | None = None, by: Any = None, segment: Any = None
) -> Judgement:
    nothing = np.full(len(e.value), np.nan)
    verdict = np.full(len(e.value), None, dtype=object)
    return Judgement(Series(m, column, by, segment, e), verdict, nothing, nothing, {}, "none")


def _judgements(s: Shape, rng: np.random.Generator) -> Any:
    w = s.windows
    weekly = 1 + 0.12 * np.sin(np.arange(w) * 2 * np.pi / 7)
    rows = (s.rows * weekly * rng.uniform(0.9, 1.1, w)).astype(np.int64)
    if w > 60 and s.alarms:
        rows[40] = 0
    yield _plain(ROWS, Estimate(rows.astype(float), np.full(w, np.nan), np.full(w, np.nan), rows))
    if s.task:
        yield from _performance(s, rng, rows)
        yield from _segments(s, rng)
    yield from _features(s, rng, rows)


def _performance(s: Shape, rng: np.random.Generator, rows: NDArray[np.int64]) -> Any:
    for i, (name, family, better, unit, base) in enumerate(SHOWN):
        sign = {"high": -1, "low": 1, "none": 0}[better]
        p = base + sign * _ramp(
            s, 0.58 if name == "recall" else 0.75, 0.09 if name == "recall" else 0.03 * (i < 6)
        )
        p = p + 0.008 * np.sin(np.arange(s.windows) / 17 + i)
        e = _rate(rng, p, np.maximum(rows // 3, 0), s.windows)
        if name in BANDS:
            yield _judge(
                metric(name, family, better, unit), e, BANDS[name], np.inf, reference=base, rule="band"
            )
        else:
            yield _judge(metric(name, family, better, unit), e, base - 0.06, base + 0.06, reference=base)
    yield _plain(COVERAGE, _rate(rng, 0.97, rows, s.windows))


def _segments(s: Shape, rng: np.random.Generator) -> Any:
    for by, count in s.segments:
        for k in range(count):
            name = f"{by.upper()[0]}{k:02d}" if k < count - 1 else "other"
            rows = np.full(s.windows, max(s.rows // (2 + 3 * k), 3))
            for m, base in (("accuracy", 0.89), ("recall", 0.83), ("precision", 0.86)):
                shift = 0.02 * np.sin(k * 2.3) - 0.12 * (k == 3) * (m != "precision") * s.alarms
                e = _rate(rng, base + shift, np.maximum(rows // 3, 2), s.windows)
                where = (None, by, name)
                yield _judge(metric(m, "performance", "high", "rate"), e, 0.7, np.inf, where, base)


def _features(s: Shape, rng: np.random.Generator, rows: NDArray[np.int64]) -> Any:
    w = s.windows
    for k, name in enumerate(s.features):
        drift = _ramp(s, 0.3 + 0.1 * (k % 5), 0.25) if k in (3, 5, 12, 20) else _ramp(s, 0.5, 0.02)
        value = np.abs(rng.normal(0.035, 0.006, w)) + drift
        value[rows == 0] = np.nan
        if s.reference:
            e = Estimate(value, np.clip(value - 0.02, 0, 1), value + 0.02, rows)
            yield _judge(DRIFT, e, -np.inf, 0.12, (name, None, None), 0.0)
            yield _plain(PSI, replace(e, value=value**2 * 8, low=e.low**2 * 8, high=e.high**2 * 8), name)
        p = np.full(w, 0.004 * (k % 4)) + (k == 4) * 0.5 * ((np.arange(w) > w * 0.8) & s.alarms)
        yield _judge(MISSING, _rate(rng, p, rows, w), -np.inf, 0.05, (name, None, None), 0.004 * (k % 4))


def _profile(s: Shape, windows: int, drift: float) -> Profile:
    rng = np.random.default_rng(s.seed + windows)
    columns: list[Any] = []
    numbers: dict[str, Numbers] = {}
    categories: dict[str, Categories] = {}
    for k, name in enumerate(s.features):
        if name in CATEGORIES:
            columns.append(_category(name))
            categories[name] = _counted(rng, columns[-1], windows, s.rows)
        else:
            columns.append(_number(k, name))
            numbers[name] = _binned(rng, columns[-1], windows, s.rows, drift * (k in (3, 5, 12, 20)))
    classes = (0.0, 1.0) if s.task == "binary" else ()
    plan = Plan(
        _model(s), tuple(columns), tuple(Segmentation(by, (by,), ("other",)) for by, _ in s.segments), classes
    )
    rows = np.full((windows, 1), s.rows)
    everything = Slice(
        None, rows, rows * 1.0, rows * 1.0, numbers, categories,
        confusion=_confusion(s.rows, windows, drift) if s.task == "binary" else None,
        calibration=_calibration(windows, drift) if s.task == "binary" else None,
    )  # fmt: skip
    return Profile(plan, FIRST + DAY * np.arange(windows), {None: everything}, Aside({"in the future": 12}))


def _number(k: int, name: str) -> NumberColumn:
    rng = np.random.default_rng(k)
    sample = (
        rng.integers(1, 13, 4000).astype(float) if name == "month" else rng.normal(50 + k, 4 + k % 6, 4000)
    )
    return NumberColumn(name, grid_of(sample), float(np.median(sample)), 5.0, tuple(range(11)))


def _category(name: str) -> CategoryColumn:
    return CategoryColumn(name, tuple(f"{name[:3].upper()}{i}" for i in range(16)), True)


def _binned(rng: np.random.Generator, c: NumberColumn, windows: int, rows: int, drift: float) -> Numbers:
    k = int(c.centre) - 50
    values = rng.normal(50 + k + 4 * drift, 4 + k % 6, windows * 40)
    if c.name == "month":
        values = rng.integers(1, 13 if not drift else 7, windows * 40).astype(float)
    counts = np.zeros((windows, 1, c.grid.size), np.int64)
    np.add.at(counts, (np.repeat(np.arange(windows), 40), 0, c.grid.index(values)), max(rows // 40, 1))
    zero = np.zeros((windows, 1), np.int64)
    return Numbers(counts.sum(2), zero + 3, zero, zero, zero, Histogram(0, counts))


def _counted(rng: np.random.Generator, c: CategoryColumn, windows: int, rows: int) -> Categories:
    p = 1 / (1.0 + np.arange(len(c.values) + 1))
    counts = rng.multinomial(rows, p / p.sum(), size=windows)[:, None, :]
    return Categories(counts, *np.zeros((2, windows, 1), np.int64))


def _confusion(rows: int, windows: int, drift: float) -> Confusion:
    tp = int(rows * 0.2 * (0.83 - 0.05 * drift))
    fn, fp = int(rows * 0.2) - tp, int(rows * 0.03)
    matrix = np.array([[rows - tp - fn - fp, fp, 0], [fn, tp, 0], [0, 0, 0]])
    one = np.broadcast_to(matrix, (windows, 1, 3, 3)).copy()
    return Confusion(one.sum(3), one.sum(2), np.diagonal(one, axis1=2, axis2=3), one.sum(2), one.sum(3), one)


def _calibration(windows: int, drift: float) -> Calibration:
    middle = (np.arange(20) + 0.5) / 20
    counts = np.broadcast_to((60 * (1.2 - np.sin(np.pi * middle))).astype(np.int64), (windows, 1, 20)).copy()
    happened = np.round(counts * np.clip(middle * (1 - 0.15 * drift), 0, 1)).astype(np.int64)
    zero = np.zeros((windows, 1))
    return Calibration(
        counts, happened, counts * middle, zero, zero, zero, zero.astype(np.int64), zero.astype(np.int64)
    )
