"""Patterns of a workspace's watchkeeper.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.errors import ModelError
from watchkeeper.lines import BUILT_IN, load_patterns, pattern_named, patterns_of

YAML = r"""
state: sqlite:///state.db
patterns:
  inst: "Inst. {id} - PredClass: {prediction}, RealClass: {actual}"
  stage: {pattern: "{timestamp} stage {stage} took {seconds} s"}
  failed: {regex: '^(?P<timestamp>\S+ \S+) \[ERROR\] (?P<error>.*)$'}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "watchkeeper.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_workspace_names_its_patterns(tmp_path: Path) -> None:
    patterns = load_patterns(write(tmp_path, YAML))
    assert {name: pattern.kind for name, pattern in patterns.items()} == {
        "inst": "prediction",
        "stage": "job",
        "failed": "error",
    }
    assert patterns["failed"].match("2026-03-01 08:00:00 [ERROR] boom") is not None


@pytest.mark.parametrize("text", ["", "state: x\n", "patterns:\n", "patterns: {}\n"])
def test_those_built_in_where_none_are_named(tmp_path: Path, text: str) -> None:
    assert load_patterns(tmp_path) == BUILT_IN
    assert load_patterns(write(tmp_path, text)) == BUILT_IN


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patterns:\n  a: {score} found\n", "line 2: not YAML: .*needs quotes"),
        ("patterns:\n  a: {score}\n", "patterns: 'a': {score} is no pattern.*begins with a brace"),
        ("patterns:\n  a: [INFO]\n", "patterns: 'a': .*begins with a bracket"),
        ("patterns: {a: x, a: y}\n", "line 1: not YAML"),
        ("patterns: said\n", "patterns: a mapping of names"),
        ("- patterns\n", "a mapping of keys"),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ModelError, match=f"watchkeeper.yaml: {message}"):
        load_patterns(write(tmp_path, text))


def test_a_pattern_by_its_name() -> None:
    assert pattern_named(BUILT_IN, "inst") is BUILT_IN["inst"]
    with pytest.raises(ModelError, match="no pattern 'isnt'; did you mean 'inst'"):
        pattern_named(BUILT_IN, "isnt")


def test_the_built_in_ones_are_never_changed() -> None:
    patterns_of(None).clear()
    assert BUILT_IN
