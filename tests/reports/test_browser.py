"""The report in Chromium: quick, quiet, without a network, readable at any width."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reports.synthetic import result
from tests.reports.test_report import CASES
from watchkeeper.reports import write_report

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LAPTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DRAWN = "[...document.querySelectorAll('.chart')].filter(e => e.offsetParent && !e.querySelector('svg, canvas')).length"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is not installed")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """A page, and everything that it complained of or asked the network for."""

    def __init__(self, browser: Any, path: Path, size: dict[str, int], scheme: str = "light") -> None:
        self.context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("dialog", self._opened)
        self.page.goto(path.as_uri())

    def _opened(self, dialog: Any) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.said.append(url)

    def scroll(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        place, height = 0, 1
        while place < height:
            self.page.evaluate(f"scrollTo({{top: {place}, behavior: 'instant'}})")
            self.page.wait_for_timeout(40)
            height = self.page.evaluate("document.documentElement.scrollHeight")
            place += 800
        self.page.wait_for_function(f"{DRAWN} === 0", timeout=20_000)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = result(windows=365, features=tuple(f"feature_{i}" for i in range(50)))
    return write_report(made, tmp_path_factory.mktemp("year") / "report.html")


@pytest.mark.parametrize(("size", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")])
def test_a_year_of_fifty_features(browser: Any, year: Path, size: dict[str, int], scheme: str) -> None:
    visit = Visit(browser, year, size, scheme)
    visit.scroll()
    assert visit.said == []
    assert visit.page.evaluate(OVERFLOW) == 0
    visit.context.close()


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_drawn_without_a_word(browser: Any, case: str, tmp_path: Path) -> None:
    made = result(**{"windows": 30, "features": ("temp", "visib", "carrier"), **CASES[case]})
    visit = Visit(browser, write_report(made, tmp_path / "report.html"), PHONE)
    visit.scroll()
    assert visit.said == []
    assert visit.page.evaluate(OVERFLOW) == 0
    visit.context.close()


def test_colours_follow_the_reader(browser: Any, year: Path) -> None:
    visit = Visit(browser, year, LAPTOP, "light")
    visit.page.wait_for_selector(".chart svg")
    assert "#1f63b5" in visit.page.inner_html(".chart")
    visit.page.emulate_media(color_scheme="dark")
    visit.page.wait_for_function("document.querySelector('.chart').innerHTML.includes('#5a97ee')")
    visit.context.close()


def test_numbers_behind_a_chart_and_under_the_pointer(browser: Any, year: Path) -> None:
    visit = Visit(browser, year, LAPTOP)
    visit.page.wait_for_selector("#performance .chart svg")
    visit.page.click("#performance .numbers summary >> nth=0")
    visit.page.wait_for_selector("#performance .numbers table tbody tr")  # written when it is opened
    assert visit.page.locator("#performance .numbers table tbody tr").count() == 365
    visit.page.hover("#performance .chart svg >> nth=1", position={"x": 250, "y": 80})
    visit.page.wait_for_selector("#tip:not([hidden])")
    assert "95 % interval" in visit.page.inner_text("#tip")
    visit.context.close()


def test_it_prints_every_open_chart(browser: Any, year: Path) -> None:
    visit = Visit(browser, year, LAPTOP)
    visit.page.wait_for_selector(".chart svg")
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert visit.page.evaluate(DRAWN) == 0
    visit.context.close()
