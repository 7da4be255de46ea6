"""Distances against SciPy and the textbook, and what they say where nothing changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.metrics.pairs import compared, distributions, pair, value
from watchkeeper.metrics import Context, measure
from watchkeeper.metrics.groups import grouped

N = 20_000
REFERENCE = distributions(N, 1)


def _shifted(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if name in ("year", "integer", "few"):
        return x + (np.random.default_rng(3).random(N) < 0.2)
    return x + 0.1 * np.std(np.clip(x, *np.quantile(x, (0.01, 0.99))))


CURRENT = {name: _shifted(name, x) for name, x in distributions(N, 2).items()}
SMALL = {name: x[:300] for name, x in distributions(N, 4).items()}
FOUND = compared(CURRENT, REFERENCE)
STILL = compared(SMALL, REFERENCE)


@pytest.mark.parametrize("name", list(CURRENT))
def test_kolmogorov_smirnov_is_that_of_scipy(name: str) -> None:
    from scipy.stats import ks_2samp

    for found, current in ((FOUND, CURRENT), (STILL, SMALL)):
        exact = ks_2samp(current[name], REFERENCE[name], method="asymp").statistic
        close = 1e-9 if name in ("few", "year") else 0.005
        assert value(found, "kolmogorov_smirnov", name) == pytest.approx(exact, abs=close)


@pytest.mark.parametrize("name", list(CURRENT))
def test_wasserstein_is_that_of_scipy(name: str) -> None:
    from scipy.stats import wasserstein_distance

    exact = wasserstein_distance(CURRENT[name], REFERENCE[name]) / REFERENCE[name].std(ddof=1)
    assert value(FOUND, "wasserstein", name) == pytest.approx(exact, rel=0.01)


SIX = np.array([0.1, 0.7, 1.3, 2.5, 7.1, 9.9])


def _clumped(n: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Columns in which many rows share a value."""
    rng = np.random.default_rng(seed)
    zero, coded = rng.random(n) < 0.6, rng.random(n) < 0.3
    return {
        "zeros": np.where(zero, 0.0, rng.normal(0, 1, n)),
        "claims": np.where(zero, 0.0, rng.gamma(2, 30, n)),
        "code": np.where(coded, -999.0, np.where(zero, 0.0, rng.normal(3, 1, n))),
        "geometric": rng.geometric(0.02, n).astype(np.float64),
        "six": rng.choice(SIX, n),
    }


MOVES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "shifted": lambda x: x + 0.1 * x.std(),
    "shifted back": lambda x: x - 0.1 * x.std(),
    "scaled": lambda x: x * 1.1,
    "its body": lambda x: np.where(x == 0, x, x + 0.1 * x.std()),
}


@pytest.mark.parametrize("move", MOVES)
def test_where_many_rows_share_a_value_distances_are_those_of_scipy(move: str) -> None:
    from scipy.stats import ks_2samp, wasserstein_distance

    reference = _clumped(N, 1)
    current = {name: MOVES[move](x) for name, x in _clumped(N, 2).items()}
    found = compared(current, reference, ["wasserstein", "kolmogorov_smirnov"])
    for name, x in reference.items():
        exact = wasserstein_distance(current[name], x) / x.std(ddof=1)
        assert value(found, "wasserstein", name) == pytest.approx(exact, rel=0.01), name
        exact = ks_2samp(current[name], x, method="asymp").statistic
        assert value(found, "kolmogorov_smirnov", name) == pytest.approx(exact, abs=0.005), name


def test_new_values_among_few_known_ones_have_a_place() -> None:
    from scipy.stats import wasserstein_distance

    rng = np.random.default_rng(5)
    known, new = rng.integers(0, 5, N).astype(np.float64), rng.normal(2, 1.4, N)
    exact = wasserstein_distance(new, known) / known.std(ddof=1)
    found = compared({"x": new}, {"x": known}, ["wasserstein"])
    assert value(found, "wasserstein") == pytest.approx(exact, rel=0.03)


Shares = NDArray[np.float64]


def _shares(name: str, groups: int, least: float = 0.0) -> tuple[Shares, Shares]:
    """Of current and reference in each group, with at least so many rows in one that either occupies."""
    current, reference = pair({name: CURRENT[name]}, {name: REFERENCE[name]})
    total = reference.everything.total()
    context = Context(current.plan, current.everything, current.everything, total, total)
    found = next(grouped(context, groups))
    now, then = found.now[0, 0], found.then[0, 0]
    used = (now > 0) | (then > 0)
    now, then = (np.maximum(part[used], least) / part.sum() for part in (now, then))
    return now, then


@pytest.mark.parametrize("name", list(CURRENT))
def test_jensen_shannon_is_that_of_scipy_on_its_groups(name: str) -> None:
    from scipy.spatial.distance import jensenshannon

    p, q = _shares(name, 20)
    assert value(FOUND, "jensen_shannon", name) == pytest.approx(jensenshannon(p, q, 2), rel=1e-9)
    assert value(FOUND, "total_variation", name) == pytest.approx(np.abs(p - q).sum() / 2, rel=1e-9)
    assert value(FOUND, "hellinger", name) == pytest.approx(np.sqrt(1 - np.sqrt(p * q).sum()), rel=1e-6)


@pytest.mark.parametrize("name", list(CURRENT))
def test_population_stability_index_is_the_textbook_formula(name: str) -> None:
    p, q = _shares(name, 10, least=0.5)
    assert value(FOUND, "population_stability_index", name) == pytest.approx(((p - q) * np.log(p / q)).sum())


@pytest.mark.parametrize("name", ["normal", "lognormal", "heavy", "bimodal", "kelvin", "integer"])
def test_groups_are_equal_shares_of_the_reference(name: str) -> None:
    _, q = _shares(name, 20)
    assert len(q) == 20
    assert q.min() > 0.025  # a bin of the grid is drawn to one side
    assert q.max() < 0.075


def test_few_values_are_a_group_each_and_new_ones_another() -> None:
    current, reference = {"x": [1.0, 2.0, 2.0, 7.0]}, {"x": [1.0, 2.0] * 50}
    found = compared(current, reference)
    assert value(found, "total_variation") == pytest.approx(0.25 + 0.25 - 0.25)


def test_categories_are_their_values_and_other() -> None:
    from scipy.spatial.distance import jensenshannon

    found = compared({"c": ["a"] * 60 + ["b"] * 30 + ["z"] * 10}, {"c": ["a"] * 50 + ["b"] * 50})
    assert value(found, "jensen_shannon", "c") == pytest.approx(
        jensenshannon([0.6, 0.3, 0.1], [0.5, 0.5, 0], 2)
    )


def test_chi_squared_is_that_of_scipy() -> None:
    from scipy.stats import chi2_contingency

    found = compared({"c": ["a"] * 60 + ["b"] * 40}, {"c": ["a"] * 50 + ["b"] * 70})
    exact = chi2_contingency([[60, 40], [50, 70]], correction=False).statistic
    assert value(found, "chi_squared", "c") == pytest.approx(exact)


def test_a_shift_of_the_mean_in_standard_deviations() -> None:
    x, y = CURRENT["normal"], REFERENCE["normal"]
    e = FOUND["mean_shift", "normal"].estimate
    assert e.value[0] == pytest.approx((x.mean() - y.mean()) / y.std(ddof=1))
    assert e.low[0] < 0.1 < e.high[0]


def test_missing_values_are_no_drift() -> None:
    x = REFERENCE["normal"].copy()
    x[::2] = np.nan
    found = compared({"x": x}, {"x": REFERENCE["normal"]})
    assert found["jensen_shannon", "x"].estimate.low[0] == 0.0
    assert found["jensen_shannon", "x"].estimate.count[0] == N // 2


def test_where_nothing_changed_the_bias_is_what_one_sees_and_nothing_alarms() -> None:
    rng, columns = np.random.default_rng(7), 300
    names = ["jensen_shannon", "population_stability_index", "kolmogorov_smirnov", "wasserstein"]
    current = {f"x{i}": rng.normal(size=200) for i in range(columns)}
    reference = {f"x{i}": rng.normal(size=10_000) for i in range(columns)}
    found = compared(current, reference, names, confidence=0.999)
    for name in names:
        of = [s.estimate for (metric, _), s in found.items() if metric == name]
        assert len(of) == columns
        seen, expected = (
            np.mean([e.value[0] for e in of]),
            np.mean([e.bias[0] for e in of if e.bias is not None]),
        )
        assert seen == pytest.approx(expected, rel=0.1), name
        assert np.mean([e.low[0] > 0 for e in of]) <= 0.01, name


def test_a_shift_of_half_a_standard_deviation_is_certain_in_a_window_of_a_thousand_rows() -> None:
    rng = np.random.default_rng(8)
    rows = {"x": rng.normal(0.5, 1, 1_000)}
    e = compared(rows, {"x": rng.normal(size=10_000)}, confidence=1 - 1e-5)["jensen_shannon", "x"].estimate
    assert e.bias is not None
    assert e.value[0] > e.bias[0] + 0.1
    assert e.low[0] > 0


def test_weighted_rows_drift_as_if_they_were_repeated() -> None:
    rng = np.random.default_rng(9)
    x, w = rng.normal(size=500), rng.integers(1, 4, 500)
    reference = {"x": rng.normal(size=2_000), "w": np.ones(2_000)}
    weighted = compared({"x": x, "w": w.astype(float)}, reference, weight="w")
    repeated = compared({"x": np.repeat(x, w), "w": np.ones(w.sum())}, reference, weight="w")
    for metric in ("jensen_shannon", "kolmogorov_smirnov", "wasserstein", "mean_shift"):
        assert value(weighted, metric) == pytest.approx(value(repeated, metric))
        assert weighted[metric, "x"].estimate.count[0] == 500
    assert weighted["jensen_shannon", "x"].estimate.bias[0] > repeated["jensen_shannon", "x"].estimate.bias[0]  # type: ignore[index]


def test_segments_are_compared_with_their_own_past() -> None:
    rng = np.random.default_rng(10)
    site = rng.choice(["a", "b"], 8_000)
    reference = {"x": rng.normal(size=8_000) + 5 * (site == "b"), "site": site.tolist()}
    now = site[:4_000]
    current = {"x": rng.normal(size=4_000) + 5 * (now == "b") + 1.0 * (now == "a"), "site": now.tolist()}
    profiles = pair(current, reference, segments=["site"], features=["x"])
    found = {
        (s.metric.name, s.segment): s.estimate for s in measure(*profiles) if s.column == "x" and s.segment_by
    }
    assert found["jensen_shannon", "a"].value[0] > 0.25
    assert found["jensen_shannon", "b"].low[0] == 0.0
    assert ("kolmogorov_smirnov", "a") not in found


def test_an_empty_window_has_no_distance() -> None:
    found = compared({"x": np.full(5, np.nan)}, {"x": REFERENCE["normal"]})
    for metric in ("jensen_shannon", "kolmogorov_smirnov", "wasserstein", "mean_shift"):
        assert np.isnan(value(found, metric)), metric
        assert found[metric, "x"].estimate.count[0] == 0


def test_many_windows_are_computed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = compared(
        {"x": CURRENT["normal"]}, {"x": REFERENCE["normal"]}, ["jensen_shannon"], window="500 rows"
    )
    monkeypatch.setattr("watchkeeper.metrics.drift.TOGETHER", 30)  # three windows of twenty groups
    parts = compared(
        {"x": CURRENT["normal"]}, {"x": REFERENCE["normal"]}, ["jensen_shannon"], window="500 rows"
    )
    for field in ("value", "low", "high", "bias"):
        a, b = (getattr(found["jensen_shannon", "x"].estimate, field) for found in (whole, parts))
        assert a.shape == (40,)
        assert np.array_equal(a, b), field


def test_segments_of_one_row_say_nothing() -> None:
    columns = {"x": [1.0, 2.0, 3.0], "site": ["a", "b", "c"]}
    current = {"x": [2.0, 1.0], "site": ["a", "b"]}
    found = measure(*pair(current, columns, segments=["site"], features=["x"]))
    e = next(s for s in found if s.metric.name == "jensen_shannon" and s.segment == "a").estimate
    assert e.value[0] == 1.0
    assert not e.low[0] > 0


@pytest.mark.parametrize("rows", [25, 100])
def test_values_that_a_short_reference_happens_not_to_have_are_no_drift(rows: int) -> None:
    rng = np.random.default_rng(3)
    words = np.array([f"v{i}" for i in range(200)])

    def drawn(n: int) -> dict[str, object]:
        return {"x": rng.normal(size=n).round(1), "c": rng.choice(words, n)}

    found = compared(drawn(600), drawn(rows), ["jensen_shannon"])
    for column in ("x", "c"):
        e = found["jensen_shannon", column].estimate
        assert e.bias is not None
        assert e.value.item() < e.bias.item() + 0.1
    assert found["jensen_shannon", "c"].estimate.bias.item() > 0.4  # most of them are new
