"""Conflicts: what was recorded twice and differently, and outcomes of predictions that nobody recorded."""

from __future__ import annotations

from watchkeeper.journal.journal import Journal

__all__ = ["conflicts", "orphans"]

ASIDE = (
    "id",
    "timestamp",
    "recorded_at",
    "batch",
    "seconds",
    "date",
)  # they may differ in the same prediction

FRESH = """
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT DISTINCT id, timestamp FROM new_prediction WHERE batch > $done AND batch <= $upto
"""
TWICE = """
CREATE OR REPLACE TEMP TABLE twice AS
SELECT id, timestamp FROM prediction SEMI JOIN fresh USING (id, timestamp)
WHERE batch <= $upto GROUP BY ALL HAVING count(*) > 1
"""
DIFFER = """
SELECT count(*), list_sort(list(DISTINCT id))[:3] FROM (
    SELECT id, batch, hash({payload}) AS payload,
        first_value(payload) OVER (PARTITION BY id, timestamp ORDER BY batch, recorded_at) AS counted
    FROM prediction SEMI JOIN twice USING (id, timestamp) WHERE batch <= $upto
) WHERE batch > $done AND payload <> counted
"""
UNMET = """
SELECT count(*), list_sort(list(DISTINCT id))[:3] FROM (
    SELECT DISTINCT id, known_at, batch AS outcome_batch FROM outcome WHERE batch <= $upto
) {anti}
"""
MET = """
SELECT id, known_at, outcome_batch FROM truth_so_far GROUP BY ALL
HAVING NOT arg_max(withdrawn, (batch, NOT withdrawn))
"""


def conflicts(journal: Journal, done: int, upto: int) -> tuple[int, tuple[str, ...]]:
    """Predictions of the batches after ``done`` up to ``upto`` whose id and timestamp were there with other values.

    The first one counts; the others are in the journal, and nowhere else.

    Returns
    -------
    how many, and some of their ids
    """
    table = journal.predictions
    if not journal.view("new_prediction", table, table.files(after=done)):
        return 0, ()
    bounds = {"done": done, "upto": upto}
    journal.connection.execute(FRESH, bounds)
    ends = journal.row("SELECT epoch_us(min(timestamp)), epoch_us(max(timestamp)) FROM fresh")
    if ends is None or ends[0] is None:
        return 0, ()
    journal.view("prediction", table, table.files(ends[0], ends[1] + 1))
    journal.connection.execute(TWICE, {"upto": upto})
    if journal.row("SELECT 1 FROM twice LIMIT 1") is None:
        return 0, ()
    return _counted(journal.row(DIFFER.format(payload=_payload(journal)), bounds))


def _payload(journal: Journal) -> str:
    """What the model got and gave, as one SQL value."""
    names = [n for n in journal.connection.table("prediction").columns if n not in ASIDE]
    return "struct_pack(" + ", ".join(f'"{name}" := "{name}"' for name in names) + ")"


def orphans(journal: Journal, upto: int) -> tuple[int, tuple[str, ...]]:
    """Outcomes that no prediction is known for now, of those that runs have looked at.

    Parameters
    ----------
    upto : the last batch that a run has folded in

    Returns
    -------
    how many, and some of their ids
    """
    if not journal.view("outcome", journal.outcomes):
        return 0, ()
    met = journal.view("truth_so_far", journal.truth)
    anti = f"ANTI JOIN ({MET}) USING (id, known_at, outcome_batch)" if met else ""
    return _counted(journal.row(UNMET.format(anti=anti), {"upto": upto}))


def _counted(found: tuple[object, ...] | None) -> tuple[int, tuple[str, ...]]:
    if found is None:
        return 0, ()
    count, examples = found
    assert isinstance(count, int)
    return count, tuple(str(e) for e in examples) if isinstance(examples, list) else ()
