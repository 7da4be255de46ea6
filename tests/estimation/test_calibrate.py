import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from watchkeeper.estimation.calibrate import Beta, Isotonic, Plain, calibrator_for, shifted


def test_isotonic_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    score = np.round(rng.random(2_000), 2)
    y = (rng.random(2_000) < score**2).astype(float)
    ours = Isotonic.fit(score, y, np.ones_like(y))
    theirs = IsotonicRegression(out_of_bounds="clip").fit(score, y)
    at = np.linspace(-0.1, 1.1, 400)
    np.testing.assert_allclose(ours(at), theirs.predict(at), atol=1e-12)


def test_beta_finds_the_curve_that_made_the_data() -> None:
    rng = np.random.default_rng(1)
    score = rng.uniform(0.02, 0.98, 60_000)
    truth = Beta((0.6, 1.4, -0.3))
    y = (rng.random(60_000) < truth(score)).astype(float)
    assert Beta.fit(score, y, np.ones_like(y)).weights == pytest.approx(truth.weights, abs=0.06)


@pytest.mark.parametrize(("power", "kind"), [(1.0, Plain), (3.0, (Beta, Isotonic))])
def test_calibration_is_used_only_where_it_improves(power: float, kind: type) -> None:
    rng = np.random.default_rng(2)
    score = rng.random(4_000)
    y = (rng.random(4_000) < score**power).astype(float)
    assert isinstance(calibrator_for(score, 1 - y, y), kind)


def test_one_class_alone_calibrates_nothing() -> None:
    assert calibrator_for(np.array([0.2, 0.4]), np.array([3.0, 4.0]), np.zeros(2)) == Plain()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=200))
def test_any_calibration_gives_probabilities_and_isotonic_keeps_the_mean(
    rows: list[tuple[float, bool]],
) -> None:
    score, y = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    order = np.argsort(score)
    score, y = score[order], y[order]
    fitted = calibrator_for(score, 1 - y, y)(score)
    assert ((fitted >= 0) & (fitted <= 1)).all()
    isotonic = Isotonic.fit(score, y, np.ones_like(y))(score)
    assert (np.diff(isotonic) >= -1e-12).all()
    assert isotonic.mean() == pytest.approx(y.mean())


def test_log_odds_are_moved_and_certainty_stays() -> None:
    moved = shifted(np.array([0.0, 0.5, 1.0]), np.array(1.0))
    np.testing.assert_allclose(moved, [0, 1 / (1 + np.exp(-1)), 1])
