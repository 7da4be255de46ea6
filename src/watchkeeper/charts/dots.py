"""Dots: numbers side by side, each with its interval: segments worst first, or metrics of a single window.

Fields of a row: ``name``, ``order`` its place from the top, ``v`` value, ``lo`` ``hi`` interval, ``bl`` ``bh`` band,
``all`` the number of all rows together, ``n`` rows, ``a`` 1 where it alarms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.charts.definition import axis_of, layered, written
from watchkeeper.charts.theme import LIGHT

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ROW_HEIGHT", "dots"]

ROW_HEIGHT = 20  # pixels


def dots(unit: str = "rate", domain: tuple[float, float] | None = None) -> alt.LayerChart:
    """The definition."""
    import altair as alt

    scale = alt.Scale(zero=False, nice=True) if domain is None else alt.Scale(domain=list(domain), nice=False)
    axis = alt.Axis(**axis_of(unit), grid=True, domain=False, ticks=False, orient="top", tickCount=6)
    x = alt.X("v:Q", title=None, scale=scale, axis=axis)
    names = alt.Axis(
        grid=False, labelColor=LIGHT["ink"], labelLimit=170, labelFontSize=12, labelOverlap=False
    )
    y = alt.Y("name:N", title=None, sort=alt.EncodingSortField("order", order="ascending"), axis=names)
    chart = alt.Chart().encode(y=y)
    interval = alt.X("lo:Q", title=None, scale=scale, axis=axis)
    calm = chart.transform_filter("!datum.a").mark_point(
        filled=True, size=64, opacity=1, color=LIGHT["series1"]
    )
    loud = chart.transform_filter("datum.a").mark_point(
        filled=True, size=74, opacity=1, shape="diamond", color=LIGHT["alarm"]
    )
    band = chart.mark_tick(color=LIGHT["band"], thickness=1.5, size=14)
    layers = [
        chart.mark_tick(color=LIGHT["reference"], thickness=1.5, size=ROW_HEIGHT).encode(x="all:Q"),
        band.encode(x="bl:Q"),
        band.encode(x="bh:Q"),
        chart.mark_rule(color=LIGHT["series1"], strokeWidth=2.5, opacity=0.45).encode(x=interval, x2="hi:Q"),
        calm.encode(x=x),
        loud.encode(x=x),
        chart.mark_rect(opacity=0).encode(tooltip=_tooltip()),
    ]
    done = layered(*layers, **_texts(unit)).properties(height=alt.Step(ROW_HEIGHT))
    assert isinstance(done, alt.LayerChart)
    return done


def _tooltip() -> list[alt.Tooltip]:
    import altair as alt

    tips = (("name", "segment"), ("value", "value"), ("interval", "95 % interval"), ("rows", "rows"))
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in tips]


def _texts(unit: str) -> dict[str, str]:
    value, low, high = (written(f"datum.{field}", unit) for field in ("v", "lo", "hi"))
    return {
        "value": f"isValid(datum.v) ? {value} : 'no data'",
        "interval": f"isValid(datum.lo) ? {low} + ' to ' + {high} : '–'",
        "rows": "format(datum.n, ',d')",
    }
