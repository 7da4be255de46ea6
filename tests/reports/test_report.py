"""The report as text: complete, self-contained, escaped, small, for whatever was checked."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import watchkeeper as wk
from tests.reports.synthetic import result
from watchkeeper.reports import write_report
from watchkeeper.reports.report import report_html
from watchkeeper.result import Result

EVIL = """<script>alert("1")</script> 'q' "q" & 🚀 </script> <!-- {{ x }} \u2028 é"""
CASES = {
    "everything": {},
    "no reference": {"reference": False},
    "no timestamps": {"timed": False, "windows": 20},
    "no task": {"task": None, "segments": ()},
    "one window": {"windows": 1},
    "one window without a time": {"windows": 1, "timed": False},
    "nothing wrong": {"alarms": False},
    "nothing at all": {"features": (), "task": None, "segments": ()},
    "hostile names": {"features": (EVIL + "0", EVIL + "1"), "segments": ((EVIL, 3),), "windows": 20},
    "200 segments": {"segments": (("city", 200),), "windows": 10},
}
VOID = {"meta", "link", "br", "img", "input"}


class Page(HTMLParser):
    """Which elements there are, whether they close, what they load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and value and not value.startswith(("#", "data:")):
                self.loads.append(value)
            if name == "href" and value and value.startswith("#"):
                self.links.append(value[1:])
            if name == "id" and value:
                self.ids.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


def payload(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


@pytest.mark.parametrize("case", CASES)
def test_every_page_is_whole_and_loads_nothing(case: str) -> None:
    made = result(**{"windows": 60, "features": ("temp", "visib", "carrier"), **CASES[case]})
    text = report_html(made)
    page = Page(text)
    assert page.open == []
    assert page.loads == []
    assert page.seen.count("script") == 3
    assert page.seen.count("h1") == 1
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.links) <= set(page.ids)
    data = payload(text)
    charts = {int(i) for i in re.findall(r'data-chart="(\d+)"', text)}
    assert charts == set(range(len(data["charts"])))
    assert {c["spec"] for c in data["charts"]} == set(data["specs"])


def test_nothing_of_the_data_becomes_markup() -> None:
    made = result(**CASES["hostile names"])
    text = report_html(made)
    assert "<script>alert" not in text
    assert "<!--" not in text
    names = {name for chart in payload(text)["charts"] for name in chart.get("names", ())}
    assert EVIL + "0" in names


def test_numbers_of_the_page_are_those_of_the_result() -> None:
    made = result(windows=30, features=("temp", "visib"), segments=())
    data = payload(report_html(made))
    recall = next(j for j in made.judgements if j.series.metric.name == "recall")
    drawn = [c for c in data["charts"] if c.get("columns", {}).get("t") == {"shared": "t"}]
    values = [c["columns"]["v"] for c in drawn]
    expected = recall.series.estimate.value
    found = [v for v in values if isinstance(v, list) and np.allclose(v, expected, rtol=6e-4)]
    assert len(found) == 1
    alarms = drawn[values.index(found[0])]["columns"]["a"]["at"]
    assert alarms == np.flatnonzero(recall.verdict == "alarm").tolist()


def test_verdict_and_worst_findings_come_first() -> None:
    made = result(windows=60, features=("temp", "visib", "wind_speed"))
    text = report_html(made)
    places = [
        text.index(part) for part in ('<h1 id="verdict"', 'id="findings"', 'id="performance"', 'id="drift"')
    ]
    assert places == sorted(places)
    assert str(made.findings[0].sentence).split(".")[0] in text


def test_a_finding_of_many_columns_is_told_once() -> None:
    made = result(windows=60, features=("a", "b", "c", "temp"), segments=())
    text = report_html(made)
    told = text.count('<li class="finding">')
    assert 0 < told <= len(made.findings)


def test_many_columns_are_cut_and_it_is_said() -> None:
    made = result(windows=1, features=tuple(f"f{i}" for i in range(400)), segments=())
    text = report_html(made)
    assert "Pictures of the 60 worst of 400 columns." in text
    assert len(text) < 1_000_000


def test_many_segments_show_the_worst_and_the_best() -> None:
    text = report_html(result(**CASES["200 segments"]))
    assert "The 16 worst and the 4 best of 200; 180 are between." in text


def test_fifty_features_and_a_year_stay_below_three_megabytes(tmp_path: Path) -> None:
    made = result(windows=365, features=tuple(f"feature_{i}" for i in range(50)))
    assert write_report(made, tmp_path / "new" / "report.html").stat().st_size < 3_000_000


def test_ready_made_numbers_have_a_report() -> None:
    table = {"date": ["2024-01-01", "2024-01-08", "2024-01-15"], "accuracy": [0.91, 0.9, 0.86]}
    made = Result.from_metrics(table, wk.Model(bands={"accuracy": ">= 0.88"}, window="1w"))
    text = report_html(made)
    assert Page(text).open == []
    assert "Accuracy" in text
    assert "at least 88 %" in text


def test_a_report_of_rows() -> None:
    import pyarrow as pa

    rng = np.random.default_rng(0)
    n = 3000
    score = rng.random(n)
    rows = pa.table(
        {
            "ts": pa.array(np.datetime64("2024-01-01", "us") + np.arange(n) * np.timedelta64(600, "s")),
            "x": np.where(np.arange(n) > 2000, 5.0, 0.0) + rng.normal(size=n),
            "z": rng.choice(["a", "b"], n),
            "score": score,
            "y": (rng.random(n) < score).astype(int),
        }
    )
    model = wk.Model(
        name="rows", task="binary", timestamp="ts", score="score", threshold=0.5, outcome="y",
        features=["x", "z"], segments=["z"], window="1d",
    )  # fmt: skip
    made = wk.check(rows.slice(1000), rows.slice(0, 1000), model)
    text = report_html(made)
    assert Page(text).open == []
    for title in (
        "Can the probabilities be trusted?",
        "Which errors does it make?",
        "By z",
        "Jensen–Shannon",
    ):
        assert title in text
