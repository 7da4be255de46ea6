"""The demo's model: how probable is it that a flight arrives 15 or more minutes late?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.demo.flights import FEATURES

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["out_of_fold", "threshold", "trained_on"]

Floats = NDArray[np.float64]
FOLDS = 5
SEED = 2013


def out_of_fold(table: pa.Table) -> Floats:
    """(n,) the probability of each flight by a classifier that has not seen its day.

    A reference scored by a model that was trained on it would look better than the model is. Folds are
    whole days, because flights of one day share weather and delays.
    """
    from sklearn.model_selection import GroupKFold

    features, late, known = _features(table), *_late(table)
    days = table["day"].to_numpy()
    scores = np.full(len(late), np.nan)
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(features, late, days):
        seen = train[known[train]]
        scores[test] = _fitted(features.iloc[seen], late[seen], features.iloc[test])
    return scores


def trained_on(reference: pa.Table, current: pa.Table) -> Floats:
    """(n,) the probability of each flight in ``current`` by a classifier trained on all of ``reference``."""
    late, known = _late(reference)
    features = _features(reference)
    return _fitted(features[known], late[known], _features(current, like=features))


def threshold(scores: Floats, table: pa.Table) -> float:
    """The score, to two digits, above which as many flights are called late as were late."""
    late, known = _late(table)
    return round(float(np.quantile(scores[known], 1 - late[known].mean())), 2)


def _fitted(features: Any, late: Floats, unseen: Any) -> Floats:
    """The probabilities of ``unseen`` by a classifier trained on the others."""
    from threadpoolctl import threadpool_limits

    # one thread: the same sums in the same order everywhere, and no waiting for busy cores at every node of a tree
    with threadpool_limits(1, user_api="openmp"):
        probabilities: Floats = _classifier().fit(features, late).predict_proba(unseen)[:, 1]
    return probabilities


def _classifier() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    # log loss and few, small steps: its probabilities come out calibrated on days it has not seen
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=15,
        min_samples_leaf=200,
        l2_regularization=1.0,
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=SEED,
    )


def _features(table: pa.Table, like: Any = None) -> Any:
    """A data frame of ``FEATURES``; categories are those of ``like``, values it has not are missing."""
    import pandas as pd

    frame = table.select(list(FEATURES)).to_pandas()
    for name in (name for name, kind in FEATURES.items() if kind == "category"):
        values = pd.Index(frame[name].dropna().unique()) if like is None else like[name].cat.categories
        frame[name] = pd.Categorical.from_codes(values.get_indexer(frame[name]), categories=values)
    return frame


def _late(table: pa.Table) -> tuple[Floats, NDArray[np.bool_]]:
    late = table["late"].to_numpy().astype(np.float64)
    return late, ~np.isnan(late)
