from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.model.test_model import whole
from watchkeeper.errors import ModelError
from watchkeeper.model import Band, Bins, Model, Where

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=15)
NUMBERS = st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9)
WORDS = st.sampled_from(
    ["no", "on", "Yes", "null", "~", "1", "1.0", "0x1F", "1e3", "true", "- 50000.", "2024-01-01", "#a", ": b"]
)
CLASSES = NAMES | WORDS | NUMBERS | st.booleans()
EDGES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=4, unique=True).map(sorted)
CONDITIONS = NAMES.filter(str.strip)
PARTS = NAMES | WORDS | st.builds(Bins, NAMES, EDGES) | st.builds(Where, CONDITIONS, CONDITIONS)
BANDS = st.builds(
    Band,
    NUMBERS.map(lambda n: f">= {n}") | st.sampled_from(["<= 2 %", "0.1 .. 0.3"]),
    st.sampled_from(["interval", "value"]),
)


def by(part: Any) -> str:
    return part if isinstance(part, str) else str(part.by)


SEGMENTS = st.lists(
    PARTS | st.lists(PARTS, min_size=2, max_size=3, unique_by=by).map(tuple), max_size=4
).filter(lambda s: len({x if isinstance(x, str) else str(x) for x in s}) == len(s))
MODELS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["flight-delay", "no", "1", "Größe 😀", "null", "2024-01-01"]),
    "task": st.sampled_from([None, "binary"]),
    "outcome": NAMES | WORDS,
    "threshold": st.none() | st.floats(0, 1),
    "positive": st.none() | CLASSES,
    "features": st.none() | st.lists(NAMES | WORDS, unique=True, max_size=4),
    "segments": SEGMENTS,
    "window": st.sampled_from([None, "1d", "6h", "1000 rows"]),
    "reference": st.sampled_from([None, "first 4w", "no", "~/x.parquet"]),
    "bands": st.dictionaries(st.sampled_from(["accuracy", "missing_rate(a: b)", 'mean("x#y")']), BANDS),
    "costs": st.dictionaries(st.sampled_from(["true_positive", "false_positive"]), NUMBERS),
    "expected": st.dictionaries(st.just("positive_rate"), NUMBERS),
    "alpha": st.floats(0.001, 0.5),
}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({}, optional=MODELS))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Any]) -> None:
    try:
        model = Model(**keys)
    except ModelError:
        reject()  # a random name hits another, say a feature the outcome
    path = tmp_path_factory.getbasetemp() / "model.yaml"
    model.save(path)
    assert Model.load(path) == model, path.read_text(encoding="utf-8")
    assert Model.from_dict(model.to_dict()) == model


def test_the_whole_contract(tmp_path: Path) -> None:
    path = tmp_path / "models" / "flight-delay.yaml"
    whole().save(path)
    assert Model.load(path) == whole()
    text = path.read_text(encoding="utf-8")
    assert "  - [origin, carrier]\n  - bins: {column: age, edges: [25, 40, 65]}\n" in text
    assert "  accuracy: '>= 0.88'\n  recall[carrier=UA]: {band: '>= 0.8', judge: value}\n" in text
    assert "alpha" not in text  # at its default


def load(tmp_path: Path, text: str) -> Model:
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    return Model.load(path)


def test_words_stay_text(tmp_path: Path) -> None:
    model = load(tmp_path, "positive: no\nfeatures: [on, off, y]\noutcome: yes\n")
    assert (model.positive, model.features, model.outcome) == ("no", ("on", "off", "y"), "yes")
    assert load(tmp_path, "positive: true").positive is True


def test_a_key_without_a_value_is_at_its_default(tmp_path: Path) -> None:
    assert load(tmp_path, "name: x\nthreshold:\nbands:\n") == Model(name="x")
    assert load(tmp_path, "window: null").window is None


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeffname: x\r\ntask: binary\r\n") == Model(name="x", task="binary")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "m.yaml: the file is empty"),
        ("# only a comment\n", "m.yaml: the file is empty"),
        ("- a\n", "m.yaml: a model is a mapping of keys .* found a list"),
        ("hello", "m.yaml: a model is a mapping .* found 'hello'"),
        ("name: a\nname: b\n", "m.yaml, line 2: the key 'name' is there twice"),
        ("name: a\nbands:\n\taccuracy: 1\n", "m.yaml, line 3: a tab; YAML is indented by spaces"),
        ("name: [\n", "m.yaml, line 2: not YAML"),
        ("name: a\n---\nname: b\n", "m.yaml, line 2: not YAML: .*another document"),
        ("name: a\ntreshold: 0.5\n", r"m.yaml, line 2: unknown key 'treshold'; did you mean 'threshold'\?"),
        ("name: a\n\nthreshold: 5\n", "m.yaml, line 3: threshold: 5 is not a number"),
        ("task: binary\nbands:\n  accuracy: 0.8\n", "m.yaml, line 2: bands: 'accuracy': 0.8 does not say"),
        ("bands: {recall: {bnd: '>= 1'}}", r"bands: 'recall': unknown key 'bnd'; did you mean 'band'\?"),
        ("bands: {recall: {judge: value}}", "bands: 'recall' has no 'band'"),
        ("segments:\n - binz: {column: a}\n", r"line 1: segments: .* did you mean 'bins'\?"),
        (
            "segments:\n - bins: {colum: a, edges: [1]}\n",
            r"segments: bins: unknown key 'colum'; did you mean 'column'\?",
        ),
        ("segments:\n - where: {name: a}\n", "segments: where has no 'condition'"),
        ("segments:\n - {bins: 3}\n", "is not a segment"),
        ("name: !thing x\n", "line 1: not YAML: .*'!thing'"),
        ("[" * 5000, "m.yaml"),
        ("name: \x07", "m.yaml: not YAML"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing.yaml: no such file; 'watchkeeper init DATA' writes one"):
        Model.load(tmp_path / "nothing.yaml")
    with pytest.raises(ModelError, match=r"is a directory"):
        Model.load(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("name: Größe".encode("latin-1"))
    with pytest.raises(ModelError, match=r"latin.yaml: not UTF-8 text"):
        Model.load(tmp_path / "latin.yaml")


def test_from_dict_takes_objects_too() -> None:
    keys = {
        "segments": [Bins("a", [1]), ["b", {"where": {"name": "c", "condition": "d"}}]],
        "bands": {"accuracy": Band(">= 1")},
    }
    assert Model.from_dict(keys) == Model(
        segments=[Bins("a", [1]), ("b", Where("c", "d"))], bands={"accuracy": ">= 1"}
    )
    with pytest.raises(ModelError, match="a model is a mapping of keys"):
        Model.from_dict([])  # type: ignore[arg-type]
