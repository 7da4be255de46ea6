"""A peer's alarms on streams without drift, run with its own python: calm_job.py {evidently,nannyml} WINDOWS."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
FEATURES = [f"x{i}" for i in range(20)]
SIZES = ((10_000, 200), (10_000, 1_000))


def stream(rows: int, seed: int, shift: float) -> pd.DataFrame:
    frame = pd.DataFrame(np.random.default_rng(seed).normal(size=(rows, len(FEATURES))), columns=FEATURES)
    frame["x0"] += shift
    return frame


def evidently(reference: pd.DataFrame, current: pd.DataFrame, size: int) -> Iterator[list[bool]]:
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(numerical_columns=FEATURES)
    normal = Dataset.from_pandas(reference, data_definition=definition)
    for start in range(0, len(current), size):
        window = Dataset.from_pandas(current.iloc[start : start + size], data_definition=definition)
        found = Report([DataDriftPreset()]).run(window, normal).dict()["metrics"]
        yield [_drifted(m) for m in found if "ValueDrift" in m["metric_name"]]


def _drifted(metric: dict) -> bool:
    """Its default for more than 1,000 reference rows is the normed Wasserstein distance, drift at 0.1 or more."""
    method, threshold = (
        metric["config"].get("method", "") or metric["metric_name"],
        metric["config"].get("threshold"),
    )
    limit = 0.1 if threshold is None else threshold
    return metric["value"] < 0.05 if "p_value" in method else metric["value"] >= limit


def nannyml(reference: pd.DataFrame, current: pd.DataFrame, size: int) -> Iterator[list[bool]]:
    import nannyml as nml

    calculator = nml.UnivariateDriftCalculator(column_names=FEATURES, chunk_size=size).fit(reference)
    table = calculator.calculate(current).to_df()
    alerts = table.loc[:, [c for c in table.columns if c[-1] == "alert"]]
    analysis = table[("chunk", "chunk", "period")] == "analysis"
    yield from alerts[analysis].to_numpy(dtype=bool).tolist()


def main() -> None:
    peer, windows = sys.argv[1], int(sys.argv[2])
    job = {"evidently": evidently, "nannyml": nannyml}[peer]
    for reference, size in SIZES:
        still = list(job(stream(reference, 1, 0.0), stream(size * windows, 2, 0.0), size))
        moved = list(job(stream(reference, 1, 0.0), stream(size * windows, 2, 0.5), size))
        print(
            f"| {peer} | {reference:,} / {size:,} | {sum(map(sum, still))} of {windows * len(FEATURES):,} "
            f"| {sum(map(any, still))} of {windows} | {sum(row[0] for row in moved)} of {windows} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
