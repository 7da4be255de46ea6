"""Flights: a year of real days in random order, so that nothing changes but the days differ as days do."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

import watchkeeper as wk
from watchkeeper.checking.judging import Case, Reading, seasons_of
from watchkeeper.demo.classifier import out_of_fold, threshold
from watchkeeper.demo.delays import flight_delay
from watchkeeper.demo.flights import flights
from watchkeeper.profiles import Profile
from watchkeeper.result import Result
from watchkeeper.verdicts import Timeline, Windows

REFERENCE = 100  # days
ROUNDS = 200
BROKEN = (date(2013, 2, 8), date(2013, 2, 9), date(2013, 12, 31))
"""A blizzard, when flights were cancelled before they had an aircraft: of 31 and 35 % its seats are missing, of 15 % on
other days and never of 22; and a day without weather. They are breaks, wherever they fall."""


def whole_year() -> tuple[wk.Model, Profile]:
    """The profile of every day but the broken ones, each flight scored by a classifier that has not seen its day."""
    table = flights()
    for day in BROKEN:
        table = table.filter(pc.field("day") != day)
    scores = out_of_fold(table)
    model = replace(flight_delay(threshold(scores, table)), reference=None, segments=["origin"])
    table = table.drop_columns(["day"]).append_column("probability", [scores])
    profile = wk.check(table, table, model).current
    assert profile is not None
    return model, profile


def shuffled(model: wk.Model, profile: Profile, order: NDArray[np.intp]) -> Result:
    """The days in another order: the first are the reference, and each keeps its own rows."""
    starts = profile.windows
    ends = np.append(starts[1:], starts[-1] + 86_400_000_000)
    days = [replace(profile.take(np.array([day])), windows=starts[[i]]) for i, day in enumerate(order)]
    mixed = Profile.join(days)
    before, after = (mixed.take(part) for part in np.split(np.arange(len(starts)), [REFERENCE]))
    windows = Windows.of((starts[REFERENCE:], ends[REFERENCE:]), model)
    nothing = np.zeros(windows.count, dtype=bool)
    reading = Reading(profile.plan, after, before)
    timeline = Timeline.of(windows, seasons_of(model, before, windows))
    case = Case(reading, windows, lambda _: nothing, (), lambda *_: None, timeline=timeline)
    return case.conclude(model)


def main(rounds: int = ROUNDS) -> None:
    model, profile = whole_year()
    rng = np.random.default_rng(365)
    alarming, found = 0, Counter[tuple[str, ...]]()
    for done in range(1, rounds + 1):
        result = shuffled(model, profile, rng.permutation(len(profile.windows)))
        told = {(f.rule, str(f.kind), f.metric, str(f.column), str(f.segment)) for f in result.findings}
        alarming += bool(told)
        found.update(told)
        if done % 20 == 0:
            print(f"{alarming} of {done} so far", flush=True)
    print(f"| flights, days in random order, {REFERENCE} reference windows | {alarming} of {rounds} |")
    for what, times in found.most_common(30):
        print(times, *what)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    main(parser.parse_args().rounds)
