"""A peer's job, run with the python of its own environment: peer_job.py {evidently,nannyml,whylogs} REF CUR.

Does with the peer's own defaults what Watchkeeper does with its: data quality, drift and performance where it has
them. Prints a line for each part (seconds, without loading the tables) and ``total SECONDS``.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator

import pandas as pd

warnings.filterwarnings("ignore")
Part = tuple[str, Callable[[], object]]


def columns(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    return [c for c in frame if c[0] == "x"], [c for c in frame if c[0] == "c"]


def evidently(reference: pd.DataFrame, current: pd.DataFrame) -> Iterator[Part]:
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset, DataDriftPreset, DataSummaryPreset

    numbers, categories = columns(current)
    roles = BinaryClassification(target="label", prediction_labels="pred", prediction_probas="score")
    definition = DataDefinition(
        numerical_columns=numbers, categorical_columns=categories, classification=[roles]
    )
    now, then = (
        Dataset.from_pandas(f.drop(columns="ts"), data_definition=definition) for f in (current, reference)
    )
    for preset in (DataDriftPreset, DataSummaryPreset, ClassificationPreset):
        yield preset.__name__, lambda preset=preset: Report([preset()]).run(now, then).dict()


def nannyml(reference: pd.DataFrame, current: pd.DataFrame) -> Iterator[Part]:
    import nannyml as nml

    features = [*columns(current)[0], *columns(current)[1]]
    roles = {
        "problem_type": "classification_binary", "y_true": "label", "y_pred": "pred", "y_pred_proba": "score",
        "metrics": ["roc_auc", "f1", "accuracy"], "chunk_number": 10,
    }  # fmt: skip
    univariate = nml.UnivariateDriftCalculator(column_names=features, chunk_number=10)
    multivariate = nml.DataReconstructionDriftCalculator(column_names=features, chunk_number=10)
    yield "univariate drift", lambda: univariate.fit(reference).calculate(current)
    yield "estimated performance", lambda: nml.CBPE(**roles).fit(reference).estimate(current)
    yield "realised performance", lambda: nml.PerformanceCalculator(**roles).fit(reference).calculate(current)
    yield "multivariate drift", lambda: multivariate.fit(reference).calculate(current)


def whylogs(reference: pd.DataFrame, current: pd.DataFrame) -> Iterator[Part]:
    import whylogs as why

    features = [*columns(current)[0], *columns(current)[1]]
    yield "profiles of both", lambda: [why.log(frame[features]) for frame in (reference, current)]


def main() -> None:
    peer, reference, current = sys.argv[1:]
    tables = (pd.read_parquet(path) for path in (reference, current))
    total = 0.0
    for name, job in {"evidently": evidently, "nannyml": nannyml, "whylogs": whylogs}[peer](*tables):
        start = time.perf_counter()
        job()
        seconds = time.perf_counter() - start
        total += seconds
        print(f"{name:28s} {seconds:8.2f} s", flush=True)
    print(f"total {total:.3f}")


main()
