"""What a notebook shows."""

from tests.reports.synthetic import result
from tests.reports.test_report import EVIL, Page
from watchkeeper.reports import summary_html


def test_summary_needs_no_script_and_loads_nothing() -> None:
    made = result(windows=60, features=("temp", "visib"))
    text = summary_html(made)
    page = Page(text)
    assert page.open == []
    assert page.loads == []
    assert "script" not in page.seen
    assert page.seen.count("svg") >= 3
    assert len(text) < 100_000


def test_result_shows_its_summary_in_notebooks() -> None:
    made = result(windows=20, features=("temp",), segments=())
    assert made._repr_html_() == summary_html(made)


def test_names_are_escaped() -> None:
    text = summary_html(result(windows=20, features=(EVIL + "0",) * 1, segments=()))
    assert "<script>" not in text
