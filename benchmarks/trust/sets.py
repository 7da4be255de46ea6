"""Sets: flights, and covariate shift simulated on real and made rows, as the published sets are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["write_sets"]

WINDOWS = 40
AMERICAN = "us_flight_delays_2015_sample.parquet"  # from popmon 1.4.12, used where it lies in the folder
ROLES = ("score", "prediction", "outcome", "part", "size")


def write_sets(folder: Path) -> None:
    """Into FOLDER/sets, beside those that NannyML ships. Seeds are fixed."""
    late = flights()
    _write(folder, "flights", late)
    _write(folder, "shift_flights", shifted(late, 60_000, 3))
    if (folder / AMERICAN).exists():
        _write(folder, "flights_2015", american(pd.read_parquet(folder / AMERICAN)))
    for name, rows, seed in (("employment", 60_000, 0), ("car_loan", 50_000, 1), ("car_price", 60_000, 2)):
        published = pd.read_parquet(folder / "sets" / f"{name}.parquet")
        _write(folder, f"shift_{name}", shifted(published, rows, seed))
        if name == "employment":
            _write(folder, "shift_employment_narrow", shifted(narrow(published), 60_000, 4))
    _write(folder, "shift_normal", normal())


def _write(folder: Path, name: str, frame: pd.DataFrame) -> None:
    frame.to_parquet(folder / "sets" / f"{name}.parquet")


def shifted(frame: pd.DataFrame, reference: int, seed: int) -> pd.DataFrame:
    """Rows shuffled, so that nothing but the features moves: windows are drawn tilted along two of them."""
    rng = np.random.default_rng(seed)
    frame = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    normal, pool = frame[:reference], frame[reference:].reset_index(drop=True)
    features = [c for c in frame if c not in ROLES]
    size = int(frame["size"].iloc[0])
    windows = []
    for _ in range(WINDOWS):
        tilt = sum(_tilt(pool[c], rng) for c in rng.choice(features, size=2, replace=False))
        order = np.argsort(
            -np.log(rng.random(len(pool))) / np.exp(tilt - np.max(tilt))
        )  # without replacement
        windows.append(pool.iloc[order[:size]])
    return pd.concat(
        [normal.assign(part="reference"), *(w.assign(part="analysis") for w in windows)], ignore_index=True
    )


def _tilt(column: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """Log weights: a slope along the ranks of a number, a factor for each category."""
    if pd.api.types.is_numeric_dtype(column):
        slope = rng.choice([-1, 1]) * rng.uniform(1, 4)
        return slope * (column.rank(pct=True).fillna(0.5).to_numpy() - 0.5)
    codes, values = pd.factorize(column)
    return rng.normal(size=len(values) + 1)[codes]


def narrow(frame: pd.DataFrame) -> pd.DataFrame:
    """A model that knows age and sex alone, though more is logged."""
    from sklearn.linear_model import LogisticRegression

    known = np.stack([frame["AGEP"] / 50, (frame["AGEP"] / 50) ** 2, frame["SEX"] == "1"], axis=1).astype(
        float
    )
    train = np.random.default_rng(9).random(len(frame)) < 0.2
    model = LogisticRegression(C=100).fit(known[train], frame["outcome"][train])
    score = model.predict_proba(known)[:, 1]
    return frame.assign(score=score, prediction=(score >= 0.5) * 1)[~train]


def normal() -> pd.DataFrame:
    """A logistic regression of a truth that is not linear; means and spreads of six features move."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)

    def draw(
        n: int, mean: np.ndarray | float = 0.0, spread: np.ndarray | float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        x = rng.normal(size=(n, 6)) * spread + mean
        odds = (
            x[:, 0]
            + 0.8 * x[:, 1] ** 2
            - 1.3
            + 1.2 * np.sin(1.5 * x[:, 2])
            + 0.7 * x[:, 3] * x[:, 0]
            - 0.5 * x[:, 4]
        )
        return x, (rng.random(n) < 1 / (1 + np.exp(-odds))) * 1

    model = LogisticRegression().fit(*draw(20_000))

    def frame(x: np.ndarray, y: np.ndarray, part: str) -> pd.DataFrame:
        score = model.predict_proba(x)[:, 1]
        table = pd.DataFrame(x, columns=[f"x{i}" for i in range(6)])
        return table.assign(score=score, prediction=(score >= 0.5) * 1, outcome=y, part=part, size=5_000)

    moved = [
        frame(*draw(5_000, rng.normal(size=6) * 0.5, np.exp(0.15 * rng.normal(size=6))), "analysis")
        for _ in range(WINDOWS)
    ]
    return pd.concat([frame(*draw(30_000), "reference"), *moved], ignore_index=True)


def flights() -> pd.DataFrame:
    """The demo's classifier of delays: January to March is the reference, then eight months of other weather."""
    import pyarrow as pa

    from watchkeeper.demo import classifier
    from watchkeeper.demo.flights import FEATURES, SEASON
    from watchkeeper.demo.flights import flights as every

    table = every()
    early = table["day"].to_numpy().astype("datetime64[D]") < np.datetime64(SEASON)
    reference, current = (table.filter(pa.array(flags)) for flags in (early, ~early))
    score = np.concatenate([classifier.out_of_fold(reference), classifier.trained_on(reference, current)])
    line = classifier.threshold(score[: len(reference)], reference)
    frame = table.select([*FEATURES, "late"]).to_pandas().rename(columns={"late": "outcome"})
    frame = frame.assign(score=score, prediction=(score >= line) * 1, size=5_000)
    frame["part"] = np.where(early, "reference", "analysis")
    return frame[frame["outcome"].notna()].reset_index(drop=True)


def american(frame: pd.DataFrame) -> pd.DataFrame:
    """Flights in the United States, 2015: a classifier of delayed departures, first half of the year and second."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import cross_val_predict

    frame = frame[frame["DEPARTURE_DELAY"].notna()].sort_values("DATE", kind="stable").reset_index(drop=True)
    late = (frame["DEPARTURE_DELAY"] >= 15) * 1
    features = frame[["AIRLINE", "TAXI_OUT", "AIR_TIME", "DISTANCE"]].assign(
        weekday=frame["DATE"].dt.day_name()
    )
    numbers = pd.get_dummies(features).astype(float).to_numpy()
    early = (frame["partition"] == "reference").to_numpy()
    model = HistGradientBoostingClassifier(learning_rate=0.05, random_state=0)
    score = np.empty(len(frame))
    score[early] = cross_val_predict(model, numbers[early], late[early], method="predict_proba", cv=5)[:, 1]
    score[~early] = model.fit(numbers[early], late[early]).predict_proba(numbers[~early])[:, 1]
    line = np.quantile(score[early], 1 - late[early].mean())
    part = np.where(early, "reference", "analysis")
    return features.assign(score=score, prediction=(score >= line) * 1, outcome=late, part=part, size=2_500)
