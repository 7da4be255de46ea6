"""A peer's lifetimes without drift, run with its own python: lifetimes_job.py {evidently,nannyml} LIFETIMES."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
FEATURES = [f"x{i}" for i in range(20)]
ROWS = 1_000
WATCHED = {"evidently": 40, "nannyml": 200}  # windows; Evidently takes a second or two for each
LAWS: dict[str, tuple[Callable[[np.random.Generator, tuple[int, ...]], np.ndarray], float]] = {
    "normal": (lambda rng, shape: rng.normal(size=shape), 1.0),
    "t3": (lambda rng, shape: rng.standard_t(3, shape), 3**0.5),
    "gamma": (lambda rng, shape: rng.gamma(2.0, size=shape), 2**0.5),
}


def windows_of(law: str, effects: float, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Windows one after the other, each column of each with a shift of its own."""
    draw, deviation = LAWS[law]
    shifts = effects * deviation * rng.normal(size=(number, 1, len(FEATURES)))
    rows = draw(rng, (number, ROWS, len(FEATURES))) + shifts
    return pd.DataFrame(rows.reshape(-1, len(FEATURES)), columns=FEATURES)


def evidently(reference: pd.DataFrame, current: pd.DataFrame) -> Iterator[bool]:
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(numerical_columns=FEATURES)
    normal = Dataset.from_pandas(reference, data_definition=definition)
    for start in range(0, len(current), ROWS):
        window = Dataset.from_pandas(current.iloc[start : start + ROWS], data_definition=definition)
        found = Report([DataDriftPreset()]).run(window, normal).dict()["metrics"]
        yield any(drifted(m) for m in found if "ValueDrift" in m["metric_name"])


def drifted(metric: dict) -> bool:
    """Its default for more than 1,000 reference rows is the normed Wasserstein distance, drift at 0.1 or more."""
    method, threshold = (
        metric["config"].get("method", "") or metric["metric_name"],
        metric["config"].get("threshold"),
    )
    limit = 0.1 if threshold is None else threshold
    return metric["value"] < 0.05 if "p_value" in method else metric["value"] >= limit


def nannyml(reference: pd.DataFrame, current: pd.DataFrame) -> Iterator[bool]:
    import nannyml as nml

    calculator = nml.UnivariateDriftCalculator(column_names=FEATURES, chunk_size=ROWS).fit(reference)
    table = calculator.calculate(current).to_df()
    alerts = table.loc[:, [c for c in table.columns if c[-1] == "alert"]]
    analysis = table[("chunk", "chunk", "period")] == "analysis"
    yield from alerts[analysis].to_numpy(dtype=bool).any(axis=1).tolist()


def main() -> None:
    peer, lifetimes = sys.argv[1], int(sys.argv[2])
    job = {"evidently": evidently, "nannyml": nannyml}[peer]
    for effects in (0.0, 0.15):
        for law in LAWS:
            for before in (30, 100):
                rng = np.random.default_rng([before, int(effects * 100), list(LAWS).index(law)])
                first = []  # window of each lifetime that alarms first; nothing is watched after it
                for _ in range(lifetimes):
                    told = job(
                        windows_of(law, effects, before, rng), windows_of(law, effects, WATCHED[peer], rng)
                    )
                    first.append(next((i for i, alarm in enumerate(told, 1) if alarm), None))
                found = sorted(f for f in first if f is not None)
                middle = f", the median one first in window {found[len(found) // 2]}" if found else ""
                print(
                    f"| {law}, day effects of {effects} sd, {before} reference windows | {peer}"
                    f" | {len(found)} of {lifetimes} within {WATCHED[peer]} windows{middle} |",
                    flush=True,
                )


main()
