"""Journal: every prediction and outcome, kept in Delta tables that other tools read as well."""

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.reading import Served, served, times
from watchkeeper.journal.records import Recorded, events, outcomes, predictions
from watchkeeper.journal.store import Store
from watchkeeper.journal.truth import Resolved, resolve

__all__ = [
    "Journal", "Recorded", "Resolved", "Served", "Store", "events", "outcomes", "predictions", "resolve", "served",
    "times",
]  # fmt: skip
