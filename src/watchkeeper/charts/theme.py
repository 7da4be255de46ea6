"""Theme: one calm palette for every picture, on paper, on a light screen and on a dark one.

The six series colours stay apart for people with protanopia, deuteranopia and tritanopia, from each other and from red,
which is kept for alarms alone; an alarm also has a shape of its own, so that nobody depends on the colour.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DARK", "FONT", "LIGHT", "SERIES", "configuration", "dark_of"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"

# One name, two shades. Each light shade occurs once: a chart goes dark by replacing one by the other.
LIGHT = {
    "paper": "#ffffff",
    "ink": "#1c2128",
    "muted": "#646c77",
    "line": "#d9dde3",
    "grid": "#eef0f3",
    "band": "#8a929d",
    "reference": "#c3c9d2",
    "series1": "#1f63b5",
    "series2": "#c97f00",
    "series3": "#0b8a68",
    "series4": "#a1559b",
    "series5": "#3c9fd6",
    "series6": "#39424e",
    "alarm": "#d0242b",
    "alarm_faint": "#ec8a85",
    "heat_low": "#eef2f8",
    "heat_high": "#5f8cc7",
}
DARK = {
    "paper": "#14171c",
    "ink": "#e8eaed",
    "muted": "#9aa3af",
    "line": "#363c46",
    "grid": "#23282f",
    "band": "#7f8895",
    "reference": "#4d5561",
    "series1": "#5a97ee",
    "series2": "#e5a73c",
    "series3": "#3fc29b",
    "series4": "#cc8ac6",
    "series5": "#8ed8f2",
    "series6": "#d9dde2",
    "alarm": "#ff6b66",
    "alarm_faint": "#9c3d3c",
    "heat_low": "#1f252e",
    "heat_high": "#4f83c9",
}
SERIES = tuple(LIGHT[f"series{i}"] for i in range(1, 7))


def dark_of(colour: str) -> str:
    """The dark shade of a light one.

    >>> dark_of("#d0242b")
    '#ff6b66'
    """
    return {light: DARK[name] for name, light in LIGHT.items()}[colour]


def configuration() -> dict[str, Any]:
    """What Altair's ``configure`` takes: type, grid and palette of every chart."""
    small = {
        "labelFontSize": 11,
        "titleFontSize": 11,
        "labelColor": LIGHT["muted"],
        "titleColor": LIGHT["muted"],
    }
    axis = {
        **small,
        "titleFontWeight": "normal",
        "domainColor": LIGHT["line"],
        "tickColor": LIGHT["line"],
        "gridColor": LIGHT["grid"],
        "labelPadding": 6,
        "titlePadding": 8,
        "tickSize": 4,
    }
    return {
        "background": LIGHT["paper"],
        "font": FONT,
        "padding": 6,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False, "labelFlush": False, "labelOverlap": True},
        "axisY": {"domain": False, "ticks": False, "tickCount": 5, "minExtent": 34},
        "legend": {**small, "title": None, "orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 2.5},
        "title": {
            "fontSize": 14,
            "fontWeight": 600,
            "color": LIGHT["ink"],
            "subtitleColor": LIGHT["muted"],
            "subtitleFontSize": 12,
            "anchor": "start",
            "offset": 12,
        },
        "range": {"category": list(SERIES)},
    }
