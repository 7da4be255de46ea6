"""Overview: the first screen. Whether something is wrong, where, since when, and whether it still is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from watchkeeper.charts.lines import Line
from watchkeeper.reports.dates import period_of, window_name
from watchkeeper.reports.scene import Scene, State, state_of
from watchkeeper.reports.sparkline import sparkline, strip
from watchkeeper.verdicts.wording import title_of

if TYPE_CHECKING:
    from watchkeeper.verdicts import Finding

__all__ = ["WORDS", "Item", "Overview", "Tile", "overview"]

FIRST = 6  # findings that are seen without a click
MOST = 60  # findings on the page; all of them are in ``result.findings``
WORDS = {
    "alarm": "Alarm",
    "unclear": "Unclear",
    "ok": "As expected",
    "no_data": "No verdict",
    "none": "Not judged",
}
RULES = {
    "band": "your band",
    "learned": "against the reference",
    "evidence": "against the reference",
    "break": "data quality",
    "none": "",
}


@dataclass(frozen=True)
class Tile:
    """One area in a few words."""

    title: str
    state: State
    headline: str
    detail: str
    href: str


@dataclass(frozen=True)
class Item:
    """One finding with its picture."""

    sentence: str
    subject: str
    rule: str
    ongoing: bool
    when: str
    href: str
    spark: Markup
    label: str  # of the picture, for those who cannot see it


@dataclass(frozen=True)
class Overview:
    state: State
    word: str
    sentence: str
    facts: list[tuple[str, str]]
    tiles: list[Tile]
    first: list[Item]
    more: list[Item]
    unshown: int
    many: bool  # windows: there is something to see over time
    strip: Markup
    strip_label: str
    begins: str
    ends: str


def overview(scene: Scene) -> Overview:
    result = scene.result
    items = [_item(scene, finding) for finding in result.findings[:MOST]]
    alarms, judged = _by_window(scene)
    loud = int((alarms > 0).sum())
    many = scene.windows.count > 1
    return Overview(
        state=result.verdict,
        word=WORDS.get(result.verdict, result.verdict),
        sentence=result.sentence,
        facts=_facts(scene),
        tiles=tiles(scene),
        first=items[:FIRST],
        more=items[FIRST:],
        unshown=max(len(result.findings) - MOST, 0),
        many=many,
        strip=strip(alarms, judged) if many and judged.any() else Markup(""),
        strip_label=f"{loud:,} of {scene.windows.count:,} windows have an alarm",
        begins=window_name(scene.windows, 0) if many else "",
        ends=window_name(scene.windows, scene.windows.count - 1) if many else "",
    )


def _by_window(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """(W,) alarming series and whether any was judged."""
    alarms, judged = np.zeros(scene.windows.count, np.int64), np.zeros(scene.windows.count, bool)
    for line in scene.lines.lines:
        alarms += line.alarms
        judged |= (line.verdict > 0) & (line.verdict < 4)
    return alarms, judged


def _facts(scene: Scene) -> list[tuple[str, str]]:
    result, windows = scene.result, scene.windows
    facts = [("Period", period_of(windows)), ("Windows", f"{windows.count:,}")] if windows.count > 1 else []
    if windows.count == 1 and windows.timed:
        facts = [("Period", period_of(windows))]
    rows = [line for line in scene.lines.of("row_count") if line.column is None]
    if rows:
        facts.append(("Rows", f"{int(rows[0].count.sum()):,}"))
    if result.reference is not None:
        facts.append(("Reference", f"{int(result.reference.everything.rows.sum()):,} rows"))
    elif result.current is not None:
        facts.append(("Reference", "none: only your bands are judged"))
    if result.acknowledged:
        facts.append(("New normal", f"since {result.acknowledged}"))
    return facts


def _item(scene: Scene, f: Finding) -> Item:
    line = scene.by_key.get((f.metric, f.column, f.segment_by, f.segment))
    column = _named([f.column, *f.alike], 6) if f.column else None
    segment = f.segment and f"{f.segment_by} = {f.segment}"
    subject = " · ".join(part for part in (column, title_of(f.metric), segment) if part)
    label = f"{title_of(f.metric)} over {scene.windows.count:,} windows, {f.windows:,} of them alarm"
    spark = sparkline(line) if line is not None and scene.windows.count > 1 else Markup("")
    family = {"drift": "drift", "quality": "quality", "service": "service"}.get(f.family, "performance")
    href = "segments" if f.segment_by and f.family != "service" else family
    return Item(f.sentence, subject, RULES[f.rule], f.ongoing, f.when, href, spark, label)


def tiles(scene: Scene) -> list[Tile]:
    """Performance, drift, quality and segments, each in a headline."""
    performance = [
        x for x in scene.whole("performance", "calibration", "value") if x.judged or not x.is_estimate
    ]
    drift, quality = scene.whole("drift"), scene.whole("quality", "traffic")
    service = [x for x in scene.lines.lines if scene.family(x.metric) == "service"]
    split = [x for x in scene.lines.lines if x.segment_by is not None and x not in service]
    segments = [line for line in split if not scene.echo(line)]
    return [
        _tile("Performance", performance, "metric", "performance", {x.name for x in performance if x.judged}),
        _tile("Data drift", drift, "feature", "drift", {_place(x) for x in drift if x.judged}),
        _tile("Data quality", quality, "column", "quality", {_place(x) for x in quality if x.judged}),
        _tile("Segments", segments, "segment", "segments", {_place(x) for x in segments if x.judged}),
        *(
            [_tile("Service", service, "metric", "service", {x.metric for x in service if x.judged})]
            if service
            else ()
        ),
    ]


def _place(line: Line) -> str:
    """What a line is about: its segment, its column, else its metric."""
    if line.segment_by is not None:
        return f"{line.segment_by} = {line.segment}"
    return line.column if line.column is not None else title_of(line.metric)


def _tile(title: str, lines: list[Line], noun: str, href: str, judged: set[str]) -> Tile:
    state = state_of(lines)
    naming = (lambda x: title_of(x.metric)) if noun == "metric" else _place
    loud = list(
        dict.fromkeys(naming(x) for x in sorted(lines, key=lambda x: -int(x.alarms.sum())) if x.alarms.any())
    )
    if state == "alarm":
        verb = "alarms" if len(loud) == 1 else "alarm"
        return Tile(title, state, f"{len(loud)} of {_count(len(judged), noun)} {verb}", _named(loud), href)
    if state == "none":
        known = len({naming(x) for x in lines})
        return Tile(title, state, "Not judged" if lines else "Not watched",
                    f"{_count(known, noun)}, no band or reference to judge by" if lines else "see the checklist",
                    href if lines else "checklist")  # fmt: skip
    unclear = list(dict.fromkeys(naming(x) for x in lines if (x.verdict == 2).any()))
    headline = "As expected" if state == "ok" else "Nothing alarms"
    detail = f"{_count(len(judged), noun)} judged" + (f", {len(unclear)} at times unclear" if unclear else "")
    return Tile(title, state, headline, detail, href)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _named(names: Sequence[str], most: int = 3) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
