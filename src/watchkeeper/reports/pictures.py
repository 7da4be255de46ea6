"""Pictures: the charts of a page as few specifications and compact columns of numbers, drawn when scrolled to."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from watchkeeper.charts.definition import Row
from watchkeeper.charts.lines import Line, Windows
from watchkeeper.charts.theme import DARK, LIGHT, configuration
from watchkeeper.charts.trend import fields_of

__all__ = ["Pictures", "rounded", "runtime"]

DIGITS = 4  # significant: more than a screen can show


class Pictures:
    """Collects the charts of one page.

    Each method that adds a chart returns its number, which the page puts where the chart shall stand.
    """

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.specifications: dict[str, Any] = {}
        self.charts: list[dict[str, Any]] = []
        self._names: dict[Hashable, str] = {}

    def rows(self, kind: Hashable, define: Callable[[], Any], rows: Sequence[Row], **size: Any) -> int:
        """A chart of these rows, all with the same fields."""
        columns = {field: _packed([row[field] for row in rows]) for field in (rows[0] if rows else ())}
        return self._add(kind, define, {"columns": columns, "count": len(rows)}, size)

    def trend(
        self, kind: Hashable, define: Callable[[], Any], line: Line, beside: Line | None = None, **size: Any
    ) -> int:
        """A chart of one line over the windows, and of its estimate."""
        columns: dict[str, Any] = {"t": {"shared": "t"}, "s": ""}
        columns |= {name: _packed(rounded(values)) for name, values in fields_of(line, beside).items()}
        columns |= {"n": _packed(line.count.tolist()), "a": {"at": np.flatnonzero(line.alarms).tolist()}}
        return self._add(kind, define, {"columns": columns, "count": self.windows.count}, size)

    def matrix(
        self,
        kind: Hashable,
        define: Callable[[], Any],
        lines: Sequence[Line],
        names: Sequence[str],
        **size: Any,
    ) -> int:
        """A chart of many lines over the windows, one above the other."""
        data = {
            "names": list(names),
            "values": [_packed(rounded(line.value)) for line in lines],
            "alarms": [np.flatnonzero(line.alarms).tolist() for line in lines],
            "allowed": [_packed(rounded(edge)) for edge in _allowed(lines)],
        }
        return self._add(kind, define, data, size)

    def _add(
        self, kind: Hashable, define: Callable[[], Any], data: dict[str, Any], size: dict[str, Any]
    ) -> int:
        key = (kind, tuple(sorted(size.items())))
        if key not in self._names:
            self._names[key] = f"k{len(self._names)}"
            self.specifications[self._names[key]] = compiled(define(), **size)
        self.charts.append({"spec": self._names[key], **data})
        return len(self.charts) - 1

    def payload(self) -> Markup:
        """All of it as JSON that may stand inside a ``<script>`` element."""
        shared = {"t": self.windows.milliseconds, "e": self._ends()}
        dark = {LIGHT[name]: DARK[name] for name in LIGHT}
        everything = {"shared": shared, "dark": dark, "specs": self.specifications, "charts": self.charts}
        text = json.dumps(everything, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        # "</script" and "<!--" would end or confuse the element; line separators would end a line of JavaScript
        for character, escape in (("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
            text = text.replace(character, escape)
        return Markup(text)

    def _ends(self) -> list[float]:
        starts = self.windows.milliseconds
        if self.windows.ends is None:
            return [t + 1 for t in starts]
        ends = self.windows.ends.astype("datetime64[ms]")
        return [t + 1 if np.isnat(e) else int(e.astype(np.int64)) for t, e in zip(starts, ends, strict=True)]


def _allowed(lines: Sequence[Line]) -> list[NDArray[np.float64]]:
    """What each line's band allows at most; where there is none, the greatest value of all lines."""
    most = max((float(np.nanmax(line.value, initial=0.0)) for line in lines), default=0.0) or 1.0
    return [np.where(line.band_high > 0, line.band_high, most) for line in lines]


def compiled(chart: Any, **size: Any) -> Any:
    """A definition as a Vega specification that is as wide as what it stands in, without its rows."""
    import vl_convert

    done = chart.properties(width="container", **size).configure(**configuration(), aria=False)
    return vl_convert.vegalite_to_vega(done.to_dict(validate=False))


def rounded(values: Iterable[float] | NDArray[np.float64]) -> list[float | None]:
    """Numbers at four significant digits, None for what is not finite.

    >>> rounded([0.123456, float("nan"), 2.0])
    [0.1235, None, 2]
    """
    out: list[float | None] = []
    for value in values:
        if not np.isfinite(value):
            out.append(None)
            continue
        short = float(f"{value:.{DIGITS}g}")
        out.append(int(short) if short.is_integer() and abs(short) < 1e15 else short)
    return out


def _packed(values: list[Any]) -> Any:
    """A column; one value where all are the same."""
    numbers = [rounded([v])[0] if isinstance(v, float) else v for v in values]
    return numbers[0] if numbers and all(v == numbers[0] for v in numbers) else numbers


@lru_cache(maxsize=1)
def runtime() -> str:
    """Vega's own code, deflated, in base64: a page unpacks it when the first chart is scrolled to.

    Vega-Lite stays here: specifications are compiled before they are written. Nothing is loaded from a network.
    """
    import vl_convert

    # By its address inside of vl-convert, which holds the module: its own name "vega" is bound to nothing there.
    module = f"https://cdn.jsdelivr.net/npm/vega@{vl_convert.get_vega_version()}/+esm"
    code = vl_convert.javascript_bundle(f"import * as vegaModule from '{module}'; window.vega = vegaModule;")
    return base64.b64encode(zlib.compress(code.encode(), 9)).decode()
