from __future__ import annotations

import click
import pytest

from watchkeeper.cli.options import bands, given, segment


@pytest.mark.parametrize(
    ("rule", "key", "band"),
    [
        ("accuracy >= 0.88", "accuracy", ">= 0.88"),
        ("accuracy>=.88", "accuracy", ">=.88"),
        ("missing_rate(visib) <= 2e-2", "missing_rate(visib)", "<= 2e-2"),
        ("missing_rate(a <= b) <= 0.02", "missing_rate(a <= b)", "<= 0.02"),
        ("recall[carrier=UA] > 0.8", "recall[carrier=UA]", "> 0.8"),
        ("recall[origin × carrier=JFK × UA] > 0.8", "recall[origin × carrier=JFK × UA]", "> 0.8"),
        ("positive_rate 0.1 .. 0.3", "positive_rate", "0.1 .. 0.3"),
        ("positive_rate between 0.1 and 0.3", "positive_rate", "between 0.1 and 0.3"),
        ("mean_error -1 .. +1", "mean_error", "-1 .. +1"),
    ],
)
def test_a_band_is_a_metric_and_its_limits(rule: str, key: str, band: str) -> None:
    assert bands([rule]) == {key: band}


@pytest.mark.parametrize("rule", ["accuracy", ">= 0.88", "accuracy = 0.88", "accuracy >= high", ""])
def test_what_is_no_band_is_refused(rule: str) -> None:
    with pytest.raises(click.BadParameter, match=r"accuracy >= 0\.88"):
        bands([rule])


def test_a_cross_needs_spaces_around_it() -> None:
    assert segment("a × b") == ["a", "b"]
    assert segment("a x b") == ["a", "b"]
    assert segment("taxi") == "taxi"


def test_only_what_was_given_reaches_the_model() -> None:
    assert given({"name": None, "segments": (), "window": "none", "threshold": 0.0}) == {
        "window": None,
        "threshold": 0.0,
    }
