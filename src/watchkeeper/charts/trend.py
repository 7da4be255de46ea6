"""Trend: metrics over time, each with its interval as a ribbon, its band as a dashed line and its alarms marked.

Fields of a row: ``t`` window (milliseconds, or its number), ``s`` series, ``v`` value, ``lo`` ``hi`` interval, ``bl``
``bh`` band, ``n`` rows, ``a`` 1 where it alarms; where an estimate stands beside, its value ``e`` and interval ``el``
``eh``; on the last row of a series ``label`` and ``ly``, where its name goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.charts.definition import Row, axis_of, layered, written
from watchkeeper.charts.lines import Line, Windows
from watchkeeper.charts.theme import LIGHT, SERIES

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Trend", "fields_of", "panels", "trend", "trend_rows"]

ESTIMATE = SERIES[1]
DASH = [7, 3]  # longer than a band's


@dataclass(frozen=True)
class Trend:
    """What distinguishes one definition of a trend from another.

    Attributes
    ----------
    series : names in the order of their colours
    timed : windows have a time
    hourly : windows are shorter than a day, so a window's name needs its hour
    points : few windows: each value gets a point
    dense : many windows: thinner lines
    apart : each series in a panel of its own
    labels : names stand at the ends of the lines, instead of a legend
    domain : least and greatest value of the vertical axis
    dashed : the series that are estimates
    beside : an estimate stands beside the only series
    """

    series: tuple[str, ...] = ("",)
    unit: str = "rate"
    timed: bool = True
    hourly: bool = False
    points: bool = False
    dense: bool = False
    apart: bool = False
    labels: bool = False
    domain: tuple[float, float] | None = None
    dashed: tuple[str, ...] = ()
    beside: bool = False

    @classmethod
    def over(cls, windows: Windows, **choices: Any) -> Trend:
        """The definition that fits these windows."""
        return cls(
            timed=windows.timed,
            hourly=windows.hourly,
            points=windows.count <= 40,
            dense=windows.count > 150,
            **choices,
        )


def trend(kind: Trend) -> alt.LayerChart:
    """The definition."""
    import altair as alt

    base = alt.Chart().encode(color=_colour(kind))
    y = _y(kind)
    lines = base.mark_line(strokeWidth=1.3 if kind.dense else 1.8, clip=True, strokeJoin="round").encode(y=y)
    if kind.dashed:
        lines = lines.encode(strokeDash=_dashes(kind))
    layers: list[alt.Chart] = [
        *(_beside(kind) if kind.beside else ()),
        base.mark_area(opacity=0.17, clip=True).encode(y=alt.Y("lo:Q"), y2="hi:Q"),
        *_bands(),
        lines,
    ]
    if kind.points:
        layers.append(base.mark_point(filled=True, size=30, opacity=1, clip=True).encode(y=y))
    layers += [*_alarms(), *(_labels() if kind.labels else ()), _hover(kind)]
    chart = layered(*layers, **_texts(kind)).encode(x=_x(kind))
    assert isinstance(chart, alt.LayerChart)
    return chart


def panels(kind: Trend, width: int, height: int) -> alt.FacetChart:
    """The definition with each series in a panel of its own, three in a row, all with the same axes."""
    import altair as alt

    inner = trend(kind).properties(width=width, height=height)
    header = alt.Header(
        title=None, labelFontSize=12, labelFontWeight=600, labelColor=LIGHT["ink"], labelAnchor="start"
    )
    facet = alt.Facet("s:N", sort=list(kind.series), header=header)
    done = inner.facet(facet=facet, columns=3, spacing=18)
    assert isinstance(done, alt.FacetChart)
    return done


def _x(kind: Trend) -> alt.X:
    import altair as alt

    if kind.timed:
        axis = alt.Axis(tickCount=3 if kind.apart else {"expr": "width / 90"})
        return alt.X("t:T", title=None, scale=alt.Scale(type="utc"), axis=axis)
    axis = alt.Axis(format="d", tickMinStep=1)
    return alt.X("t:Q", title="window", scale=alt.Scale(zero=False, nice=False), axis=axis)


def _y(kind: Trend) -> alt.Y:
    import altair as alt

    scale = alt.Scale(zero=False, nice=kind.domain is None)
    if kind.domain:
        scale = alt.Scale(zero=False, nice=False, domain=list(kind.domain))
    return alt.Y("v:Q", title=None, scale=scale, axis=alt.Axis(**axis_of(kind.unit)))


def _colour(kind: Trend) -> alt.Color:
    import altair as alt

    colours = [SERIES[0 if kind.apart else i % len(SERIES)] for i in range(len(kind.series))]
    if len(kind.series) == 1 and kind.dashed:
        colours = [ESTIMATE]
    legend = None if len(kind.series) == 1 or kind.labels or kind.apart else alt.Legend(symbolOpacity=1)
    return alt.Color("s:N", scale=alt.Scale(domain=list(kind.series), range=colours), legend=legend)


def _dashes(kind: Trend) -> alt.StrokeDash:
    import altair as alt

    dashes = [DASH if name in kind.dashed else [1, 0] for name in kind.series]
    return alt.StrokeDash("s:N", scale=alt.Scale(domain=list(kind.series), range=dashes), legend=None)


def _beside(kind: Trend) -> list[alt.Chart]:
    """What the line was estimated to be, behind it."""
    import altair as alt

    chart = alt.Chart()
    return [
        chart.mark_area(opacity=0.13, clip=True, color=ESTIMATE).encode(y=alt.Y("el:Q"), y2="eh:Q"),
        chart.mark_line(
            strokeWidth=1.2 if kind.dense else 1.6,
            strokeDash=DASH,
            color=ESTIMATE,
            clip=True,
            strokeJoin="round",
        ).encode(y="e:Q"),
    ]


def _bands() -> list[alt.Chart]:
    import altair as alt

    line = alt.Chart().mark_line(
        interpolate="step", strokeDash=[4, 3], strokeWidth=1.2, color=LIGHT["band"], clip=True
    )
    return [line.encode(y=f"{edge}:Q", detail="s:N") for edge in ("bl", "bh")]


def _alarms() -> list[alt.Chart]:
    import altair as alt

    mark = alt.Chart().transform_filter("datum.a").mark_point(
        filled=True, shape="diamond", size=58, opacity=1, color=LIGHT["alarm"], stroke=LIGHT["paper"],
        strokeWidth=0.8, clip=True,
    )  # fmt: skip
    return [mark.encode(y="v:Q")]


def _labels() -> list[alt.Chart]:
    import altair as alt

    text = (
        alt.Chart().transform_filter("datum.label").mark_text(align="left", dx=8, fontSize=12, fontWeight=500)
    )
    return [text.encode(y="ly:Q", text="label:N", color="s:N")]


def _hover(kind: Trend) -> alt.Chart:
    """Invisible. With one line as high as the chart: the pointer needs only be over a window, not on its point."""
    import altair as alt

    chart: alt.Chart = alt.Chart().encode(
        tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in _tips(kind)]
    )
    if len(kind.series) == 1 or kind.apart:
        rule: alt.Chart = chart.mark_rule(opacity=0, strokeWidth=6)
        return rule
    done: alt.Chart = chart.mark_point(opacity=0, filled=True, size=90).encode(y="v:Q")
    return done


def _tips(kind: Trend) -> list[tuple[str, str]]:
    tips = [
        ("when", "window"),
        ("value", "value"),
        ("interval", "95 % interval"),
        ("rows", "rows"),
        ("why", "verdict"),
    ]
    tips += [("said", "estimated"), ("between", "95 % interval of it")] if kind.beside else []
    return tips if len(kind.series) == 1 else [("s", "metric"), *tips]


def _texts(kind: Trend) -> dict[str, str]:
    value, low, high = (written(f"datum.{field}", kind.unit) for field in ("v", "lo", "hi"))
    clock = " %H:%M" if kind.hourly else ""
    more = {}
    if kind.beside:
        e, low_e, high_e = (written(f"datum.{field}", kind.unit) for field in ("e", "el", "eh"))
        more = {
            "said": f"isValid(datum.e) ? {e} : '–'",
            "between": f"isValid(datum.el) ? {low_e} + ' to ' + {high_e} : '–'",
        }
    return more | {
        "when": f"utcFormat(datum.t, '%a %-d %b %Y{clock}')" if kind.timed else "'' + datum.t",
        "value": f"isValid(datum.v) ? {value} : 'no data'",
        "interval": f"isValid(datum.lo) ? {low} + ' to ' + {high} : '–'",
        "rows": "format(datum.n, ',d')",
        "why": "datum.a ? 'alarm' : 'no alarm'",
    }


def fields_of(line: Line, estimate: Line | None = None) -> dict[str, NDArray[np.float64]]:
    """The numbers (W,) that a trend draws of a line, and of its estimate."""
    low, high = line.interval
    fields = {"v": line.value, "lo": low, "hi": high, "bl": line.band_low, "bh": line.band_high}
    if estimate is not None:
        below, above = estimate.interval
        fields |= {"e": estimate.value, "el": below, "eh": above}
    return fields


def trend_rows(
    windows: Windows, lines: Sequence[Line], names: Sequence[str], beside: Line | None = None
) -> list[Row]:
    """One row for each window of each line; missing numbers are null.

    Parameters
    ----------
    beside : the estimate of the only line
    """
    rows: list[Row] = []
    at = windows.milliseconds
    for line, name in zip(lines, names, strict=True):
        fields = fields_of(line, beside)
        columns = {
            field: [None if np.isnan(x) else float(x) for x in values] for field, values in fields.items()
        }
        columns["n"], columns["a"] = line.count.tolist(), line.alarms.astype(int).tolist()
        rows += [{"t": t, "s": name, **{f: c[i] for f, c in columns.items()}} for i, t in enumerate(at)]
    return rows
