"""Performance by a whole check against scikit-learn, per window and per segment; however the rows are cut up."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context, datasets, metrics
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import watchkeeper as wk

SEGMENTS = ["carrier", "terminal", ["carrier", wk.Bins("age", [30, 55])], wk.Bins("age", [25, 40, 65]),
            wk.Where("premium", "plan = 'gold' and age >= 30")]  # fmt: skip
FEW = [["carrier", wk.Bins("age", [30, 55])], SEGMENTS[-1]]
BY_COUNTS, BY_ORDER = 1e-9, 1e-4
Rows = pd.DataFrame
Score = Callable[[Rows], float]


def setting(n: int, seed: int, days: int = 2) -> Rows:
    """When and for whom: the columns that windows and segments go by."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-03-01", tz="UTC")
    return pd.DataFrame({
        "ts": start + pd.to_timedelta(np.sort(rng.integers(0, days * 86_400, n)), unit="s"),
        "carrier": rng.choice(["UA", "AA", "it's × 1"], n, p=[0.55, 0.4, 0.05]),
        "terminal": rng.integers(1, 4, n),
        "age": np.round(rng.uniform(18, 90, n), 1),
        "plan": np.where(rng.random(n) < 0.1, None, rng.choice(["gold", "basic"], n)),
        "weight": rng.choice([0.0, 0.25, 1.0, 3.5], n, p=[0.05, 0.35, 0.4, 0.2]),
    })  # fmt: skip


def segment_of(rows: Rows) -> dict[str, pd.Series]:
    """Each row's value in every segmentation, by pandas alone."""
    age = pd.cut(
        rows["age"], [-np.inf, 25, 40, 65, np.inf], right=False, labels=["< 25", "25 – 40", "40 – 65", "≥ 65"]
    )
    thirds = pd.cut(rows["age"], [-np.inf, 30, 55, np.inf], right=False, labels=["< 30", "30 – 55", "≥ 55"])
    premium = (rows["plan"] == "gold") & (rows["age"] >= 30)
    return {
        "carrier": rows["carrier"],
        "terminal": rows["terminal"].astype(str),
        "carrier × age": rows["carrier"] + " × " + thirds.astype(str),
        "age": age.astype(str),
        "premium": pd.Series(np.where(premium, "premium", "not premium"), index=rows.index),
    }


def selections(table: Rows, rows: Rows) -> Iterator[tuple[Any, Rows]]:
    """Every number of the table with the rows that it is of."""
    segments, day = segment_of(rows), rows["ts"].dt.floor("D")
    for key, part in table.groupby(["window_start", "segment_by", "segment"], dropna=False):
        start, by, value = key
        chosen = day == start
        if isinstance(by, str):
            chosen &= segments[by] == value
        for number in part.itertuples():
            yield number, rows[chosen]


def compare(result: wk.Result, rows: Rows, scores: dict[str, Score], tolerance: float) -> None:
    """Every value equals its score: where scikit-learn's is undefined, ours is NaN."""
    table = result.metrics.to_pandas()
    table = table[
        table["metric"].isin(list(scores)) & (table["column"].isna() | (result.model.task == "multiclass"))
    ]
    seen = dict.fromkeys([None, *(split.by for split in result.model.segmentations)], 0)
    missed = []
    for number, chosen in selections(table, rows):
        label = number.column if isinstance(number.column, str) else None
        with warnings.catch_warnings(), config_context(skip_parameter_validation=True):
            warnings.simplefilter("ignore")
            expected = scores[number.metric](chosen.assign(label=label)) if len(chosen) else np.nan
        if not np.isclose(number.value, expected, rtol=tolerance, atol=tolerance, equal_nan=True):
            missed.append((number.segment, number.metric, label, number.value, expected, number.count))
        seen[number.segment_by if isinstance(number.segment_by, str) else None] += np.isfinite(number.value)
    assert not missed, missed[:5]
    assert set(table["metric"]) == set(scores)
    assert all(seen.values()), seen


def scored(function: Callable[..., float], predicted: str | list[str] = "said", **options: Any) -> Score:
    """A scikit-learn metric on the rows whose outcome is known, with their weights."""

    def score(rows: Rows) -> float:
        known = rows.dropna(subset=["truth"])
        if not known["w"].sum():
            return np.nan
        return float(function(known["truth"], known[predicted], sample_weight=known["w"], **options))

    return score


def where(defined: Callable[[Rows], bool], score: Score) -> Score:
    """NaN where a number has no meaning and scikit-learn says 0."""
    return lambda rows: score(rows) if defined(rows[rows["truth"].notna() & (rows["w"] > 0)]) else np.nan


def both_classes(rows: Rows) -> bool:
    return rows["truth"].nunique() > 1


def any_positive(rows: Rows) -> bool:
    return bool((rows["truth"] == 1).any())


def varies(rows: Rows) -> bool:
    return both_classes(rows) and rows["said"].nunique() > 1


def at_odds(rows: Rows) -> bool:
    return not (rows["truth"].nunique() == 1 and set(rows["truth"]) == set(rows["said"]))


def average_of(which: int) -> Callable[..., float]:
    return lambda *columns, sample_weight: np.average(columns[which], weights=sample_weight)


BINARY: dict[str, Score] = {
    "accuracy": scored(metrics.accuracy_score),
    "balanced_accuracy": scored(metrics.balanced_accuracy_score),
    "precision": scored(metrics.precision_score, zero_division=np.nan),
    "recall": scored(metrics.recall_score, zero_division=np.nan),
    "f1": scored(metrics.f1_score, zero_division=np.nan),
    "specificity": scored(metrics.recall_score, pos_label=0.0, zero_division=np.nan),
    "negative_predictive_value": scored(metrics.precision_score, pos_label=0.0, zero_division=np.nan),
    "matthews_corrcoef": where(varies, scored(metrics.matthews_corrcoef)),
    "cohen_kappa": where(at_odds, scored(metrics.cohen_kappa_score)),
    "log_loss": scored(metrics.log_loss, "score", labels=[0.0, 1.0]),
    "brier_score": scored(metrics.brier_score_loss, "score", pos_label=1.0),
    "positive_rate": scored(average_of(0)),
    "outcome_coverage": lambda rows: rows["w"][rows["truth"].notna()].sum() / rows["w"].sum(),
}
RANKING: dict[str, Score] = {
    "roc_auc": where(both_classes, scored(metrics.roc_auc_score, "score")),
    "average_precision": where(any_positive, scored(metrics.average_precision_score, "score")),
}


LABELS = {
    "text": ({0.0: "- 50000.", 1.0: "50000+."}, "50000+."),
    "other_text": ({0.0: "50000+.", 1.0: "- 50000."}, "- 50000."),
    "boolean": ({0.0: False, 1.0: True}, True),
    "integer": ({0.0: 0, 1.0: 1}, 1),
    "float": ({0.0: 0.0, 1.0: 1.0}, 1),
    "inverted": ({0.0: 1, 1.0: 0}, 0),
}


def binary_rows(n: int = 4_000, seed: int = 1) -> Rows:
    """Scores, labels at 0.4 and outcomes, a tenth unknown; ``truth`` and ``said`` as numbers, ``w`` the weight."""
    rows, rng = setting(n, seed), np.random.default_rng(seed + 100)
    score = 1 / (1 + np.exp(-rng.normal(-0.5, 2.0, n)))
    rows["score"] = np.where(
        rng.random(n) < 0.02, np.round(score), score
    )  # a few that are certain, and wrong
    rows["truth"] = np.where(rng.random(n) < 0.1, np.nan, rng.random(n) < score).astype(float)
    rows["said"] = (rows["score"] >= 0.4).astype(float)
    return rows.assign(w=1.0)


def written(column: pd.Series, words: dict[float, Any]) -> list[Any]:
    return [None if np.isnan(value) else words[value] for value in column]


def frame_of(rows: Rows) -> Rows:
    return rows.drop(columns=[c for c in ("truth", "said", "w", "label") if c in rows])


def binary_check(rows: Rows, labels: str = "integer", **options: Any) -> wk.Result:
    words, positive = LABELS[labels]
    frame = frame_of(rows).assign(
        outcome=written(rows["truth"], words), prediction=written(rows["said"], words)
    )
    model = {
        "prediction": "prediction",
        "positive": positive,
        "segments": SEGMENTS,
        "features": ["age"],
    } | options
    return wk.check(
        frame, model=wk.Model(task="binary", timestamp="ts", score="score", outcome="outcome", **model)
    )


def test_binary_equals_scikit_learn():
    rows = binary_rows()
    result = binary_check(rows, "text")
    compare(result, rows, BINARY, BY_COUNTS)
    compare(result, rows, RANKING, BY_ORDER)


@pytest.mark.parametrize("labels", [labels for labels in LABELS if labels != "text"])
def test_how_labels_are_written_changes_no_number(labels):
    rows = binary_rows()
    chosen = pc.field("metric").isin([*BINARY, *RANKING, "predicted_positive_rate"])
    one, other = (binary_check(rows, written).metrics.filter(chosen) for written in ("text", labels))
    assert one.equals(other)
    assert one.num_rows == 44 * (len(BINARY) + len(RANKING) + 1)


def test_binary_equals_scikit_learn_with_weights():
    rows = binary_rows(seed=2)
    rows["w"] = rows["weight"]
    result = binary_check(rows, "text", weight="weight")
    compare(result, rows, BINARY, BY_COUNTS)
    compare(result, rows, RANKING, BY_ORDER)


def test_a_threshold_makes_the_labels_where_only_scores_are_logged():
    rows = binary_rows(seed=3)
    compare(binary_check(rows, "boolean", prediction=None, threshold=0.4), rows, BINARY, BY_COUNTS)


def test_breast_cancer_equals_scikit_learn():
    data = datasets.load_breast_cancer()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    rows = setting(len(data.target), 4, days=1).assign(w=1.0, truth=data.target.astype(float))
    rows["score"] = cross_val_predict(model, data.data, data.target, cv=5, method="predict_proba")[:, 1]
    rows["said"] = (rows["score"] >= 0.5).astype(float)
    result = binary_check(rows, "text")
    compare(result, rows, BINARY, BY_COUNTS)
    compare(result, rows, RANKING, BY_ORDER)


def multiclass_scores(classes: list[str]) -> dict[str, Score]:
    def averaged(function: Callable[..., float], average: str) -> Score:
        return scored(function, average=average, zero_division=0)

    def of_class(function: Callable[..., float]) -> Score:
        options = {"average": "macro", "zero_division": np.nan}
        return lambda rows: scored(function, labels=[rows["label"].iloc[0]], **options)(rows)

    by_name = {name: getattr(metrics, f"{name}_score") for name in ("precision", "recall", "f1")}
    return {
        "accuracy": scored(metrics.accuracy_score),
        "balanced_accuracy": scored(metrics.balanced_accuracy_score),
        "matthews_corrcoef": where(varies, scored(metrics.matthews_corrcoef)),
        "cohen_kappa": where(at_odds, scored(metrics.cohen_kappa_score)),
        "log_loss": scored(metrics.log_loss, [f"p_{c}" for c in classes], labels=classes),
        **{name: of_class(function) for name, function in by_name.items()},
        **{f"{name}_{average}": averaged(function, average)
           for name, function in by_name.items() for average in ("macro", "micro", "weighted")},
    }  # fmt: skip


def multiclass_areas() -> dict[str, Score]:
    def one(function: Callable[..., float], least: int) -> Score:
        def score(rows: Rows) -> float:
            some, label = rows.dropna(subset=["truth"]), rows["label"].iloc[0]
            happened = some["truth"] == label
            defined = happened.any() and happened.nunique() >= least
            return (
                float(function(happened, some[f"p_{label}"], sample_weight=some["w"])) if defined else np.nan
            )

        return score

    return {
        "roc_auc": one(metrics.roc_auc_score, 2),
        "average_precision": one(metrics.average_precision_score, 1),
    }


def multiclass_check(rows: Rows, classes: list[str], **options: Any) -> wk.Result:
    frame = frame_of(rows).assign(outcome=rows["truth"], prediction=rows["said"])
    model = wk.Model(
        task="multiclass", timestamp="ts", prediction="prediction", outcome="outcome", features=["age"],
        score={c: f"p_{c}" for c in classes}, segments=FEW, **options,
    )  # fmt: skip
    return wk.check(frame, model=model)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_multiclass_equals_scikit_learn(weight):
    classes, n, rng = ["ant", "bee", "cat", "dog"], 1_500, np.random.default_rng(5)
    rows = setting(n, 5)
    scores = rng.dirichlet([2.0, 1.0, 0.5, 0.1], n)
    rows[[f"p_{c}" for c in classes]] = scores
    drawn = (rng.random((n, 1)) > scores.cumsum(axis=1)).sum(axis=1).clip(max=3)
    rows["truth"] = np.where(rng.random(n) < 0.05, None, np.array(classes, dtype=object)[drawn])
    rows["said"] = np.array(classes, dtype=object)[scores.argmax(axis=1)]
    rows["w"] = 1.0 if weight is None else rows[weight]
    rows = rows[rows["w"] > 0]
    result = multiclass_check(rows, classes, weight=weight)
    compare(result, rows, multiclass_scores(classes), BY_COUNTS)
    compare(result, rows, multiclass_areas(), BY_ORDER)


def test_iris_equals_scikit_learn():
    data = datasets.load_iris()
    names = np.array([str(name) for name in data.target_names], dtype=object)
    rows = setting(len(data.target), 6, days=1).assign(w=1.0, truth=names[data.target])
    scores = cross_val_predict(
        LogisticRegression(C=0.05), data.data, data.target, cv=5, method="predict_proba"
    )
    rows[[f"p_{name}" for name in names]] = scores
    rows["said"] = names[scores.argmax(axis=1)]
    result = multiclass_check(rows, list(names))
    compare(result, rows, multiclass_scores(list(names)), BY_COUNTS)
    compare(result, rows, multiclass_areas(), BY_ORDER)


REGRESSION: dict[str, Score] = {
    "mean_absolute_error": scored(metrics.mean_absolute_error),
    "mean_squared_error": scored(metrics.mean_squared_error),
    "root_mean_squared_error": scored(metrics.root_mean_squared_error),
    "mean_absolute_percentage_error": scored(metrics.mean_absolute_percentage_error),
    "r2": where(both_classes, scored(metrics.r2_score)),
    "mean_error": scored(lambda y, p, sample_weight: np.average(p - y, weights=sample_weight)),
    "outcome_mean": scored(average_of(0)),
    "prediction_mean": scored(average_of(1)),
}


def regression_check(rows: Rows, **options: Any) -> wk.Result:
    frame = frame_of(rows).assign(outcome=rows["truth"], prediction=rows["said"])
    model = wk.Model(task="regression", timestamp="ts", prediction="prediction", outcome="outcome", features=["age"],
                     segments=SEGMENTS, **options)  # fmt: skip
    return wk.check(frame, model=model)


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_regression_equals_scikit_learn(weight, offset):
    n, rng = 3_000, np.random.default_rng(7)
    rows = setting(n, 7)
    truth = offset + rng.gamma(2.0, 30.0, n)
    rows["said"] = truth + rng.standard_t(3, n) * 10 + 1
    rows["truth"] = np.where(rng.random(n) < 0.05, np.nan, truth)
    rows["w"] = 1.0 if weight is None else rows[weight]
    compare(regression_check(rows, weight=weight), rows, REGRESSION, BY_COUNTS)


def test_diabetes_equals_scikit_learn():
    data = datasets.load_diabetes()
    rows = setting(len(data.target), 8, days=1).assign(w=1.0, truth=data.target)
    rows["said"] = cross_val_predict(LinearRegression(), data.data, data.target, cv=5)
    compare(regression_check(rows), rows, REGRESSION, BY_COUNTS)


def rows_of_any_kind(n: int) -> Rows:
    """Everything that a check sums: missing values, ids, runs, weights, scores, numbers of every size."""
    rng, rows = np.random.default_rng(9), binary_rows(n, seed=9)
    rows["big"] = rng.lognormal(0.0, 4.0, n) * 1e6
    rows["held"] = np.where(rng.random(n) < 0.03, np.nan, rng.normal(size=n))
    rows["few"] = rng.integers(0, 5, n)
    rows["word"] = rng.choice([f"w{i}" for i in range(300)], n)
    return rows.assign(id=rng.integers(0, 9 * n // 10, n), outcome=rows["truth"], prediction=rows["said"])


MANY = frame_of(rows_of_any_kind(1_500))
BEFORE = MANY.assign(ts=MANY["ts"] - pd.Timedelta(days=30))
CUT_UP = wk.Model(
    task="binary", timestamp="ts", id="id", score="score", prediction="prediction", outcome="outcome", weight="weight",
    segments=FEW, kpis={"revenue": "sum(big)"},
)  # fmt: skip
IN_ORDER = ("stuck_rate", "longest_run")  # of which the order of the rows is the point


def numbers_of(current: Any, reference: Any = BEFORE, *, ordered: bool = True) -> Rows:
    """The metrics table by its key."""
    table = wk.check(current, reference, CUT_UP).metrics.to_pandas()
    table = table[ordered | ~table["metric"].isin(IN_ORDER)]
    key = ["window_start", "segment_by", "segment", "column", "metric"]
    table = table.set_index([table[name].fillna("").astype(str) for name in key]).sort_index()
    return table[["value", "low", "high", "count", "band_low", "band_high", "verdict"]]


def assert_same(one: Rows, other: Rows) -> None:
    assert one.index.equals(other.index)
    assert one["count"].equals(other["count"])
    assert (one["verdict"].fillna("") == other["verdict"].fillna("")).all()
    ends = ["value", "low", "high", "band_low", "band_high"]
    np.testing.assert_allclose(one[ends].to_numpy(), other[ends].to_numpy(), rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def whole() -> Rows:
    return numbers_of(MANY)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_changes_nothing(whole, seed):
    """Of the current rows and of the reference's."""
    rng = np.random.default_rng(seed)
    current, reference = (MANY.iloc[rng.permutation(len(MANY))], BEFORE.iloc[rng.permutation(len(BEFORE))])
    assert len(whole) > 1_000
    expected = whole[~whole.index.get_level_values("metric").isin(IN_ORDER)]
    assert_same(numbers_of(current, reference, ordered=False), expected)


@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.integers(1, len(MANY) - 1), min_size=1, max_size=5, unique=True))
def test_rows_in_several_files_are_the_same_rows(whole, tmp_path_factory, cuts):
    folder = tmp_path_factory.mktemp("cut")
    for i, part in enumerate(np.split(np.arange(len(MANY)), sorted(cuts))):
        MANY.iloc[part].to_parquet(folder / f"part-{i}.parquet")
    assert_same(numbers_of(str(folder / "*.parquet")), whole)
