from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from watchkeeper.model import Model, reference
from watchkeeper.model.keys import KEYS, SYNONYMS, Key

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_every_key_is_described_in_its_order() -> None:
    assert [k.name for k in KEYS] == [f.name for f in fields(Model)]
    assert set(SYNONYMS.values()) <= {k.name for k in KEYS}
    assert not set(SYNONYMS) & {k.name for k in KEYS}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_the_python_example_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = reference().split("```python\n")[1].split("```")[0]
    exec(compile(code, "configuration.md", "exec"), {})
    assert (tmp_path / "models" / "flight-delay.yaml").exists()


@pytest.mark.parametrize("key", KEYS, ids=lambda k: k.name)
def test_every_example_works(key: Key, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    around = "segments: [carrier, [origin, carrier]]\n" if key.name in ("bands", "least_effect") else ""
    path.write_text(around + key.example, encoding="utf-8")
    assert Model.load(path).to_dict().keys() >= ({key.name} - {"alpha", "windows", "window"})
