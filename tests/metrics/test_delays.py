"""How late outcomes came, against NumPy's quantiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from watchkeeper.metrics.delays import METRICS
from watchkeeper.model import Model
from watchkeeper.rows import OUTCOME_DELAY

MODEL = Model(task="binary", prediction="said", outcome="happened", segments=["place"])


def columns(delays: Any) -> dict[str, Any]:
    n = len(delays)
    happened = [None if np.isnan(d) else 1.0 for d in delays]
    return {"said": [0.0, 1.0] * (n // 2), "happened": happened, "place": ["a"] * n, OUTCOME_DELAY: delays}


def test_quantiles_are_those_of_the_delays(measured: Callable[..., Any], rng: np.random.Generator) -> None:
    delays = rng.lognormal(np.log(86_400 * 3), 1.5, 20_000)
    delays[::5] = np.nan
    found = measured(MODEL, columns(delays)).numbers(METRICS)
    for name, q in (("outcome_delay_p50", 0.5), ("outcome_delay_p95", 0.95)):
        estimate, exact = found[name, None], np.nanquantile(delays, q, method="inverted_cdf")
        assert estimate.value.item() == pytest.approx(exact, rel=0.01)
        assert estimate.low.item() < exact < estimate.high.item()
        assert estimate.count.item() == 16_000


@pytest.mark.parametrize("seconds", [1e-6, 0.5, 30 * 86_400.0, 5 * 365 * 86_400.0])
def test_delays_of_milliseconds_and_of_years_have_their_place(
    measured: Callable[..., Any], seconds: float
) -> None:
    found = measured(MODEL, columns(np.full(100, seconds))).numbers(METRICS)
    assert found["outcome_delay_p50", None].value.item() == pytest.approx(seconds, rel=0.016, abs=1e-3)


@pytest.mark.parametrize("nothing", [np.nan, 0.0, -5.0])
def test_without_a_delay_there_is_no_number(measured: Callable[..., Any], nothing: float) -> None:
    assert measured(MODEL, columns(np.full(4, nothing))).numbers(METRICS) == {}


def test_the_delay_is_no_feature_and_of_all_rows_only(measured: Callable[..., Any]) -> None:
    made = measured(MODEL, columns(np.full(4, 5.0)))
    assert OUTCOME_DELAY not in made.plan.numbers
    assert made.numbers(METRICS, "place") == {}


def test_few_outcomes_do_not_bound_the_95th_percentile(measured: Callable[..., Any]) -> None:
    found = measured(MODEL, columns(np.arange(1.0, 21.0))).numbers(METRICS)
    assert found["outcome_delay_p95", None].high.item() == np.inf
    assert found["outcome_delay_p50", None].low.item() > 0
