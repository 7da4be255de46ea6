"""Whatever comes in whatever order, with runs in between: what is stored equals one computation of everything."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import watchkeeper as wk
from tests.running.workspaces import DAY, START, profile_of_everything, same_profile, whole
from watchkeeper.model import Truth
from watchkeeper.running import run
from watchkeeper.workspace import Workspace

DAYS = st.integers(0, 5)
SOME = st.integers(1, 30)
RUN = st.sampled_from([None, 0, 0, 2])


class Incremental(RuleBasedStateMachine):
    """A model whose predictions, outcomes and corrections come in any order, and whose description changes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.random = np.random.default_rng(0)
        self.made: list[tuple[str, int]] = []
        self.later: list[str] = []
        self.now = START + 8 * DAY

    @initialize(truth=st.sampled_from([None, Truth(within="3d"), Truth(within="3d", absent=0)]))
    def describe(self, truth: Truth | None) -> None:
        self.model = wk.Model(
            name="m",
            task="binary",
            score="score",
            threshold=0.5,
            outcome="actual",
            segments=["place"],
            truth=truth,
        )
        with Workspace.open(self.folder, create=True) as workspace:
            workspace.save_model(self.model)
        self.log = wk.Logger(self.folder, model="m")

    @rule(day=DAYS, count=SOME, odd=st.booleans(), then=RUN)
    def predict(self, day: int, count: int, odd: bool, then: int | None) -> None:
        for _ in range(count):
            moment = START + day * DAY + int(self.random.integers(DAY // 1_000_000)) * 1_000_000
            name = f"p{len(self.made)}"
            self.made.append((name, moment))
            self._predict(name, moment, "?" if odd and self.random.random() < 0.3 else self.random.normal())
        self._run(then)

    def _predict(self, name: str, moment: int, size: Any) -> None:
        features = {"size": size, "place": str(self.random.choice(["a", "b", "c"]))}
        for name in self.later:
            value = self.random.normal()
            features[name] = [value, f"{value:.0f}"][len(name) % 2] if value > -1 else None
        score = round(float(self.random.random()), 3)
        version = self.random.choice([None, "1", "2"])
        self.log.prediction(id=name, features=features, score=score, timestamp=_time(moment), version=version)

    @precondition(lambda self: self.made)
    @rule(data=st.data(), later=st.integers(0, 5), then=RUN)
    def predict_again(self, data: st.DataObject, later: int, then: int | None) -> None:
        """The same id at the same or a later time."""
        name, moment = data.draw(st.sampled_from(self.made))
        self.made.append((name, moment + later * DAY // 2))
        self._predict(*self.made[-1], 1.0)
        self._run(then)

    @precondition(lambda self: self.made)
    @rule(
        data=st.data(), late=st.integers(0, 6), timed=st.booleans(), actual=st.sampled_from([0, 1]), then=RUN
    )
    def outcome(self, data: st.DataObject, late: int, timed: bool, actual: int, then: int | None) -> None:
        """Of a prediction that was made, or is yet to be; a second one corrects the first."""
        future = [(f"p{len(self.made) + i}", START + 3 * DAY) for i in range(5)]
        for name, moment in data.draw(
            st.lists(st.sampled_from([*self.made, *future]), min_size=1, max_size=15)
        ):
            known = _time(moment + late * DAY // 2)
            self.log.outcome(
                id=name, actual=actual, timestamp=_time(moment) if timed else None, known_at=known
            )
        self._run(then)

    @rule()
    def log_one_more_feature(self) -> None:
        self.later.append("later" + len(self.later) * "s")

    @rule()
    def segment_by_more(self) -> None:
        self._change(segments=["place", wk.Where("big", "size > 0")])

    @rule(edge=st.sampled_from([0.3, 0.5, 0.7]))
    def move_the_threshold(self, edge: float) -> None:
        self._change(threshold=edge)

    @rule()
    def add_a_band(self) -> None:
        self._change(bands={"accuracy": ">= 0.5"})

    @rule(rule_=st.sampled_from(["first 2d", "previous 2d", "same window last year"]))
    def give_a_version_its_reference(self, rule_: str) -> None:
        self._change(reference={"2": rule_, "default": "first 1d"})

    def _change(self, **keys: Any) -> None:
        model = wk.Model.from_dict({**self.model.to_dict(), **wk.Model(**keys).to_dict(), "name": "m"})
        self.model = model
        with Workspace.open(self.folder) as workspace:
            workspace.save_model(model)

    def _run(self, days: int | None) -> None:
        """Let so many days pass, and bring everything up to date."""
        if days is None:
            return
        self.now += days * DAY
        self.log.flush()
        with Workspace.open(self.folder) as workspace:
            run(workspace, now=self.now)
            again = run(workspace, now=self.now)
        assert again.idle
        if self.made:
            self._compare()

    def _compare(self) -> None:
        stored = profile_of_everything(self.folder)
        with tempfile.TemporaryDirectory() as other:
            computed = whole(self.folder, Path(other), self.now)
        same_profile(stored, computed)

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self._run(0)
            self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _time(moment: int) -> np.datetime64:
    return np.datetime64(moment, "us")


TestIncremental = Incremental.TestCase
TestIncremental.settings = settings(
    max_examples=5, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
