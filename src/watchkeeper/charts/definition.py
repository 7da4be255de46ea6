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

__all__ = ["Row", "axis_format", "layered", "text_format", "with_rows"]

Row = dict[str, Any]

# d3-format: how a number of each unit is written on an axis and in a tooltip
AXIS = {"rate": "~%", "count": "~s", "number": ",.4~r", "distance": ".3~r", "seconds": ".3~s"}
TEXT = {"rate": ".1%", "count": ",.0f", "number": ",.4~r", "distance": ".3f", "seconds": ".3~s"}


def axis_format(unit: str) -> str:
    return AXIS.get(unit, AXIS["number"])


def text_format(unit: str) -> str:
    return TEXT.get(unit, TEXT["number"])


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
