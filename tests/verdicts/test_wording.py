"""How numbers are written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.metrics import METRICS
from watchkeeper.verdicts import name_of, title_of, write, write_band, write_difference, write_interval

UNITS = ("rate", "count", "number", "distance", "seconds")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "rate", "0 %"),
        (1.0, "rate", "100 %"),
        (0.9999, "rate", "99.99 %"),
        (0.842, "rate", "84.2 %"),
        (0.0002, "rate", "0.020 %"),
        (-0.031, "rate", "-3.1 %"),
        (1234567, "count", "1,234,567"),
        (0.0451, "distance", "0.045"),
        (1e15, "number", "1e+15"),
        (-12.5, "number", "-12.5"),
        (0, "number", "0"),
        (math.inf, "number", "∞"),
        (math.nan, "rate", "unknown"),
        (2.5, "seconds", "2.5 s"),
    ],
)
def test_numbers_by_their_unit(value, unit, text):
    assert write(value, unit) == text


@given(st.floats(), st.sampled_from(UNITS))
def test_every_number_can_be_written(value, unit):
    assert write(value, unit)
    assert write_difference(value, unit)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_both_ends_of_an_interval_are_equally_precise(low, width):
    first, second = write_interval(low, low + width).split(" to ")
    if "e" not in first + second:
        assert abs(float(first.replace(",", "")) - low) <= 1e-3 * max(abs(low), abs(low + width), 1e-3)


def test_bands():
    assert write_band(0.88, math.inf, "rate") == "at least 88 %"
    assert write_band(-math.inf, 0.02, "rate") == "at most 2 %"
    assert write_band(math.nan, 0.1, "distance") == "at most 0.10"
    assert write_band(10, 20) == "10 to 20"


def test_every_metric_has_a_name_in_words():
    for metric in METRICS:
        assert "_" not in name_of(metric)
        assert title_of(metric)[0] == name_of(metric)[0].upper()
