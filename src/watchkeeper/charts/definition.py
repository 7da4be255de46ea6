"""Definition: what all chart definitions share. A definition is an Altair chart over a data set called ``rows``.

The same definition draws a picture (rows inserted, fixed size) and, compiled once, every chart of its kind in a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from watchkeeper.charts.theme import configuration

if TYPE_CHECKING:
    import altair as alt

    Chart = alt.Chart | alt.LayerChart | alt.FacetChart

__all__ = ["Row", "axis_of", "layered", "with_rows", "written"]

Row = dict[str, Any]

# d3-format: how a number of each unit is written on an axis and in a tooltip
AXIS = {"rate": "~%", "count": "~s", "number": ",.4~r", "distance": ".3~r"}
TEXT = {"rate": ".1%", "count": ",.0f", "number": ",.4~r", "distance": ".3f"}
# Units that people write in parts: (from how many on, how many are one, its name), the greatest first
PARTS = {
    "seconds": (
        (172_800, 86_400, "days"),
        (7_200, 3_600, "h"),
        (120, 60, "min"),
        (1, 1, "s"),
        (0, 1e-3, "ms"),
    ),
    "bytes": ((1e12, 1e12, "TB"), (1e9, 1e9, "GB"), (1e6, 1e6, "MB"), (1e3, 1e3, "kB"), (0, 1, "bytes")),
}


def axis_of(unit: str) -> dict[str, Any]:
    """What an axis of a unit is given to write its numbers.

    >>> axis_of("rate")
    {'format': '~%'}
    """
    if unit in PARTS:
        return {"labelExpr": written("datum.value", unit)}
    return {"format": AXIS.get(unit, AXIS["number"])}


def written(value: str, unit: str) -> str:
    """Vega's expression that writes a number in its unit.

    >>> written("datum.v", "rate")
    "format(datum.v, '.1%')"
    """
    if unit not in PARTS:
        return f"format({value}, '{TEXT.get(unit, TEXT['number'])}')"
    *most, (_, size, name) = PARTS[unit]
    text = _in(value, size, name)
    for least, size, name in reversed(most):
        text = f"abs({value}) >= {least:g} ? {_in(value, size, name)} : {text}"
    return f"({value} == 0 ? '0' : {text})"


def _in(value: str, size: float, name: str) -> str:
    digits = 2 if size in (60, 3_600, 86_400) else 3  # an axis of seconds has no round numbers of days
    return f"format({value} / {size:g}, ',.{digits}~r') + ' {name}'"


def layered(*layers: Any, **texts: str) -> alt.LayerChart:
    """Layers over the data set that every definition reads; ``texts`` are fields that Vega's expressions add."""
    import altair as alt

    chart = alt.layer(*layers, data=alt.NamedData(name="rows"))
    done = chart.transform_calculate(**texts) if texts else chart
    assert isinstance(done, alt.LayerChart)
    return done


def with_rows(chart: Any, rows: Sequence[Row], **size: int) -> Chart:
    """A definition as a finished chart: its rows inside, its size in pixels, in Watchkeeper's theme."""
    import altair as alt

    done = chart.properties(**size, datasets={"rows": list(rows)}).configure(**configuration())
    assert isinstance(done, alt.Chart | alt.LayerChart | alt.FacetChart)
    return done
