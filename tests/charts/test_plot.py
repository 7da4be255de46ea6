"""Charts as pictures: what is drawn is what the result holds."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.reports.synthetic import result
from watchkeeper.charts import plot, save_chart
from watchkeeper.charts.theme import DARK, LIGHT, SERIES
from watchkeeper.errors import DependencyError, ModelError
from watchkeeper.result import Result


@pytest.fixture(scope="module")
def flights() -> Result:
    return result(windows=40, features=("temp", "visib"), segments=(("carrier", 4),))


def rows(chart: Any) -> list[dict[str, Any]]:
    return list(chart.to_dict()["datasets"]["rows"])


def test_rows_hold_the_numbers_of_the_result(flights: Result) -> None:
    drawn = [r for r in rows(flights.plot("accuracy", "recall")) if r["s"] == "Recall"]
    judgement = next(
        j for j in flights.judgements if j.series.metric.name == "recall" and not j.series.segment
    )
    np.testing.assert_allclose([r["v"] for r in drawn], judgement.series.estimate.value)
    np.testing.assert_allclose([r["lo"] for r in drawn], judgement.series.estimate.low)
    np.testing.assert_allclose([r["bl"] for r in drawn], judgement.band_low)
    assert [r["a"] for r in drawn] == (judgement.verdict == "alarm").astype(int).tolist()
    assert [r["label"] for r in drawn if "label" in r] == ["Recall"]


def test_svg_has_a_mark_for_each_alarm(flights: Result, tmp_path: Path) -> None:
    chart = plot(flights, ["recall"])
    alarms = sum(r["a"] for r in rows(chart))
    assert alarms > 0
    svg = save_chart(chart, tmp_path / "x.svg").read_text()
    assert svg.count(f'fill="{LIGHT["alarm"]}"') == alarms


@pytest.mark.parametrize(
    ("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF"), ("json", b"{")]
)
def test_endings(flights: Result, tmp_path: Path, ending: str, start: bytes) -> None:
    written = save_chart(plot(flights, ["accuracy"]), tmp_path / "folder" / f"x.{ending}")
    assert written.read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["x.gif", "x"])
def test_other_endings_name_the_valid_ones(flights: Result, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="png, svg, pdf, html, json"):
        save_chart(plot(flights, ["accuracy"]), tmp_path / name)


def test_ylim_is_the_domain(flights: Result) -> None:
    text = flights.plot("accuracy", ylim=(0.8, 1)).to_json(indent=None)
    assert '"domain": [0.8, 1.0]' in text
    with pytest.raises(ModelError, match="ylim"):
        flights.plot("accuracy", ylim=(1, 0.8))


def test_segments_stand_apart(flights: Result) -> None:
    chart = flights.plot("accuracy", segment_by="carrier")
    assert chart.to_dict()["facet"]["sort"] == ["C00", "C01", "C02", "other"]


def test_one_window_is_a_dot_with_its_interval() -> None:
    one = result(windows=1, timed=False, features=(), segments=())
    drawn = rows(plot(one, ["accuracy", "recall"]))
    assert [r["name"] for r in drawn] == ["Accuracy", "Recall"]
    assert all(r["lo"] <= r["v"] <= r["hi"] for r in drawn)


def test_matplotlib_draws_the_same(flights: Result) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert flights.plot("accuracy", "recall", ax=ax, ylim=(0.6, 1)) is ax
    lines = {line.get_label(): line for line in ax.lines}
    judgement = next(j for j in flights.judgements if j.series.metric.name == "recall")
    np.testing.assert_allclose(lines["Recall"].get_ydata(), judgement.series.estimate.value)
    assert ax.get_ylim() == (0.6, 1)
    alarms = sum(r["a"] for r in rows(flights.plot("accuracy", "recall")))
    assert len(ax.collections[-1].get_offsets()) == alarms


def test_matplotlib_writes_dates_short_and_shares_in_percent(flights: Result) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib.figure import Figure

    figure = Figure()
    ax = flights.plot("accuracy", ax=figure.add_subplot(), ylim=(0.5, 1))
    figure.draw_without_rendering()
    assert all(len(label.get_text()) <= 6 for label in ax.get_xticklabels())
    assert ax.yaxis.get_major_formatter()(0.85, 0) == "85 %"


def test_no_metric_is_told(flights: Result) -> None:
    with pytest.raises(ModelError, match="at least one metric"):
        flights.plot()


def test_without_matplotlib_the_extra_is_named(flights: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(DependencyError, match=r"watchkeeper\[matplotlib\]"):
        flights.plot("accuracy", ax=object())


def linear(colour: str) -> np.ndarray:
    """Linear sRGB of a hexadecimal colour."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_seen(shades: dict[str, str]) -> None:
    for name in ("ink", "muted"):
        assert contrast(shades[name], shades["paper"]) >= 4.5, name
    for name in ("alarm", *(f"series{i}" for i in range(1, 7))):
        assert contrast(shades[name], shades["paper"]) >= 2.9, name


# G. M. Machado, M. M. Oliveira and L. A. F. Fernandes (2009), at full severity, on linear RGB
EYES = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def lab(linear: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    scaled = to_xyz @ linear / [0.9505, 1, 1.089]
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
def test_series_and_alarms_stay_apart_for_every_eye(shades: dict[str, str], eyes: str) -> None:
    names = ["alarm", *(f"series{i}" for i in range(1, 7))]
    seen = [lab(np.clip(np.array(EYES[eyes]) @ linear(shades[name]), 0, 1)) for name in names]
    distances = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(distances) > 14


def test_each_light_shade_has_one_dark_one() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert LIGHT["alarm"] not in SERIES
