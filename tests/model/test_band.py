from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import ModelError
from watchkeeper.model import Band, BandKey, Model

INF = math.inf


@pytest.mark.parametrize(
    ("expr", "low", "high"),
    [
        (">= 0.88", 0.88, INF),
        (">=0.88", 0.88, INF),
        ("≥ .88", 0.88, INF),
        ("> -1", -1, INF),
        ("<= 0.02", -INF, 0.02),
        ("<= 2 %", -INF, 0.02),
        ("< 1e-3", -INF, 0.001),
        ("0.1 .. 0.3", 0.1, 0.3),
        ("0.1..0.3", 0.1, 0.3),
        ("between 0.1 and 0.3", 0.1, 0.3),
        ("-2 to −1", -2, -1),
        ("10 % .. 30 %", 0.1, 0.3),
        ("1 .. 1", 1, 1),
    ],
)
def test_bands(expr: str, low: float, high: float) -> None:
    band = Band(expr)
    assert (band.low, band.high) == (low, high)
    assert Band(band.expr) == band


@pytest.mark.parametrize(
    "expr", ["0.88", "== 1", ">= x", "", "0.3 .. ", "above 3", "> 1 and < 2", 0.88, None]
)
def test_what_is_no_band(expr: object) -> None:
    with pytest.raises(ModelError, match=r"write '>= 0.88', '<= 0.02' or '0.1 .. 0.3'"):
        Band(expr)  # type: ignore[arg-type]


def test_ends_the_wrong_way_round() -> None:
    with pytest.raises(ModelError, match="lower end above its upper end"):
        Band("0.3 .. 0.1")


def test_judge() -> None:
    assert Band(">= 1").judge == "interval"
    with pytest.raises(ModelError, match="did you mean 'value'"):
        Band(">= 1", judge="values")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("accuracy", BandKey("accuracy")),
        (" accuracy ", BandKey("accuracy")),
        ("missing_rate(visib)", BandKey("missing_rate", "visib")),
        ("recall[carrier=UA]", BandKey("recall", None, "carrier", "UA")),
        ("recall[carrier]", BandKey("recall", None, "carrier")),
        (
            "missing_rate(visib)[origin × carrier=JFK × UA]",
            BandKey("missing_rate", "visib", "origin × carrier", "JFK × UA"),
        ),
        ("mean(price (net))", BandKey("mean", "price (net)")),
        ("mean(a[0])[b=c]", BandKey("mean", "a[0]", "b", "c")),
        ('mean("a)[b=c]")', BandKey("mean", "a)[b=c]")),
        ('mean("say ""hi""")', BandKey("mean", 'say "hi"')),
        ("recall[age=≥ 65]", BandKey("recall", None, "age", "≥ 65")),
        ("recall[plan=a=b]", BandKey("recall", None, "plan", "a=b")),
        ('recall["a=b"=c]', BandKey("recall", None, "a=b", "c")),
        ("mean(Größe 😀)", BandKey("mean", "Größe 😀")),
        ("recall[plan=]", BandKey("recall", None, "plan", "")),
    ],
)
def test_keys(text: str, key: BandKey) -> None:
    assert BandKey.parse(text) == key
    assert BandKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "text", ["", "(x)", "recall(", "recall()", "recall[", "recall[]", "recall[=x]", "recall x", "3", 3]
)
def test_what_is_no_key(text: object) -> None:
    with pytest.raises(ModelError, match=r"bands: .*write metric"):
        BandKey.parse(text)  # type: ignore[arg-type]


NAMES = st.text(min_size=1, max_size=12)


@given(NAMES | st.none(), (NAMES | st.none()), st.text(max_size=12) | st.none())
def test_any_key_is_read_as_it_is_written(column: str | None, by: str | None, segment: str | None) -> None:
    key = BandKey("recall", column, by, segment if by is not None else None)
    assert BandKey.parse(str(key)) == key


def test_the_nearest_band_goes_first() -> None:
    model = Model(
        segments=["carrier"],
        bands={
            "missing_rate": "<= 0.5",
            "missing_rate(visib)": "<= 0.4",
            "missing_rate[carrier]": "<= 0.3",
            "missing_rate(visib)[carrier]": "<= 0.2",
            "missing_rate(visib)[carrier=UA]": "<= 0.1",
        },
    )

    def high(*key: str | None) -> float | None:
        band = model.band_for("missing_rate", *key)
        return band.high if band else None

    assert high("temp") == 0.5
    assert high("visib") == 0.4
    assert high("temp", "carrier", "UA") == 0.3
    assert high("visib", "carrier", "B6") == 0.2
    assert high("visib", "carrier", "UA") == 0.1
    assert model.band_for("recall") is None


def test_a_band_of_all_rows_covers_no_segment() -> None:
    model = Model(segments=["carrier"], bands={"accuracy": ">= 0.8"})
    assert model.band_for("accuracy") == Band(">= 0.8")
    assert model.band_for("accuracy", None, "carrier", "UA") is None
