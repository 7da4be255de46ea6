"""Save: a chart as a file, without a browser and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.errors import ModelError

if TYPE_CHECKING:
    import altair as alt

__all__ = ["save_chart"]

FORMATS = (".png", ".svg", ".pdf", ".html", ".json")


def save_chart(chart: alt.TopLevelMixin, path: str | Path, scale: float = 2.0) -> Path:
    """Write a chart to ``path``; its ending says how: png, svg, pdf, html (opens without a network) or json.

    Parameters
    ----------
    scale : pixels of a PNG per pixel of the chart

    Raises
    ------
    ModelError
        for another ending
    """
    target = Path(path)
    form = target.suffix.lower()
    if form not in FORMATS:
        came = f"ends in {form!r}" if form else "has no ending"
        raise ModelError(f"{target.name!r} {came}; a chart is written as {', '.join(f[1:] for f in FORMATS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_rendered(chart, form, scale))
    return target


def _rendered(chart: alt.TopLevelMixin, form: str, scale: float) -> bytes:
    import vl_convert

    text = chart.to_json()
    if form == ".png":
        return vl_convert.vegalite_to_png(text, scale=scale)
    if form == ".pdf":
        return vl_convert.vegalite_to_pdf(text)
    if form == ".svg":
        return vl_convert.vegalite_to_svg(text).encode()
    return (vl_convert.vegalite_to_html(text, bundle=True) if form == ".html" else text).encode()
