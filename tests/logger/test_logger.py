"""Logger: what is recorded, and that nothing ever reaches the caller."""

from __future__ import annotations

import logging
import math
import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

import watchkeeper as wk
from tests.logger.conftest import Read

MOMENT = 1_767_225_600_000_000  # 2026-01-01


class Colour(Enum):
    RED = "red"


def test_every_kind_of_record(tmp_path: Path, read: Read) -> None:
    with wk.Logger(tmp_path / "made", model="flight-delay") as log:
        log.version("1.2.7", trained_at="2026-01-01")
        features = {"dep_hour": 5, "carrier": "UA"}
        got = log.prediction(
            id="UA-1545", features=features, prediction=1, score=0.83, timestamp="2026-01-01", seconds=0.012,
            weight=2, subject="person-7",
        )  # fmt: skip
        features["dep_hour"] = 99  # copied, so it does not matter
        log.outcome(id="UA-1545", actual=0, known_at=date(2026, 1, 1))
        log.error(ZeroDivisionError("division by zero"), seconds=0.5)
        log.error("timeout", version="1.2.6")
        log.metric("conversion", 0.031, count=12_400, timestamp=MOMENT // 1_000_000)
        assert log.flush()
        assert log.dropped == {}
    folder = tmp_path / "made"
    assert got == "UA-1545"
    (prediction,) = read(folder)
    now = time.time() * 1e6
    assert abs(prediction.pop("recorded_at") - now) < 60e6
    assert prediction == {
        "id": "UA-1545", "timestamp": MOMENT, "version": "1.2.7", "prediction": 1, "score": 0.83, "seconds": 0.012,
        "weight": 2.0, "subject": "person-7", "features": {"dep_hour": 5, "carrier": "UA"},
    }  # fmt: skip
    (outcome,) = read(folder, "outcome")
    assert (outcome["id"], outcome["timestamp"], outcome["actual"], outcome["known_at"]) == (
        "UA-1545",
        None,
        0,
        MOMENT,
    )
    first, second = read(folder, "error")
    assert (first["version"], first["error"], first["seconds"]) == (
        "1.2.7",
        "ZeroDivisionError: division by zero",
        0.5,
    )
    assert (second["version"], second["error"], second["seconds"]) == ("1.2.6", "timeout", None)
    (metric,) = read(folder, "metric")
    assert metric == {
        "timestamp": MOMENT, "name": "conversion", "value": 0.031, "low": None, "high": None, "count": 12_400.0,
    }  # fmt: skip
    (release,) = read(folder, "release")
    assert (release["version"], release["trained_at"]) == ("1.2.7", MOMENT)


def test_a_job(tmp_path: Path, read: Read) -> None:
    with wk.Logger(tmp_path) as log:
        with log.job("nightly") as job:
            ballast = np.ones(30_000_000)
            time.sleep(0.12)
            job.rows = len(ballast)
            del ballast
        with pytest.raises(KeyError), log.job("failing"):
            raise KeyError("no such column")
    good, bad = sorted(read(tmp_path, "job"), key=lambda r: r["name"], reverse=True)
    assert (good["name"], good["status"], good["error"], good["rows"]) == ("nightly", "ok", None, 30_000_000)
    assert 0.12 <= good["seconds"] < 10
    assert good["memory"] > 240e6
    assert good["cpu"] > 0
    assert (bad["status"], bad["error"], bad["rows"]) == ("failed", "KeyError: 'no such column'", None)


def test_ids_become_text_and_missing_ones_are_made(tmp_path: Path, read: Read) -> None:
    with wk.Logger(tmp_path) as log:
        given = [7, np.int64(8), 9.0, UUID(int=1), "x", b"b", None, float("nan"), ""]
        ids = [log.prediction(id=i, prediction=n) for n, i in enumerate(given)]
    assert ids[:6] == ["7", "8", "9", str(UUID(int=1)), "x", "b"]
    assert len(set(ids)) == len(ids)
    assert all(i.count("-") >= 3 for i in ids[6:])
    assert [r["id"] for r in read(tmp_path)] == ids


@pytest.mark.parametrize("many", [False, True])
def test_feature_values_of_every_type(tmp_path: Path, read: Read, many: bool) -> None:
    values = {
        "nan": math.nan, "inf": math.inf, "none": None, "text": "é\ud800", "bool": True, "huge": 2**70,
        "float64": np.float64(0.5), "int8": np.int8(-3), "bool_": np.bool_(True), "str_": np.str_("x"),
        "longdouble": np.longdouble(0.5), "zero-d": np.array(4), "one": np.array([5]),
        "datetime64": np.datetime64("2026-01-01T00:00"), "nat": pd.NaT, "na": pd.NA,
        "stamp": pd.Timestamp("2026-01-01"),
        "decimal": Decimal("0.1"), "date": date(2026, 1, 31), "aware": datetime(2026, 1, 31, tzinfo=UTC),
        "delta": timedelta(minutes=1), "enum": Colour.RED, "uuid": UUID(int=3), "bytes": b"raw", "list": [1, 2],
        "object": Colour,
    }  # fmt: skip
    with wk.Logger(tmp_path) as log:
        for n in range(2_000 if many else 1):  # from 500 waiting on, the caller makes the row
            log.prediction(id=n, features=values, prediction=np.array([1]), score=np.float32(0.5))
        assert log.flush()
        assert log.dropped == {}
    found = read(tmp_path)
    assert len(found) == (2_000 if many else 1)
    for record in (found[0], found[-1]):
        features = dict(record["features"])
        assert math.isnan(features.pop("nan"))
        assert (record["prediction"], record["score"]) == (1, 0.5)
        misfit = features.pop("object")
        assert (misfit["type"], features.pop("list")) == ("EnumType", {"type": "list", "text": "[1, 2]"})
        assert features == {
            "inf": math.inf, "none": None, "text": "é\\ud800", "bool": True, "huge": str(2**70), "float64": 0.5,
            "int8": -3, "bool_": True, "str_": "x", "longdouble": 0.5, "zero-d": 4, "one": 5,
            "datetime64": "2026-01-01T00:00", "nat": None, "na": None, "stamp": "2026-01-01T00:00:00",
            "decimal": 0.1, "date": "2026-01-31", "aware": "2026-01-31T00:00:00+00:00", "delta": 60.0, "enum": "red",
            "uuid": str(UUID(int=3)), "bytes": "raw",
        }  # fmt: skip


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1), datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), date(2026, 1, 1),
        "2026-01-01", "2026-01-01T00:00:00Z", MOMENT // 1_000_000, MOMENT / 1e6, MOMENT // 1_000, MOMENT,
        MOMENT * 1_000,
        np.datetime64("2026-01-01"), np.datetime64("2026-01-01T00:00:00.000000000"), pd.Timestamp("2026-01-01"),
        pd.Timestamp("2026-01-01T01:00+01:00"), np.int64(MOMENT // 1_000_000), np.float64(MOMENT / 1e6),
    ],
)  # fmt: skip
def test_times_of_every_type(moment: object) -> None:
    from watchkeeper.logger.times import micros

    assert micros(moment) == MOMENT


def test_times_that_are_none_or_wrong() -> None:
    from watchkeeper.logger.times import micros

    assert [micros(v) for v in (None, pd.NaT, np.datetime64("NaT"), math.nan)] == [None] * 4
    for wrong in ("yesterday", True, [1], math.inf, object()):
        with pytest.raises(ValueError, match="timestamp is not a time"):
            micros(wrong)


def test_scores_by_class(tmp_path: Path, read: Read) -> None:
    with wk.Logger(tmp_path) as log:
        for _ in range(600):
            log.prediction(score={0: 0.25, 1.0: np.float64(0.5), "c": 0.25}, features={"x": 1})
    assert [r["score"] for r in read(tmp_path)] == [{"0": 0.25, "1": 0.5, "c": 0.25}] * 600


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]


def test_bad_arguments_are_counted_by_reason(
    tmp_path: Path, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    with wk.Logger(tmp_path) as log, caplog.at_level(logging.WARNING, "watchkeeper"):
        log.prediction(features=5)  # type: ignore[arg-type]
        log.prediction(id=["a", "list"])
        log.prediction(timestamp="yesterday")
        log.prediction(score="high")
        log.prediction(seconds="slow", weight="heavy")  # type: ignore[arg-type]
        log.prediction(features={"x": "y" * (2 << 20)})
        log.prediction(features={1: 1, "1": 2})  # type: ignore[dict-item]
        log.prediction(timestamp=Hostile())
        log.outcome(id=None, actual=1)
        log.metric("conversion", "much")  # type: ignore[arg-type]
        log.version(None)  # type: ignore[arg-type]
        log.prediction(id="good", features={"x": Hostile(), 3: 4})  # type: ignore[dict-item]
        assert log.flush()
    (good,) = read(tmp_path)
    assert (good["id"], good["features"]["3"], good["features"]["x"]["type"]) == ("good", 4, "Hostile")
    assert sum(log.dropped.values()) == 11
    assert log.dropped["prediction: timestamp is not a time"] >= 1
    assert log.dropped["prediction: score is not a number"] == 1
    assert log.dropped["prediction: it is larger than 1 MiB"] == 1
    assert log.dropped["outcome: the id of the prediction is missing"] == 1
    written = {r["reason"]: r["count"] for r in read(tmp_path, "dropped")}
    assert written == log.dropped
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "records were not logged" in said
    assert "'yesterday'" in said


def test_the_newest_are_dropped_when_the_queue_is_full(tmp_path: Path, read: Read) -> None:
    log = wk.Logger(tmp_path, queue_rows=700)
    log.prediction(id="first")
    assert log.flush()
    blocked = threading.Event()
    worker = log._worker
    assert worker is not None
    commit = worker.writer.commit
    worker.writer.commit = lambda p: (blocked.wait(), commit(p))[1]  # type: ignore[method-assign,func-returns-value]
    log.prediction(id="held")
    time.sleep(0.2)
    for n in range(1_000):
        log.prediction(id=n, features={"x": n})
    assert log.dropped == {"queue full": 300}
    assert not log.flush(0.05)
    blocked.set()
    assert log.flush()
    log.prediction(id="after")
    assert log.close()
    assert [r["id"] for r in read(tmp_path)] == ["first", "held", *map(str, range(700)), "after"]
    assert [(r["reason"], r["count"]) for r in read(tmp_path, "dropped")] == [("queue full", 300)]


def test_the_queue_is_bounded_by_bytes(tmp_path: Path) -> None:
    log = wk.Logger(tmp_path, queue_bytes=1_000_000)
    for n in range(5_000):
        log.prediction(id=n, features={"x": "y" * 1_000})
    log.close()
    assert log.dropped.get("queue full", 0) > 0


def test_many_threads_lose_nothing(tmp_path: Path, read: Read) -> None:
    with wk.Logger(tmp_path) as log:

        def serve(name: int) -> None:
            for n in range(3_000):
                log.prediction(id=f"{name}-{n}", features={"a": n, "b": str(name)})

        threads = [threading.Thread(target=serve, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert log.flush()
    ids = [r["id"] for r in read(tmp_path)]
    assert len(ids) == len(set(ids)) == 12_000


def test_sampling_is_fair_and_alike(tmp_path: Path, read: Read) -> None:
    with wk.Logger(tmp_path, sample=0.2) as log:
        for n in range(20_000):
            log.prediction(id=f"id-{n}", prediction=n)
            log.outcome(id=f"id-{n}", actual=n)
        log.prediction(id="id-0", weight=3.0)
    predictions = read(tmp_path)
    assert abs(len(predictions) - 4_000) < 4 * math.sqrt(20_000 * 0.2 * 0.8)
    assert {r["id"] for r in predictions} == {r["id"] for r in read(tmp_path, "outcome")}
    assert {r["weight"] for r in predictions} <= {5.0, 15.0}
    kept = np.array([r["prediction"] for r in predictions if r["prediction"] is not None])
    assert abs(kept.mean() - 10_000) < 4 * 20_000 / math.sqrt(12 * 4_000)


def test_a_clock_that_goes_back_is_harmless(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wk.Logger(tmp_path) as log:
        log.prediction(id="a")
        assert log.flush()
        monkeypatch.setattr("watchkeeper.logger.logger.time_ns", lambda: 5_000)
        log.prediction(id="b")
        assert log.flush(5)
    assert [r["id"] for r in read(tmp_path)] == ["a", "b"]
    assert read(tmp_path)[1]["recorded_at"] == 5


def test_process_records(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.logger.worker.MINUTE", 0.1)
    with wk.Logger(tmp_path) as log:
        log.prediction(id="a")
        time.sleep(0.4)
    found = read(tmp_path, "process")
    assert len(found) >= 2
    assert all(r["memory"] > 1e7 and r["cpu"] >= 0 and r["process"] for r in found)


def test_closed_is_closed(tmp_path: Path, read: Read, caplog: pytest.LogCaptureFixture) -> None:
    log = wk.Logger(tmp_path)
    log.prediction(id="a")
    assert log.close()
    assert log.close()
    assert log.flush()
    log.prediction(id="b")
    log.outcome("b", 1)
    assert log.dropped == {"prediction: the logger is closed": 1, "outcome: the logger is closed": 1}
    assert [r["id"] for r in read(tmp_path)] == ["a"]
    assert "the logger is closed" in caplog.text


def test_a_logger_that_is_forgotten_writes_what_it_has(tmp_path: Path, read: Read) -> None:
    log = wk.Logger(tmp_path)
    log.prediction(id="a")
    thread = log._worker._thread  # type: ignore[union-attr]
    del log
    thread.join(5)
    assert not thread.is_alive()
    assert [r["id"] for r in read(tmp_path)] == ["a"]


def test_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = [
        (lambda: wk.Logger(tmp_path / "file" / "below"), "cannot be written"),
        (lambda: wk.Logger(""), "a folder is needed"),
        (lambda: wk.Logger(tmp_path, model="a/b"), "can be a file's"),
        (lambda: wk.Logger(tmp_path, model=""), "can be a file's"),
        (lambda: wk.Logger(tmp_path, sample=0), "above 0 and at most 1"),
        (lambda: wk.Logger(tmp_path, sample=10), "above 0 and at most 1"),
        (lambda: wk.Logger(tmp_path, queue_rows=0), "queue_rows"),
        (lambda: wk.Logger(tmp_path, queue_bytes=1.5), "queue_bytes"),  # type: ignore[arg-type]
    ]
    for make, message in wrong:
        with pytest.raises(wk.WatchkeeperError, match=message):
            make()
