"""Journal: every prediction and outcome, kept in Delta tables that other tools read as well."""

from watchkeeper.journal.blocks import aligned, rows_of, widened
from watchkeeper.journal.cleaning import Cleaned, clean
from watchkeeper.journal.compacting import Compacted, compact_date, dates_to_compact
from watchkeeper.journal.conflicts import conflicts, orphans
from watchkeeper.journal.counted import Counted
from watchkeeper.journal.forgetting import Person, forget_rows
from watchkeeper.journal.journal import Journal
from watchkeeper.journal.mover import Moved, move, repeat, take_in
from watchkeeper.journal.reach import in_reach
from watchkeeper.journal.reading import Served, Traits, served, times, traits
from watchkeeper.journal.records import Recorded, events, outcomes, predictions
from watchkeeper.journal.retaining import Old, expire, expire_late, expired, late
from watchkeeper.journal.spool import bring
from watchkeeper.journal.store import Store
from watchkeeper.journal.truth import Resolved, resolve

__all__ = [
    "Cleaned", "Compacted", "Counted", "Journal", "Moved", "Old", "Person", "Recorded", "Resolved", "Served",
    "Store", "Traits", "aligned", "bring", "clean", "compact_date", "conflicts", "dates_to_compact", "events",
    "expire", "expire_late", "expired", "forget_rows", "in_reach", "late", "move", "orphans", "outcomes", "predictions",
    "repeat", "resolve", "rows_of", "served", "take_in", "times", "traits", "widened",
]  # fmt: skip
