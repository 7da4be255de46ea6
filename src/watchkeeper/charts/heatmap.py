"""Heatmap: one number of every feature over time. Blue says how much, red that it alarms.

Fields of a row: ``t`` ``e`` start and end of a window, ``name`` the feature, ``order`` its place from the top, ``v``
value, ``f`` the value as a share of what its band allows, ``a`` 1 where it alarms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.charts.definition import layered, written
from watchkeeper.charts.theme import LIGHT

if TYPE_CHECKING:
    import altair as alt

__all__ = ["heatmap"]

ROW_HEIGHT = 18  # pixels


def heatmap(unit: str = "distance", timed: bool = True, hourly: bool = False) -> alt.LayerChart:
    """The definition."""
    import altair as alt

    if timed:
        axis = alt.Axis(tickCount={"expr": "width / 90"})
        x = alt.X("t:T", title=None, scale=alt.Scale(type="utc"), axis=axis)
    else:
        x = alt.X("t:Q", title="window", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(format="d"))
    names = alt.Axis(
        grid=False, labelColor=LIGHT["ink"], labelLimit=150, domain=False, ticks=False, labelOverlap=False
    )
    y = alt.Y("name:N", title=None, sort=alt.EncodingSortField("order", order="ascending"), axis=names,
              scale=alt.Scale(paddingInner=0.12))  # fmt: skip
    base = alt.Chart().encode(x=x, x2="e", y=y, tooltip=_tooltip())
    # Neighbours overlap a little: between them the background would shine through.
    calm = base.transform_filter("!datum.a").mark_rect(x2Offset=0.6)
    loud = base.transform_filter("datum.a").mark_rect(x2Offset=0.6)
    chart = layered(
        calm.encode(color=_scale("heat_low", "heat_high", [0, 1])),
        loud.encode(color=_scale("alarm_faint", "alarm", [0.8, 2.5])),
        **_texts(unit, timed, hourly),
    ).properties(height=alt.Step(ROW_HEIGHT))
    done = chart.resolve_scale(color="independent")
    assert isinstance(done, alt.LayerChart)
    return done


def _scale(low: str, high: str, domain: list[float]) -> alt.Color:
    import altair as alt

    scale = alt.Scale(domain=domain, range=[LIGHT[low], LIGHT[high]], interpolate="lab", clamp=True)
    return alt.Color("f:Q", scale=scale, legend=None)


def _tooltip() -> list[alt.Tooltip]:
    import altair as alt

    tips = (("name", "column"), ("when", "window"), ("value", "value"), ("why", "verdict"))
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in tips]


def _texts(unit: str, timed: bool, hourly: bool) -> dict[str, str]:
    clock = " %H:%M" if hourly else ""
    return {
        "when": f"utcFormat(datum.t, '%a %-d %b %Y{clock}')" if timed else "'' + datum.t",
        "value": f"isValid(datum.v) ? {written('datum.v', unit)} : 'no data'",
        "why": "datum.a ? 'alarm' : 'no alarm'",
    }
