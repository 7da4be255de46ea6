"""Folding: alarms of several columns or segments that one cause explains, told as one finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from watchkeeper.verdicts.verdict import Judgement

if TYPE_CHECKING:
    from watchkeeper.verdicts.finding import Finding

__all__ = ["together", "without_echoes"]

Whole = Mapping[tuple[str, str | None], "Finding"]

MOST_NAMED = 10  # columns in one sentence
ALIKE = 0.1  # of the larger rate, by which those of columns with the same cause differ at most


def together(findings: Sequence[Finding], judgements: Sequence[Judgement], verdict: str) -> list[Finding]:
    """Columns that break alike as one, in the place of the worst."""
    groups: list[list[Finding]] = []
    alike: dict[object, list[list[Finding]]] = {}
    for finding in findings:
        same = alike.setdefault(_break_of(finding, judgements, verdict), [])
        group = next((g for g in same if _is_as_large(g[0], finding, judgements)), None)
        if group is None:
            group = []
            groups.append(group)
            same.append(group)
        group.append(finding)
    return [_with_columns(first, [str(f.column) for f in rest]) for first, *rest in groups]


def _break_of(finding: Finding, judgements: Sequence[Judgement], verdict: str) -> object:
    """What columns that one cause breaks have in common; of any other finding, itself."""
    if finding.rule != "break" or finding.column is None:
        return finding.position
    alarms = tuple(np.flatnonzero(judgements[finding.position].verdict == verdict))
    gone = finding.low == finding.high == 1.0  # no sample, however large, says that of a column that is there
    return finding.metric, finding.segment_by, finding.segment, gone, alarms


def _is_as_large(first: Finding, other: Finding, judgements: Sequence[Judgement]) -> bool:
    """Whether in each window of theirs about as many rows are concerned: one cause breaks the same rows."""
    a, b = (judgements[f.position] for f in (first, other))
    alarms = np.flatnonzero(a.verdict == a.verdict[first.worst_window])
    one, two = (judgement.series.estimate.value[alarms] for judgement in (a, b))
    return bool((np.abs(one - two) <= ALIKE * np.maximum(one, two)).all())


def _with_columns(finding: Finding, others: Sequence[str]) -> Finding:
    if not others:
        return finding
    named = ", ".join(others[:MOST_NAMED]) + (
        f" and {len(others) - MOST_NAMED:,} more" * (len(others) > MOST_NAMED)
    )
    return replace(finding, alike=tuple(others), sentence=f"{finding.sentence} The same in {named}.")


def without_echoes(
    findings: Sequence[Finding], whole: Whole, judgements: Sequence[Judgement], verdict: str
) -> list[Finding]:
    """Segments that show what all rows show are told by their number alone."""
    alike = {f.position for f in findings if _is_echo(f, whole, judgements, verdict)}
    echoes = Counter((f.metric, f.column) for f in findings if f.position in alike)
    rest = (f for f in findings if f.position not in alike)
    return [_with_segments(f, echoes[f.metric, f.column]) for f in rest]


def _is_echo(finding: Finding, whole: Whole, judgements: Sequence[Judgement], verdict: str) -> bool:
    """Whether a segment shows a break, where it is worst, that all rows show in the same window."""
    of = whole.get((finding.metric, finding.column))
    if finding.segment_by is None or finding.rule != "break" or of is None or of.rule != "break":
        return False
    return bool(judgements[of.position].verdict[finding.worst_window] == verdict)


def _with_segments(finding: Finding, segments: int) -> Finding:
    if segments == 0 or finding.segment_by is not None:
        return finding
    plural = "segment shows" if segments == 1 else "segments show"
    return replace(finding, segments=segments, sentence=f"{finding.sentence} {segments:,} {plural} the same.")
