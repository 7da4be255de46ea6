"""E-processes: they hold under the null at any time, and find what changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from watchkeeper.evidence import (
    Betting,
    Ranks,
    Readings,
    Student,
    earn,
    far,
    normal_scores,
    rate_scores,
    start_weights,
)

Floats = NDArray[np.float64]


def naive_scores(values: Floats, reference: int) -> Floats:
    """One series, by the definition: the mean of a normal between the quantiles of its ranks."""
    out = []
    for n in range(reference + 1, len(values) + 1):
        so_far = values[:n]
        below, equal = (so_far < so_far[-1]).sum(), (so_far == so_far[-1]).sum()
        low, high = stats.norm.ppf(below / n), stats.norm.ppf((below + equal) / n)
        out.append(stats.truncnorm(low, high).mean())
    return np.array(out)


def naive_ranks(scores: Floats) -> Floats:
    """log E of one series at each window, by the double sum."""
    weights, out = start_weights(len(scores)), []
    for t in range(1, len(scores) + 1):
        total = 1.0 - weights[:t].sum()
        for j in range(1, t + 1):
            k, z = t - j + 1, scores[j - 1 : t].sum()
            for g in (1.0, 2.0):
                total += (
                    weights[j - 1] * np.exp(g**2 * z**2 / (2 * (1 + g**2 * k))) / np.sqrt(1 + g**2 * k) / 2
                )
        out.append(np.log(total))
    return np.array(out)


def naive_student(values: Floats, reference: int) -> Floats:
    """log E of one series by its definition, with equal weights."""
    weights, out = start_weights(len(values) - reference), []
    for t in range(1, len(values) - reference + 1):
        x = values[: reference + t] - values[: reference + t].mean()
        n, total = len(x), 1.0 - weights[:t].sum()
        for j in range(1, t + 1):
            k = t - j + 1
            a, s = x[reference + j - 1 :].sum(), k * (n - k) / n
            for g in (1.0, 3.0, 10.0):
                share = g**2 * a**2 / ((1 + g**2 * s) * (x @ x))
                total += weights[j - 1] * (1 + g**2 * s) ** -0.5 * (1 - share) ** (-(n - 1) / 2) / 3
        out.append(np.log(total))
    return np.array(out)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 12), st.booleans())
def test_scores_and_evidence_are_what_their_definitions_say(seed, reference, windows, ties):
    values = np.random.default_rng(seed).normal(size=reference + windows + 2).round(1 if ties else 9)
    scores = normal_scores(values[None], reference)[0]
    assert scores == pytest.approx(naive_scores(values, reference), abs=1e-9)
    assert Ranks(values[None], reference).log_evidence()[0] == pytest.approx(naive_ranks(scores), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(1, 12))
def test_the_t_mixture_is_what_its_definition_says(seed, reference, windows):
    values = np.random.default_rng(seed).normal(3.0, 2.0, size=reference + windows)
    assert Student(values[None], reference).log_evidence()[0] == pytest.approx(
        naive_student(values, reference), rel=1e-7, abs=1e-9
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 1e6), st.floats(-1e6, 1e6))
def test_the_t_mixture_minds_neither_unit_nor_origin(seed, scale, origin):
    values = np.random.default_rng(seed).normal(size=(3, 20))
    moved = Student(values * scale + origin, 5).log_evidence()
    assert moved == pytest.approx(Student(values, 5).log_evidence(), rel=1e-4, abs=1e-4)


def test_start_weights_of_a_whole_life_are_one():
    weights = start_weights(10**6)
    assert weights.sum() < 1
    assert weights.sum() + 2 * (10**6 + 4.5) ** -0.5 / (weights[0] * 5**1.5) ** -1 == pytest.approx(
        1, abs=1e-3
    )


SHAPES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "heavy tails": lambda rng, shape: rng.standard_t(1, shape),
    "skew": lambda rng, shape: np.exp(2 * rng.normal(size=shape)),
    "ties": lambda rng, shape: rng.poisson(0.1, shape).astype(float),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reference", [5, 100])
def test_ranks_hold_for_any_exchangeable_windows(shape, reference):
    values = SHAPES[shape](np.random.default_rng(5), (4_000, reference + 100))
    most = Ranks(values, reference).log_evidence().max(axis=1)
    for alpha in (0.2, 0.05, 0.01):
        assert (most >= -np.log(alpha)).mean() <= alpha + 3 * np.sqrt(alpha / 4_000)


@pytest.mark.parametrize("reference", [4, 30])
def test_the_t_mixture_holds_for_independent_normal_windows(reference):
    values = np.random.default_rng(6).normal(size=(4_000, reference + 100))
    most = Student(values, reference).log_evidence().max(axis=1)
    for alpha in (0.2, 0.05, 0.01):
        assert (most >= -np.log(alpha)).mean() <= alpha + 3 * np.sqrt(alpha / 4_000)


def test_bets_on_rows_hold_at_the_line_and_win_beyond_it():
    rng, rows = np.random.default_rng(7), np.full((1_000, 100), 200.0)
    for wrong, line in (("below", 0.88), ("above", 0.02)):
        at = rng.binomial(200, line, rows.shape).astype(float)
        most = Betting(at, rows, line, wrong).log_evidence().max(axis=1)
        assert (most >= np.log(20)).mean() <= 0.05
        worse = rng.binomial(200, line + (-0.03 if wrong == "below" else 0.03), rows.shape).astype(float)
        assert (Betting(worse, rows, line, wrong).log_evidence()[:, -1] >= np.log(100)).mean() > 0.99


def test_a_far_window_is_told_alone_and_stays_told():
    values = np.random.default_rng(8).normal(size=(1, 140))
    values[0, 110:113] += 60
    told = far(values, 100, np.array([0.001]))[0]
    assert np.flatnonzero(told).tolist() == [10, 11, 12]


@pytest.mark.parametrize("freedom", [4, 30])
def test_far_holds_for_windows_with_tails_of_four_degrees_of_freedom(freedom):
    values = np.random.default_rng(9).standard_t(freedom, (40_000, 130))
    assert far(values, 30, np.full(40_000, 0.01)).any(axis=1).mean() <= 0.01


def readings(values: Floats, rows: float | Floats = 1_000.0, by_rank: bool = False) -> Readings:
    every = np.broadcast_to(np.asarray(rows, float), values.shape)
    return Readings(values[None], every, np.zeros(1), np.ones(1), 40, by_rank)


def test_a_change_is_located_from_where_it_is_told_until_it_has_ended():
    values = np.random.default_rng(10).normal(size=100)
    values[60:75] += 4.0
    (earned,) = earn([readings(values)], [0.01])
    assert earned is not None
    first = int(np.argmax(earned.alarm))
    assert 21 <= first <= 30
    told = np.flatnonzero(earned.alarm)
    assert told.tolist() == list(range(first, int(told[-1]) + 1))
    assert 34 <= told[-1] <= 40
    (found,) = earned.located(np.array([34]), values[40:], values[:40])
    assert found.earliest <= 20 <= found.latest
    assert abs(found.start - 20) <= 1
    assert found.low < 4.0 < found.high


def test_windows_that_do_not_count_change_nothing():
    values = np.random.default_rng(11).normal(size=80)
    gaps = np.insert(values, [20, 60], [50.0, np.nan])
    rows = np.insert(np.full(80, 100.0), [20, 60], [3.0, 100.0])  # one of too few rows, one without a number
    with_gaps = Readings(gaps[None], rows, np.zeros(1), np.ones(1), 41)
    (a,), (b,) = earn([readings(values, 100.0)], [0.01]), earn([with_gaps], [0.01])
    assert a is not None
    assert b is not None
    counted = np.delete(b.log, 20)
    assert np.isnan(b.log[20])
    assert counted == pytest.approx(a.log)


def test_a_weekday_is_no_change():
    rng = np.random.default_rng(12)
    weekday = np.arange(250) % 7
    values = rng.normal(size=250) * 0.3 + 3.0 * (weekday >= 5)
    values[200:] += 1.0
    r = Readings(values[None], np.full(250, 100.0), np.zeros(1), np.ones(1), 100)
    (plain,), (freed,) = earn([r], [0.01]), earn([r], [0.01], seasons={"weekday": weekday})
    assert plain is not None
    assert freed is not None
    assert freed.seasons == ("weekday",)
    assert int(np.argmax(freed.alarm)) - 100 < 12
    assert not plain.alarm[:110].any()


def test_values_that_a_window_has_wholly_or_not_are_no_change_in_any_season():
    rng, rows, alarms = np.random.default_rng(15), np.random.default_rng(16).integers(500, 1_500, 362), 0
    for _ in range(40):  # days of one value each, of seven, in any order
        days = rng.permutation(362) % 7
        hits = (days == np.arange(7)[:, None]) * rows
        shares = Readings(
            rate_scores(hits, rows), rows.astype(float), np.full(7, 0.25), np.full(7, 1 / 7), 100
        )
        (earned,) = earn([shares], [0.01], seasons={"weekday": np.arange(362) % 7})
        assert earned is not None
        alarms += bool(earned.alarm.any())
    assert alarms <= 1


def test_autocorrelated_windows_alarm_rarely_once_whitened():
    rng, noise = np.random.default_rng(13), np.random.default_rng(14).normal(size=(300, 200))
    values = np.empty_like(noise)
    values[:, 0] = rng.normal(size=300)
    for i in range(1, 200):
        values[:, i] = 0.6 * values[:, i - 1] + 0.8 * noise[:, i]
    every = [Readings(v[None], np.full(200, 100.0), np.zeros(1), np.ones(1), 100) for v in values]
    earned = [e for e in earn(every, [0.05] * 300) if e is not None]
    assert np.mean([e.whitened for e in earned]) > 0.95
    assert np.mean([e.alarm.any() for e in earned]) < 0.05
    raw = Ranks(values, 100).log_evidence().max(axis=1)
    assert (raw >= np.log(20)).mean() > 0.5


@pytest.mark.parametrize("independent", [False, True])
def test_asked_for_windows_that_say_what_is_normal_it_tells_nothing(independent):
    """Two watched windows help a reference of 28, three one of 1; only these are asked for."""
    reference = 1 if independent else 28
    values = np.random.default_rng(0).normal(size=reference + 10)
    one = Readings(values[None], np.full(len(values), 100.0), np.zeros(1), np.ones(1), reference)
    (found,) = earn([one], [0.01], independent, at=np.array([0, 1]))
    assert found is not None
    assert found.learned[:2].all()
    assert np.isnan(found.log).all()
    assert not found.alarm.any()


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6), st.booleans(), st.lists(st.integers(0, 89), min_size=1, max_size=6, unique=True)
)
def test_asked_for_some_windows_it_gives_the_same_there_and_nothing_elsewhere(seed, independent, some):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=130)
    for start in rng.integers(40, 120, 2):
        values[start : start + rng.integers(5, 40)] += rng.normal(0, 4)
    at = np.sort(np.array(some))
    (whole,) = earn([readings(values)], [0.01], independent)
    (asked,) = earn([readings(values)], [0.01], independent, at=at)
    assert whole is not None
    assert asked is not None
    assert asked.log[at] == pytest.approx(whole.log[at])
    assert np.isnan(np.delete(asked.log, at)).all()
    assert asked.alarm[at].tolist() == whole.alarm[at].tolist()
    assert asked.ever == bool((whole.alarm | whole.far)[: at.max() + 1].any() or whole.far.any())
    told = at[whole.alarm[at]]
    one, other = (e.located(told, values[40:], values[:40]) for e in (asked, whole))
    assert [(f.start, f.earliest, f.latest, f.kind) for f in one] == [
        (f.start, f.earliest, f.latest, f.kind) for f in other
    ]
    assert np.array([(f.size, f.low, f.high) for f in one]) == pytest.approx(
        np.array([(f.size, f.low, f.high) for f in other])
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_what_was_told_of_a_window_stays_whatever_follows(seed, independent):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=120)
    for start in rng.integers(40, 110, 2):
        values[start : start + rng.integers(5, 30)] += rng.normal(0, 4)
    (whole,) = earn([readings(values)], [0.01], independent)
    assert whole is not None
    for days in range(1, 81):
        (so_far,) = earn([readings(values[: 40 + days])], [0.01], independent, at=np.array([days - 1]))
        assert so_far is not None
        assert so_far.log[days - 1] == pytest.approx(whole.log[days - 1])
        assert so_far.alarm[days - 1] == whole.alarm[days - 1]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([1, 2, 7, 30, 64, 65]))
def test_no_window_exceeds_the_ceiling(seed, student, windows):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, 12 + windows)) * rng.choice([0.1, 1.0, 50.0])
    values[:, int(rng.integers(12, 12 + windows)) :] += rng.normal(0, 5)
    change = Student(values, 12, rng.uniform(0.5, 2.0, values.shape)) if student else Ranks(values, 12)
    assert (change.log_evidence().max(axis=1) <= change.ceiling() + 1e-9).all()


def test_the_ceiling_is_seldom_reached_where_nothing_changes():
    values = np.random.default_rng(18).normal(size=(500, 300))
    for change in (Ranks(values, 100), Student(values, 100)):
        assert (change.ceiling() >= 12).mean() < 0.02


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_an_alarm_begins_with_evidence_and_has_no_hole_before_its_end(seed, independent):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=140)
    values[int(rng.integers(40, 100)) :] += rng.normal(0, 3)
    (earned,) = earn([readings(values)], [0.01], independent)
    assert earned is not None
    begins = np.flatnonzero(np.diff(np.concatenate([[0], earned.alarm.astype(int)])) == 1)
    assert (earned.log[begins] >= earned.needed).all()
    if len(begins):
        assert begins[0] == np.flatnonzero(earned.log >= earned.needed)[0]


@pytest.mark.parametrize("independent", [False, True])
@pytest.mark.parametrize("reference", [30, 100])
def test_a_shift_that_lasts_has_few_holes_and_one_that_ends_does_not_come_back(independent, reference):
    rng = np.random.default_rng(19)
    lasting, ending = rng.normal(size=(2, 60, reference + 300))
    lasting[:, reference + 30 :] += 2.0
    ending[:, reference + 30 : reference + 90] += 2.0
    every = [
        Readings(v[None], np.full(len(v), 100.0), np.zeros(1), np.ones(1), reference)
        for v in (*lasting, *ending)
    ]
    alarms = np.stack([e.alarm for e in earn(every, [0.001] * 120, independent) if e is not None])
    ends = (np.diff(alarms.astype(int), axis=1) == -1).sum(axis=1)
    assert ends[:60].mean() <= 0.1
    assert (ends[60:] <= 1).mean() >= 0.95
    over = np.array([np.flatnonzero(a)[-1] - 89 for a in alarms[60:] if a.any()])
    assert np.median(over) <= 6


def test_a_second_shift_is_told_again_against_what_was_normal_before_the_first():
    values = np.random.default_rng(20).normal(size=300)
    values[60:120] += 4.0
    values[200:] -= 4.0
    (earned,) = earn([readings(values)], [0.001])
    assert earned is not None
    begins = np.flatnonzero(np.diff(earned.alarm.astype(int)) == 1) + 1
    assert len(begins) == 2
    assert 160 <= begins[1] <= 168
    (found,) = earned.located(begins[1:], values[40:], values[:40])
    assert found.earliest <= 160 <= found.latest
    assert found.low < -4.0 < found.high  # the first shift is no part of what was before


def test_a_reference_of_few_windows_learns_from_the_first_that_are_watched():
    values = np.random.default_rng(16).normal(size=70)
    values[55:] += 5.0
    few = Readings(values[None], np.full(70, 100.0), np.zeros(1), np.ones(1), 10)
    (earned,) = earn([few], [0.01])
    assert earned is not None
    assert earned.learned.sum() == 20
    assert np.isnan(earned.log[:20]).all()
    assert np.isfinite(earned.log[20:]).all()
    assert 45 <= int(np.argmax(earned.alarm)) <= 55


@pytest.mark.parametrize("reference", [4, 6, 30])
def test_no_more_windows_are_far_than_alpha_allows_however_few_are_known(reference):
    values = np.random.default_rng(reference).standard_normal((200_000, reference + 20))
    found = far(values, reference, np.full(200_000, 2.5e-4)).any(axis=1)
    assert found.sum() <= 50 + 2 * np.sqrt(50)
