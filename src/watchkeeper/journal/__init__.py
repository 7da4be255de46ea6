"""Journal: every prediction and outcome, kept in Delta tables that other tools read as well."""

from watchkeeper.journal.blocks import aligned, rows_of, widened
from watchkeeper.journal.journal import Journal
from watchkeeper.journal.mover import Moved, move, repeat
from watchkeeper.journal.reading import Served, served, times
from watchkeeper.journal.records import Recorded, events, outcomes, predictions
from watchkeeper.journal.spool import bring
from watchkeeper.journal.store import Store
from watchkeeper.journal.truth import Resolved, resolve

__all__ = [
    "Journal", "Moved", "Recorded", "Resolved", "Served", "Store", "aligned", "bring", "events", "move", "outcomes",
    "predictions", "repeat", "resolve", "rows_of", "served", "times", "widened",
]  # fmt: skip
