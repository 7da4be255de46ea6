"""Which prediction an outcome is about, whatever comes first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

import watchkeeper as wk
from tests.running.workspaces import DAY, START, numbers
from watchkeeper.model import Truth
from watchkeeper.running import Run, run
from watchkeeper.workspace import Workspace

HOUR = DAY // 24
MODEL = wk.Model(
    name="m", task="binary", prediction="prediction", outcome="actual", truth=Truth(within="10d")
)


class Book:
    """A workspace with a logger; days are counted from START."""

    def __init__(self, folder: Path, model: wk.Model = MODEL) -> None:
        self.folder = folder
        with Workspace.open(folder, create=True) as workspace:
            workspace.save_model(model)
        self.log = wk.Logger(folder, model="m")

    def prediction(self, id: str, day: float, said: int = 1) -> None:
        self.log.prediction(id=id, features={"x": 1.0}, prediction=said, timestamp=_time(day))

    def outcome(self, id: str, actual: int, known: float, day: float | None = None) -> None:
        timestamp = None if day is None else _time(day)
        self.log.outcome(id=id, actual=actual, timestamp=timestamp, known_at=_time(known))

    def run(self, day: float = 30) -> Run:
        self.log.flush()
        with Workspace.open(self.folder) as workspace:
            return run(workspace, now=START + round(day * DAY))

    def accuracy(self, day: int) -> float:
        return numbers(self.folder, "accuracy")[START + day * DAY]

    def delays(self, day: int) -> list[float]:
        """Days within which half, and 95 %, of the truth came."""
        names = ("outcome_delay_p50", "outcome_delay_p95")
        return [numbers(self.folder, name)[START + day * DAY] * 1e6 / DAY for name in names]

    def coverage(self, day: int) -> float:
        return numbers(self.folder, "outcome_coverage")[START + day * DAY]


def _time(day: float) -> np.datetime64:
    return np.datetime64(START + round(day * DAY), "us")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "monitoring")
    made.prediction("first", 9.5)  # the plan needs a label of each class
    made.prediction("second", 9.5, 0)
    made.run()
    yield made
    made.log.close()


def test_an_outcome_that_comes_before_its_prediction_waits(book: Book) -> None:
    book.outcome("a", 1, known=3)
    assert [step.waiting for step in book.run().steps] == [1]
    book.prediction("a", 1.5)
    book.run()
    assert (book.coverage(1), book.accuracy(1)) == (1, 1)


def test_an_outcome_with_a_timestamp_waits_for_its_own_prediction(book: Book) -> None:
    book.outcome("a", 1, known=3, day=1.5)
    book.prediction("a", 1.25)
    book.run()
    assert book.coverage(1) == 0
    book.prediction("a", 1.5)
    book.run()
    assert book.coverage(1) == 0.5


def test_one_without_a_timestamp_is_of_the_latest_prediction_before_it_was_known(book: Book) -> None:
    for day in (1.5, 2.5, 4.5):
        book.prediction("a", day)
    book.outcome("a", 1, known=3)
    book.run()
    assert [book.coverage(day) for day in (1, 2, 4)] == [0, 1, 0]


def test_it_moves_to_a_later_prediction_that_was_logged_late(book: Book) -> None:
    book.prediction("a", 1.5)
    book.outcome("a", 1, known=3)
    book.run()
    assert book.coverage(1) == 1
    book.prediction("a", 2.5)
    assert [step.computed for step in book.run().steps] == [2]
    assert (book.coverage(1), book.coverage(2)) == (0, 1)


def test_a_correction_replaces_and_a_repetition_changes_nothing(book: Book) -> None:
    book.prediction("a", 1.5)
    book.outcome("a", 1, known=2)
    book.run()
    assert book.accuracy(1) == 1
    book.outcome("a", 1, known=2)
    book.run()
    assert (book.accuracy(1), book.coverage(1)) == (1, 1)
    book.outcome("a", 0, known=4)
    assert [step.computed for step in book.run().steps] == [1]
    assert (book.accuracy(1), book.coverage(1)) == (0, 1)


def test_an_earlier_outcome_that_arrives_later_does_not_replace_a_correction(book: Book) -> None:
    book.prediction("a", 1.5)
    book.outcome("a", 0, known=4)
    book.run()
    book.outcome("a", 1, known=2)
    book.run()
    assert book.accuracy(1) == 0


def test_what_becomes_known_too_late_does_not_count(book: Book) -> None:
    book.prediction("a", 1.5)
    book.outcome("a", 1, known=12)
    assert [step.waiting for step in book.run().steps] == [1]
    assert book.coverage(1) == 0


def test_absence_is_an_outcome_once_its_time_is_over(tmp_path: Path) -> None:
    model = wk.Model.from_dict({**MODEL.to_dict(), "truth": {"within": "3d", "absent": 0}})
    book = Book(tmp_path / "monitoring", model)
    book.prediction("a", 1.25, 0)
    book.prediction("b", 1.75, 1)
    book.outcome("b", 1, known=2)
    book.run(day=3)
    assert book.coverage(1) == 0.5
    assert book.run(day=4).idle
    book.run(day=4.5)
    assert (book.coverage(1), book.accuracy(1)) == (1, 1)
    book.log.close()


def test_a_repeated_prediction_counts_once(book: Book) -> None:
    for _ in range(3):
        book.prediction("a", 1.5)
        book.run()
    assert numbers(book.folder, "row_count")[START + DAY] == 1


def test_rows_ahead_of_the_clock_wait_until_their_time(book: Book) -> None:
    book.prediction("a", 40.5)
    assert book.run(day=30).steps[0].computed == 0
    assert book.run(day=41).steps[0].computed == 1
    assert numbers(book.folder, "row_count")[START + 40 * DAY] == 1


def test_windows_are_judged_when_their_truth_has_come(tmp_path: Path) -> None:
    model = wk.Model.from_dict(
        {**MODEL.to_dict(), "truth": {"within": "5d"}, "bands": {"accuracy": ">= 0.9"}}
    )
    book = Book(tmp_path / "monitoring", model)
    for i in range(200):
        book.prediction(f"p{i}", 1.5, i % 2)
        book.outcome(f"p{i}", 0, known=2)
    early = book.run(day=3)
    assert early.verdict == "no_data"
    assert early.steps[0].result is not None
    assert "truth is still coming in" in " ".join(early.steps[0].result.notes)
    assert book.run(day=6.9).idle
    assert book.run(day=7.1).verdict == "alarm"
    book.log.close()


def test_each_window_tells_how_late_its_truth_came(book: Book) -> None:
    for i, late in enumerate((1, 2, 3)):
        book.prediction(f"a{i}", 1.5)
        book.outcome(f"a{i}", 1, known=1.5 + late)
    book.prediction("b", 3.5)
    book.outcome("b", 1, known=7.5)
    book.prediction("c", 4.5)
    book.run()
    assert book.delays(1) == pytest.approx([2, 3], rel=0.02)
    assert book.delays(3) == pytest.approx([4, 4], rel=0.02)
    assert np.isnan(book.delays(4)).all()
    book.outcome("c", 1, known=5)
    book.run()
    assert book.delays(4) == pytest.approx([0.5, 0.5], rel=0.02)


def test_a_correction_does_not_make_the_truth_later(book: Book) -> None:
    book.prediction("a", 1.5)
    book.outcome("a", 0, known=6.5)
    book.run()
    assert book.delays(1) == pytest.approx([5, 5], rel=0.02)
    book.outcome("a", 1, known=2.5)  # told late: it was known before
    book.run()
    assert book.delays(1) == pytest.approx([1, 1], rel=0.02)


def test_truth_that_came_along_with_its_prediction_tells_no_delay(book: Book) -> None:
    book.prediction("a", 1.5)
    book.outcome("a", 1, known=1.5, day=1.5)
    book.prediction("b", 2.5)
    book.outcome("b", 1, known=3.5)
    book.run()
    assert book.coverage(1) == 1
    assert np.isnan(book.delays(1)).all()


def test_absence_tells_no_delay(tmp_path: Path) -> None:
    model = wk.Model.from_dict({**MODEL.to_dict(), "truth": {"within": "3d", "absent": 0}})
    book = Book(tmp_path / "monitoring", model)
    book.prediction("a", 1.25, 0)
    book.prediction("b", 1.75, 1)
    book.outcome("b", 1, known=2.75)
    book.run()
    assert book.coverage(1) == 1
    assert book.delays(1) == pytest.approx([1, 1], rel=0.02)
    book.log.close()


def test_a_delay_alarms_only_by_a_band_and_not_before_the_truth_has_come(tmp_path: Path) -> None:
    model = wk.Model.from_dict({**MODEL.to_dict(), "bands": {"outcome_delay_p50": "<= 86400"}})
    book = Book(tmp_path / "monitoring", model)
    for i in range(200):
        book.prediction(f"p{i}", 1.5, i % 2)
        book.outcome(f"p{i}", 0, known=4.5)
    assert book.run(day=4.6).verdict == "no_data"
    done = book.run(day=12.1)
    assert done.verdict == "alarm"
    result = done.steps[0].result
    assert result is not None
    assert "Median delay of outcomes" in result.findings[0].sentence
    assert "3 days" in result.findings[0].sentence
    judged = result.metrics.filter(pc.is_valid(result.metrics["verdict"]))
    assert judged["metric"].unique().to_pylist() == ["outcome_delay_p50"]
    page = (result.save(tmp_path / "report.html")).read_text(encoding="utf-8")
    assert "95th percentile of the delay of outcomes" in page
    assert re.search(r"half of what came later than its prediction came within (2\.9|3)\d* days", page)
    book.log.close()
