"""Verdicts: what is thought of each number, and why. Series in, judgements out."""

from watchkeeper.verdicts.breaks import adds_up, bursty
from watchkeeper.verdicts.finding import Finding, find
from watchkeeper.verdicts.joining import joined
from watchkeeper.verdicts.judge import judge
from watchkeeper.verdicts.learned import confidence_for, measured_again, with_judged
from watchkeeper.verdicts.summary import overall, summarise
from watchkeeper.verdicts.timeline import Kept, Stretch, Timeline, key_of
from watchkeeper.verdicts.verdict import Judgement, Outcome
from watchkeeper.verdicts.windows import Windows
from watchkeeper.verdicts.wording import (
    name_of,
    title_of,
    write,
    write_band,
    write_difference,
    write_interval,
)

__all__ = [
    "Finding", "Judgement", "Kept", "Outcome", "Stretch", "Timeline", "Windows", "adds_up", "bursty", "confidence_for",
    "find", "joined", "judge", "key_of", "measured_again", "name_of", "overall", "summarise", "title_of", "with_judged",
    "write", "write_band", "write_difference", "write_interval",
]  # fmt: skip
