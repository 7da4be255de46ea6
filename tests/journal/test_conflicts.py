"""Conflicts: predictions that came twice and differently, outcomes that met none."""

from __future__ import annotations

import pyarrow as pa
import pytest

from watchkeeper.journal import Journal, conflicts, orphans, resolve

INSTANT = pa.timestamp("us", "UTC")


@pytest.fixture
def journal(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    return Journal(str(tmp_path_factory.mktemp("journal")), "m")


def predict(journal: Journal, batch: int, *rows: tuple[str, int, float | None, float | None]) -> None:
    """(id, timestamp, score, the feature ``a``)."""
    names, moments, scores, features = zip(*rows, strict=True)
    journal.predictions.append(
        pa.table(
            {
                "id": pa.array(names), "timestamp": pa.array(moments, pa.int64()).cast(INSTANT),
                "score": pa.array(scores, pa.float64()), "batch": pa.array([batch] * len(rows), pa.int64()),
                "recorded_at": pa.array(range(len(rows)), pa.int64()).cast(INSTANT),
                "features": pa.array([{"a": a} for a in features], pa.struct([("a", pa.float64())])),
            }
        ),
        batch,
    )  # fmt: skip


def happened(journal: Journal, batch: int, *names: str) -> None:
    moments = pa.array([10**9 + batch] * len(names), pa.int64()).cast(INSTANT)
    rows = {"id": pa.array(names), "known_at": moments, "actual": pa.array([1.0] * len(names))}
    rows |= {"batch": pa.array([batch] * len(names), pa.int64()), "date": moments.cast(pa.date32())}
    journal.outcomes.append(pa.table(rows), batch)


def test_the_same_again_is_none(journal: Journal) -> None:
    predict(journal, 1, ("a", 5, 0.1, 1.0), ("b", 5, 0.1, None))
    predict(journal, 2, ("a", 5, 0.1, 1.0), ("b", 5, 0.1, None), ("b", 6, 0.9, 2.0))
    assert conflicts(journal, 0, 2) == (0, ())


def test_another_payload_is_one(journal: Journal) -> None:
    predict(journal, 1, ("a", 5, 0.1, 1.0), ("b", 5, 0.1, 1.0), ("c", 5, None, 1.0))
    predict(journal, 2, ("a", 5, 0.2, 1.0), ("b", 5, 0.1, None), ("c", 5, 0.3, 1.0), ("d", 5, 0.3, 1.0))
    assert conflicts(journal, 0, 2) == conflicts(journal, 1, 2) == (3, ("a", "b", "c"))
    assert conflicts(journal, 2, 2) == conflicts(journal, 0, 1) == (0, ())


def test_within_one_batch(journal: Journal) -> None:
    predict(journal, 1, ("a", 5, 0.1, 1.0), ("a", 5, 0.2, 1.0), ("a", 5, 0.1, 1.0), ("a", 5, 0.3, 1.0))
    assert conflicts(journal, 0, 1) == (2, ("a",))


def test_each_is_counted_in_the_batch_that_brings_it(journal: Journal) -> None:
    predict(journal, 1, ("a", 5, 0.1, 1.0), ("a", 5, 0.2, 1.0))
    predict(journal, 2, ("a", 5, 0.3, 1.0))
    assert [conflicts(journal, done, done + 1)[0] for done in (0, 1)] == [1, 1]


def test_a_field_that_came_later_is_missing_before(journal: Journal) -> None:
    predict(journal, 1, ("a", 5, 0.1, 1.0))
    wider = pa.struct([("a", pa.float64()), ("b", pa.string())])
    rows = {
        "id": pa.array(["a", "n"]), "timestamp": pa.array([5, 5], pa.int64()).cast(INSTANT), "score": [0.1, 0.1],
        "features": pa.array([{"a": 1.0, "b": None}, {"a": 1.0, "b": "x"}], wider), "batch": pa.array([2, 2]),
    }  # fmt: skip
    journal.predictions.append(pa.table(rows), 2)
    assert conflicts(journal, 1, 2) == (0, ())


def test_outcomes_wait_until_their_prediction_comes(journal: Journal) -> None:
    predict(journal, 1, ("a", 5, 0.1, 1.0))
    happened(journal, 1, "a", "b", "c")
    resolve(journal, 0, 1, None)
    assert orphans(journal, 1) == (2, ("b", "c"))
    assert orphans(journal, 0) == (0, ())
    predict(journal, 2, ("b", 7, 0.1, 1.0))
    resolve(journal, 1, 2, None)
    assert orphans(journal, 2) == (1, ("c",))


def test_an_empty_journal_has_none(journal: Journal) -> None:
    assert (conflicts(journal, 0, 5), orphans(journal, 5)) == ((0, ()), (0, ()))
