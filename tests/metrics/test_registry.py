"""The registry: names are unique, complete and documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.metrics import METRICS, Metric, metrics_for, reference
from watchkeeper.metrics.registry import JUDGED
from watchkeeper.model import Model

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
CONTRACT = [
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "specificity",
    "matthews_corrcoef",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier_score",
    "mean_absolute_error",
    "root_mean_squared_error",
    "mean_error",
    "mean_absolute_percentage_error",
    "r2",
    "row_count",
    "missing_rate",
    "new_category_rate",
    "out_of_range_rate",
    "stuck_rate",
    "population_stability_index",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "wasserstein",
    "hellinger",
    "total_variation",
    "expected_calibration_error",
    "outcome_coverage",
    "precision_macro",
    "recall_micro",
    "f1_weighted",
    "request_rate",
    "error_rate",
    "latency_p95",
    "memory",
    "cpu",
    "model_age",
]


@pytest.mark.parametrize("name", CONTRACT)
def test_the_contract_has_this_name(name: str) -> None:
    assert METRICS[name].name == name


@pytest.mark.parametrize("metric", METRICS.values(), ids=str(list(METRICS)).split(", "))
def test_each_metric_says_what_it_is(metric: Metric) -> None:
    assert metric.summary.endswith(".")
    assert metric.name == metric.name.lower()


@pytest.mark.parametrize("name", sorted(JUDGED))
def test_what_is_judged_has_an_effect_worth_telling(name: str) -> None:
    assert METRICS[name].effect is not None or name == "mean_error"


@pytest.mark.parametrize(
    ("task", "has", "lacks"),
    [("binary", "roc_auc", "f1_macro"), ("multiclass", "f1_macro", "r2"), ("regression", "r2", "accuracy"),
     (None, "jensen_shannon", "accuracy")],
)  # fmt: skip
def test_metrics_fit_the_task(task: str | None, has: str, lacks: str) -> None:
    names = {m.name for m in metrics_for(Model(task=task, prediction="p", outcome="y") if task else Model())}
    assert has in names
    assert lacks not in names


def test_the_page_of_all_metrics_is_current() -> None:
    assert DOCS.read_text(encoding="utf-8") == reference(), (
        "docs/metrics.md is older than the code: make docs"
    )


def test_the_page_names_every_metric() -> None:
    page = reference()
    assert all(f"`{name}`" in page for name in METRICS)
