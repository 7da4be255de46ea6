"""NannyML's estimates, run with the python of its own environment: estimation_job.py {export,estimate} FOLDER.

``export`` writes the sets that it ships to FOLDER/sets; ``estimate`` runs CBPE or DLE on every set there and writes
value, lower and upper bound of each chunk to FOLDER/nannyml.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
CLASSES = ("prepaid_card", "highstreet_card", "upmarket_card")
# loader, rows of a window, score, prediction, outcome, columns that are no features
PUBLISHED = {
    "car_loan": ("synthetic_car_loan_dataset", 5_000, "y_pred_proba", "y_pred", "repaid", ["timestamp"]),
    "car_loan_quality": (
        "synthetic_car_loan_data_quality_dataset", 5_000, "y_pred_proba", "y_pred", "repaid", ["timestamp"],
    ),
    "commute": (
        "synthetic_binary_classification_dataset", 5_000, "y_pred_proba", "y_pred", "work_home_actual",
        ["timestamp", "period"],
    ),
    "employment": (
        "us_census_ma_employment_data", 5_000, "predicted_probability", "prediction", "employed", ["year"],
    ),
    "housing": (
        "modified_california_housing_dataset", 720, "y_pred_proba", "y_pred", "clf_target", ["timestamp"],
    ),
    "credit_card": ("synthetic_multiclass_classification_dataset", 5_000, None, "y_pred", "y_true", ["timestamp"]),
    "car_price": ("synthetic_car_price_dataset", 5_000, None, "y_pred", "y_true", ["timestamp"]),
}  # fmt: skip
ERRORS = ["mae", "rmse", "mape"]
BINARY = ["roc_auc", "accuracy", "f1", "precision", "recall"]


def export(folder: Path) -> None:
    from nannyml import datasets

    for name, (loader, size, score, prediction, outcome, rest) in PUBLISHED.items():
        reference, analysis, truth = getattr(datasets, f"load_{loader}")()
        frame = pd.concat(
            [reference.assign(part="reference"), analysis.merge(truth, on="id").assign(part="analysis")]
        )
        frame = frame.drop(columns=["id", *rest]).reset_index(drop=True)
        frame = frame.rename(columns={score: "score", prediction: "prediction", outcome: "outcome"})
        frame = frame.rename(columns={f"y_pred_proba_{c}": f"score_{c}" for c in CLASSES})
        if name == "employment":
            coded = [c for c in frame if c not in ("AGEP", "score", "prediction", "outcome", "part")]
            frame = frame.astype(dict.fromkeys(coded, str))
        frame = frame.astype({c: str for c in frame if frame[c].dtype == bool})
        frame["size"] = size
        frame.to_parquet(folder / "sets" / f"{name}.parquet")


def estimate(folder: Path) -> None:
    import nannyml as nml

    for path in sorted((folder / "sets").glob("*.parquet")):
        frame = pd.read_parquet(path)
        frame = frame.astype({c: object for c in frame if not pd.api.types.is_numeric_dtype(frame[c])})
        size, parts = (
            int(frame["size"].iloc[0]),
            {p: f.reset_index(drop=True) for p, f in frame.groupby("part")},
        )
        features = [
            c for c in frame if c not in ("prediction", "outcome", "part", "size") and c[:5] != "score"
        ]
        roles = {"y_pred": "prediction", "y_true": "outcome", "chunk_size": size}
        scores = {c[6:]: c for c in frame if c.startswith("score_")}
        metrics = BINARY if "score" in frame or scores else ERRORS
        if scores:
            kind = {"problem_type": "classification_multiclass", "y_pred_proba": scores}
            made = nml.CBPE(**roles, **kind, metrics=metrics)
        elif "score" in frame:
            kind = {"problem_type": "classification_binary", "y_pred_proba": "score"}
            made = nml.CBPE(**roles, **kind, metrics=metrics)
        else:
            made = nml.DLE(**roles, feature_column_names=features, metrics=metrics)
        found = made.fit(parts["reference"]).estimate(parts["analysis"].drop(columns="outcome"))
        table = found.filter(period="analysis").to_df()
        ends = {"": "value", "_low": "lower_confidence_boundary", "_high": "upper_confidence_boundary"}
        columns = {
            m + end: np.asarray(table[(m, part)], float) for m in metrics for end, part in ends.items()
        }
        pd.DataFrame(columns).to_parquet(folder / "nannyml" / path.name)


if __name__ == "__main__":
    {"export": export, "estimate": estimate}[sys.argv[1]](Path(sys.argv[2]))
