"""Distribution: one column's values in the reference (grey) against current (blue), as shares of the rows.

Fields of a row for numbers: ``x`` ``x2`` ends of a bin, ``r`` share in the reference, ``c`` in current; for
categories: ``name``, ``order``, ``r``, ``c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.charts.definition import layered
from watchkeeper.charts.theme import LIGHT

if TYPE_CHECKING:
    import altair as alt

__all__ = ["categories", "numbers"]


def numbers(discrete: bool = False) -> alt.LayerChart:
    """The definition for a number: the reference filled, current as an outline above it.

    Parameters
    ----------
    discrete : bars of single values, apart from each other; else bins, the last of which has no width
    """
    import altair as alt

    axis = alt.Axis(format=",.3~r", tickCount=5, labelOverlap=True)
    x = alt.X("x:Q", title=None, scale=alt.Scale(zero=False, nice=False), axis=axis)
    y = alt.Axis(format="~%", tickCount=3)
    base = alt.Chart().encode(x=x, x2="x2:Q")
    layers = [
        base.mark_rect(color=LIGHT["reference"]).encode(y=alt.Y("r:Q", title=None, axis=y), y2=alt.datum(0)),
        base.mark_rect(color=LIGHT["series1"], opacity=0.16).encode(y="c:Q", y2=alt.datum(0)),
        _outline(base, discrete),
        base.mark_rect(opacity=0).encode(tooltip=_tooltip("bin")),
    ]
    return layered(*layers, bin="format(datum.x, ',.4~r') + ' to ' + format(datum.x2, ',.4~r')", **_shares())


def _outline(base: alt.Chart, discrete: bool) -> alt.Chart:
    import altair as alt

    caps: alt.Chart = base.mark_rule(color=LIGHT["series1"], strokeWidth=2).encode(y="c:Q")
    steps = alt.Chart().mark_line(color=LIGHT["series1"], strokeWidth=1.6, interpolate="step-after")
    line: alt.Chart = steps.encode(x="x:Q", y="c:Q")
    return caps if discrete else line


def categories() -> alt.LayerChart:
    """The definition for categories: a grey bar for the reference, a thinner blue one for current."""
    import altair as alt

    axis = alt.Axis(
        grid=False, labelLimit=110, domain=False, ticks=False, labelColor=LIGHT["ink"], labelOverlap=False
    )
    y = alt.Y("name:N", title=None, sort=alt.EncodingSortField("order", order="ascending"), axis=axis)
    x = alt.X(
        "r:Q", title=None, axis=alt.Axis(format="~%", tickCount=3, grid=True, domain=False, ticks=False)
    )
    base = alt.Chart().encode(y=y)
    layers = [
        base.mark_bar(color=LIGHT["reference"], height={"band": 0.8}).encode(x=x),
        base.mark_bar(color=LIGHT["series1"], height={"band": 0.3}).encode(x="c:Q"),
        base.mark_bar(opacity=0).encode(tooltip=_tooltip("name")),
    ]
    chart = layered(*layers, **_shares()).properties(height=alt.Step(13))
    assert isinstance(chart, alt.LayerChart)
    return chart


def _tooltip(name: str) -> list[alt.Tooltip]:
    import altair as alt

    tips = ((name, "values"), ("before", "reference"), ("now", "current"))
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in tips]


def _shares() -> dict[str, str]:
    return {
        "before": "isValid(datum.r) ? format(datum.r, '.2~%') : 'none'",
        "now": "isValid(datum.c) ? format(datum.c, '.2~%') : 'none'",
    }
