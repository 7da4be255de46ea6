"""Report: a result as one HTML file that opens anywhere, without a network."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

import watchkeeper
from watchkeeper.reports.checklist import checklist
from watchkeeper.reports.features import drift
from watchkeeper.reports.overview import WORDS, overview
from watchkeeper.reports.performance import performance
from watchkeeper.reports.pictures import runtime
from watchkeeper.reports.quality import quality
from watchkeeper.reports.scene import Scene
from watchkeeper.reports.segments import splits
from watchkeeper.reports.service import service
from watchkeeper.reports.why import explained

if TYPE_CHECKING:
    from watchkeeper.result import Result

__all__ = ["report_html", "write_report"]

TEMPLATES = files("watchkeeper.reports") / "templates"


def write_report(result: Result, path: str | Path) -> Path:
    """Write the report of a result and return where it is.

    Parameters
    ----------
    path : an ``.html`` file; folders that are missing are made
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(report_html(result), encoding="utf-8")
    return target


def report_html(result: Result) -> str:
    """The report as text: one HTML document with its style, script, numbers and chart library inside.

    Everything that comes from data is escaped. Charts are drawn when they are scrolled to.
    """
    scene = Scene.of(result)
    shown = {
        "overview": overview(scene),
        "performance": performance(scene),
        "why": explained(scene),
        "drift": drift(scene),
        "quality": quality(scene),
        "splits": splits(scene),
        "service": service(scene),
        "needs": checklist(scene),
    }
    sections = [
        *([("Findings", "findings")] if result.findings else []),
        ("Performance", "performance"), ("Drift", "drift"), ("Quality", "quality"), ("Segments", "segments"),
        *([("Service", "service")] if shown["service"] is not None else []),
        ("Checklist", "checklist"),
    ]  # fmt: skip
    return render(
        "report.html", **shown, model=result.model, notes=result.notes, sections=sections, words=WORDS,
        exact=result.current is not None, version=watchkeeper.__version__, style=text("report.css"),
        script=text("report.js"), payload=scene.pictures.payload(), runtime=Markup(runtime()),
    )  # fmt: skip


def render(name: str, **shown: object) -> str:
    """A template filled; every text in it is escaped."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    loader = DictLoader({name: (TEMPLATES / name).read_text(encoding="utf-8")})
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return environment.get_template(name).render(**shown)


def text(name: str) -> Markup:
    """A style or a script of ours, as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))
