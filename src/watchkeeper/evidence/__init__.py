"""Evidence: how a series of windows earns an alarm. Mathematics alone: arrays in, arrays out.

One *series* is one number for each closed window: those of the reference, then the windows that are watched. Its
evidence E is an e-process: where the series keeps behaving as in its reference, E reaches c at any time with a
probability of at most 1/c (Ville's inequality), however long it runs and however often somebody looks.
"""

from watchkeeper.evidence.betting import Betting, Leaning
from watchkeeper.evidence.change import Change
from watchkeeper.evidence.earning import FAR, Earned, earn
from watchkeeper.evidence.far import far
from watchkeeper.evidence.located import Located, locate
from watchkeeper.evidence.natural import Seasons
from watchkeeper.evidence.ranks import Ranks, normal_scores
from watchkeeper.evidence.readings import LEAST_EXCHANGEABLE, LEAST_INDEPENDENT, Readings
from watchkeeper.evidence.scores import (
    NUMBER_WEIGHTS,
    category_scores,
    normal_place,
    number_scores,
    rate_scores,
)
from watchkeeper.evidence.starts import start_weights
from watchkeeper.evidence.student import Student

__all__ = [
    "FAR",
    "LEAST_EXCHANGEABLE",
    "LEAST_INDEPENDENT",
    "NUMBER_WEIGHTS",
    "Betting",
    "Change",
    "Earned",
    "Leaning",
    "Located",
    "Ranks",
    "Readings",
    "Seasons",
    "Student",
    "category_scores",
    "earn",
    "far",
    "locate",
    "normal_place",
    "normal_scores",
    "number_scores",
    "rate_scores",
    "start_weights",
]
