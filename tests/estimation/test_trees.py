import numpy as np
import pytest

from watchkeeper.estimation.trees import ERRORS, OUTCOMES, boost

RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 10, (4, 8_000)).astype(np.uint8)
APART = np.arange(8_000) % 4 == 0


def test_an_interaction_is_learned() -> None:
    logit = np.where((CODES[0] > 4) == (CODES[1] > 4), 1.5, -1.5)
    y = (RNG.random(8_000) < 1 / (1 + np.exp(-logit))).astype(float)
    fit = boost(CODES, [True] * 4, y[:, None], np.zeros((8_000, 1)), OUTCOMES, APART)
    assert fit.gain > 0.15
    assert np.corrcoef(fit.trees(CODES)[:, 0], logit)[0, 1] > 0.97


def test_noise_is_left_alone() -> None:
    y = (RNG.random(8_000) < 0.5).astype(float)
    fit = boost(CODES, [True] * 4, y[:, None], np.zeros((8_000, 1)), OUTCOMES, APART)
    assert fit.gain < 0.002


@pytest.mark.parametrize("ordered", [True, False])
def test_several_targets_share_trees(ordered: bool) -> None:
    wave = np.array([0.0, 5, 1, 4, 2, 3, 9, 7, 8, 6])
    target = np.stack([wave[CODES[2]], -wave[CODES[3]]], axis=1)
    target = target - target.mean(axis=0)
    fit = boost(CODES, [ordered] * 4, target, np.zeros_like(target), ERRORS)
    assert len(fit.trees.trees) == ERRORS.number
    assert np.mean((fit.trees(CODES) - target) ** 2) < 0.02 * np.mean(target**2)


def test_codes_that_training_has_not_seen_go_somewhere() -> None:
    y = (CODES[0] > 4).astype(float)
    fit = boost(CODES, [True] * 4, y[:, None], np.zeros((8_000, 1)), OUTCOMES, APART)
    assert np.isfinite(fit.trees(np.full((4, 3), 255, np.uint8))).all()
