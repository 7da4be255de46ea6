"""Reliability curve and confusion matrix: how far probabilities and labels can be trusted.

Fields of a row, reliability: ``who`` ("current", "reference"), ``p`` mean score of a bin, ``v`` observed rate, ``lo``
``hi`` its interval, ``n`` rows. Confusion: ``true``, ``said``, ``n`` rows, ``share`` of the rows of that outcome,
``label`` of the cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.charts.definition import layered
from watchkeeper.charts.theme import LIGHT

if TYPE_CHECKING:
    import altair as alt

__all__ = ["confusion", "reliability"]


def reliability() -> alt.LayerChart:
    """The definition: observed rate against predicted probability, on the diagonal where it is calibrated."""
    import altair as alt

    def axis(title: str) -> dict[str, object]:
        return {"title": title, "scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="~%", tickCount=5)}

    colour = alt.Color(
        "who:N",
        scale=alt.Scale(domain=["current", "reference"], range=[LIGHT["series1"], LIGHT["band"]]),
        legend=alt.Legend(),
    )
    x, y = alt.X("p:Q", **axis("predicted probability")), alt.Y("v:Q", **axis("observed rate"))  # type: ignore[arg-type]
    base = alt.Chart().encode(x=x, color=colour)
    tips = [alt.Tooltip("who:N", title="rows of"), alt.Tooltip("p:Q", title="predicted", format=".1%"),
            alt.Tooltip("v:Q", title="observed", format=".1%"),
            alt.Tooltip("n:Q", title="rows", format=",d")]  # fmt: skip
    diagonal = alt.Chart().transform_calculate(zero="0", one="1").mark_rule(color=LIGHT["line"])
    return layered(
        diagonal.encode(x="zero:Q", y="zero:Q", x2="one:Q", y2="one:Q"),
        base.mark_rule(opacity=0.4, strokeWidth=2).encode(y=alt.Y("lo:Q"), y2="hi:Q"),
        base.mark_line(strokeWidth=1.5).encode(y=y),
        base.mark_point(filled=True, size=40, opacity=1).encode(y=y, tooltip=tips),
    )


def confusion() -> alt.LayerChart:
    """The definition: rows by outcome, columns by prediction, shaded by share of the outcome's rows."""
    import altair as alt

    axis = alt.Axis(
        labelAngle=0, domain=False, ticks=False, grid=False, labelColor=LIGHT["ink"], labelLimit=90
    )
    x = alt.X("said:N", title="predicted", sort=None, axis=axis, scale=alt.Scale(padding=0.03))
    y = alt.Y("true:N", title="happened", sort=None, axis=axis, scale=alt.Scale(padding=0.03))
    shade = alt.Color(
        "share:Q", scale=alt.Scale(domain=[0, 1], range=[LIGHT["heat_low"], LIGHT["heat_high"]]), legend=None
    )
    tips = [alt.Tooltip("true:N", title="happened"), alt.Tooltip("said:N", title="predicted"),
            alt.Tooltip("n:Q", title="rows", format=",.0f"),
            alt.Tooltip("share:Q", title="share of the outcome", format=".1%")]  # fmt: skip
    base = alt.Chart().encode(x=x, y=y)
    return layered(
        base.mark_rect().encode(color=shade, tooltip=tips),
        base.mark_text(fontSize=12, color=LIGHT["ink"]).encode(text="label:N"),
    )
