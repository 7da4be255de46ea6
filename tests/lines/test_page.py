"""docs/text-logs.md does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, run_page
from watchkeeper.lines import BUILT_IN, load_patterns
from watchkeeper.lines.kinds import KINDS

PAGE = (ROOT / "docs" / "text-logs.md").read_text(encoding="utf-8")


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page, _ = run_page("docs/text-logs.md")
    assert [kind for kind, _ in page["records"]] == [
        "release", "prediction", "prediction", "prediction", "outcome",
    ]  # fmt: skip
    assert page["reading"].examples == ["INFO:root:cache is warm"]
    assert page["late"][0][1]["features"] == {"carrier": "UA"}
    assert page["late"][0][1]["timestamp"] % 1_000_000 == 123_000
    assert [fields["score"] for _, fields in page["new"]] == [0.31]


def test_its_configuration_is_one(tmp_path: Path) -> None:
    (tmp_path / "watchkeeper.yaml").write_text(PAGE.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    patterns = load_patterns(tmp_path)
    assert [pattern.kind for pattern in patterns.values()] == [
        "prediction", "outcome", "release", "job", "job", "error",
    ]  # fmt: skip


def test_each_pattern_that_is_built_in_is_there_with_its_line() -> None:
    for name, pattern in BUILT_IN.items():
        row = PAGE.split(f"| `{name}` | `")[1].split("\n")[0]
        found = pattern.match(row.split("` |")[0])
        assert found
        assert found[0][0] in row


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_field_is_there(kind: object) -> None:
    table = PAGE.split("| fields | make |")[1].split("\n\n")[0]
    assert all(f"`{field}`" in table for field in kind.types)  # type: ignore[attr-defined]
