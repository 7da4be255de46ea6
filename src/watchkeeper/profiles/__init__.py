"""Profiles: rows in, everything that is ever known of them out. One pass, one NumPy kernel, merged by ``+``."""

from watchkeeper.profiles.arrow import PROFILE, from_arrow, to_arrow
from watchkeeper.profiles.grid import Grid, LogLinearGrid, ValueGrid
from watchkeeper.profiles.plan import CategoryColumn, Column, NumberColumn, Plan, Segmentation
from watchkeeper.profiles.plan_document import plan_from_json, plan_to_json
from watchkeeper.profiles.planning import plan_of
from watchkeeper.profiles.profile import Profile, Slice
from watchkeeper.profiles.profiling import Taker, profile_and, profile_of
from watchkeeper.profiles.runs import Runs
from watchkeeper.profiles.scores import Scores
from watchkeeper.profiles.service import Jobs, Keyed, Processes, Service, Told, Traffic
from watchkeeper.profiles.service_arrow import service_from_arrow, service_to_arrow
from watchkeeper.profiles.service_kernel import EVENT_COLUMNS, PREDICTION_COLUMNS, of_events, of_predictions
from watchkeeper.profiles.sketch import Sketch
from watchkeeper.profiles.summaries import (
    Calibration,
    Categories,
    Confusion,
    Delays,
    Histogram,
    Kpi,
    Moments,
    Numbers,
    Residuals,
)

__all__ = [
    "EVENT_COLUMNS", "PREDICTION_COLUMNS", "PROFILE", "Calibration", "Categories", "CategoryColumn", "Column",
    "Confusion", "Delays", "Grid", "Histogram", "Jobs", "Keyed", "Kpi", "LogLinearGrid", "Moments", "NumberColumn",
    "Numbers", "Plan", "Processes", "Profile", "Residuals", "Runs", "Scores", "Segmentation", "Service",
    "Sketch", "Slice", "Taker", "Told", "Traffic", "ValueGrid", "from_arrow", "of_events", "of_predictions",
    "plan_from_json", "plan_of", "plan_to_json", "profile_and", "profile_of", "service_from_arrow", "service_to_arrow",
    "to_arrow",
]  # fmt: skip
