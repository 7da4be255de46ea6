"""Truth: which prediction an outcome is about.

An outcome with a timestamp is of the prediction with its id and timestamp; one without is of the latest prediction with
its id that was made before it became known. What is found is written down once, in the table ``truth``, next to the
prediction's date, so that a window is computed from its own days. An outcome that finds nothing waits; it is looked at
again when a prediction with its id comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.journal.journal import Journal

__all__ = ["Resolved", "resolve"]

KEY = "id, known_at, outcome_batch"  # of an outcome

NEW = """
CREATE OR REPLACE TEMP TABLE affected AS
SELECT DISTINCT id, timestamp, known_at, actual, batch AS outcome_batch FROM outcome
WHERE batch > $done AND batch <= $upto
"""
AGAIN = """
INSERT INTO affected
SELECT DISTINCT o.id, o.timestamp, o.known_at, o.actual, o.batch FROM earlier_outcome o
SEMI JOIN fresh p ON o.id = p.id AND (o.timestamp = p.timestamp OR (o.timestamp IS NULL AND o.known_at >= p.timestamp))
WHERE o.batch <= $done
"""
FOUND = """
CREATE OR REPLACE TEMP TABLE found AS
SELECT a.id, a.known_at, a.outcome_batch, any_value(a.actual) AS actual, max(p.timestamp) AS target
FROM affected a JOIN prediction p ON p.id = a.id
WHERE CASE WHEN a.timestamp IS NULL THEN p.timestamp <= a.known_at ELSE p.timestamp = a.timestamp END
  AND ($within IS NULL OR epoch_us(a.known_at) - epoch_us(p.timestamp) <= $within)
GROUP BY a.id, a.known_at, a.outcome_batch, a.timestamp
"""
BEFORE = f"""
CREATE OR REPLACE TEMP TABLE before AS
SELECT {KEY}, arg_max(timestamp, (batch, NOT withdrawn)) AS target, any_value(actual) AS actual
FROM truth_so_far SEMI JOIN affected USING ({KEY})
GROUP BY ALL HAVING NOT arg_max(withdrawn, (batch, NOT withdrawn))
"""
CHANGES = f"""
SELECT f.id, f.target AS timestamp, f.known_at, f.actual, f.outcome_batch, false AS withdrawn
FROM found f LEFT JOIN before b USING ({KEY}) WHERE b.target IS DISTINCT FROM f.target
UNION ALL
SELECT b.id, b.target, b.known_at, b.actual, b.outcome_batch, true
FROM before b LEFT JOIN found f USING ({KEY}) WHERE f.target IS DISTINCT FROM b.target
"""


@dataclass(frozen=True)
class Resolved:
    """What new outcomes and predictions changed.

    Attributes
    ----------
    timestamps : (n,) µs since 1970 UTC of the predictions whose truth changed
    delays : (m,) µs from a prediction until its outcome was known, of those that were found
    waiting : outcomes that no prediction is known for, of those that were looked at
    examples : ids of some of these
    """

    timestamps: NDArray[np.int64]
    delays: NDArray[np.int64]
    waiting: int = 0
    examples: tuple[str, ...] = ()


def resolve(journal: Journal, done: int, upto: int, within: int | None) -> Resolved:
    """Find the predictions of what is new since batch ``done`` up to batch ``upto``, and write them down.

    What was written for these batches before, by a run that did not end, counts as new as well.

    Parameters
    ----------
    within : µs after a prediction in which its outcome counts; None: ever
    """
    waiting: tuple[int, tuple[str, ...]] = (0, ())
    if _affected(journal, done, upto):
        found = _predictions(journal, within)
        if found:
            journal.connection.execute(FOUND, {"within": within})
            _write(journal, done, upto)
        waiting = _waiting(journal, f"ANTI JOIN found USING ({KEY})" if found else "")
    return _changed(journal, done, *waiting)


def _write(journal: Journal, done: int, upto: int) -> None:
    """Append what differs from what was found before: of new outcomes, only by a run that did not end."""
    again = journal.row("SELECT 1 FROM affected WHERE outcome_batch <= $done LIMIT 1", {"done": done})
    files = journal.truth.files(after=done) if again is None else journal.truth.files()
    if journal.view("truth_so_far", journal.truth, files):
        journal.connection.execute(BEFORE)
    else:
        journal.connection.execute("CREATE OR REPLACE TEMP TABLE before AS SELECT * FROM found LIMIT 0")
    changes = journal.rows(CHANGES)
    if changes.num_rows:
        journal.truth.append(changes.append_column("batch", pa.repeat(pa.scalar(upto), changes.num_rows)))


def _changed(journal: Journal, done: int, waiting: int, examples: tuple[str, ...]) -> Resolved:
    if not journal.view("new_truth", journal.truth, journal.truth.files(after=done)):
        nothing = np.zeros(0, dtype=np.int64)
        return Resolved(nothing, nothing, waiting, examples)
    rows = journal.rows(
        "SELECT epoch_us(timestamp) AS at, epoch_us(known_at) - epoch_us(timestamp) AS late, withdrawn"
        " FROM new_truth WHERE batch > $done",
        {"done": done},
    )
    at, late = rows["at"].to_numpy(), rows["late"].to_numpy()
    return Resolved(at, late[~rows["withdrawn"].to_numpy()], waiting, examples)


def _affected(journal: Journal, done: int, upto: int) -> int:
    """Fill the table ``affected``: new outcomes, and earlier ones that a new prediction may be meant by."""
    sql, bounds = journal.connection, {"done": done, "upto": upto}
    if not journal.view("outcome", journal.outcomes, journal.outcomes.files(after=done)):
        if not journal.outcomes.exists:
            return 0
        journal.view("outcome", journal.outcomes)
    sql.execute(NEW, bounds)
    if done and journal.view("new_prediction", journal.predictions, journal.predictions.files(after=done)):
        sql.execute(
            "CREATE OR REPLACE TEMP TABLE fresh AS SELECT id, timestamp FROM new_prediction"
            " WHERE batch > $done AND batch <= $upto",
            bounds,
        )
        first = journal.row("SELECT epoch_us(min(timestamp)) FROM fresh")
        if first is not None and first[0] is not None:
            files = journal.outcomes.files(start=first[0])
            if journal.view("earlier_outcome", journal.outcomes, files):
                sql.execute(AGAIN, {"done": done})
    count = journal.row("SELECT count(*) FROM affected")
    return 0 if count is None else int(count[0])


def _predictions(journal: Journal, within: int | None) -> bool:
    """Let SQL see the predictions that the affected outcomes may be of."""
    ends = journal.row(
        "SELECT epoch_us(min(coalesce(timestamp, known_at))), epoch_us(max(coalesce(timestamp, known_at))),"
        " bool_or(timestamp IS NULL) FROM affected"
    )
    assert ends is not None
    first, last, untimed = ends
    start = (None if within is None else first - within) if untimed else first
    return journal.view("prediction", journal.predictions, journal.predictions.files(start, last + 1))


def _waiting(journal: Journal, matched: str) -> tuple[int, tuple[str, ...]]:
    """(how many of those looked at still wait, some of their ids)."""
    found = journal.row(f"SELECT count(*), list(id)[:3] FROM affected {matched}")
    assert found is not None
    return int(found[0]), tuple(found[1] or ())
