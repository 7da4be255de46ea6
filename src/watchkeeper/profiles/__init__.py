"""Profiles: rows in, everything that is ever known of them out. One pass, one NumPy kernel, merged by ``+``."""

from watchkeeper.profiles.arrow import PROFILE, from_arrow, to_arrow
from watchkeeper.profiles.grid import Grid, LogLinearGrid, ValueGrid
from watchkeeper.profiles.plan import CategoryColumn, Column, NumberColumn, Plan, Segmentation
from watchkeeper.profiles.plan_document import plan_from_json, plan_to_json
from watchkeeper.profiles.planning import plan_of
from watchkeeper.profiles.profile import Profile, Slice
from watchkeeper.profiles.profiling import profile_of
from watchkeeper.profiles.runs import Runs
from watchkeeper.profiles.scores import Scores
from watchkeeper.profiles.sketch import Sketch
from watchkeeper.profiles.summaries import (
    Calibration,
    Categories,
    Confusion,
    Histogram,
    Kpi,
    Moments,
    Numbers,
    Residuals,
)

__all__ = [
    "PROFILE", "Calibration", "Categories", "CategoryColumn", "Column", "Confusion", "Grid", "Histogram", "Kpi",
    "LogLinearGrid", "Moments", "NumberColumn", "Numbers", "Plan", "Profile", "Residuals", "Runs", "Scores",
    "Segmentation", "Sketch", "Slice", "ValueGrid", "from_arrow", "plan_from_json", "plan_of",
    "plan_to_json", "profile_of", "to_arrow",
]  # fmt: skip
