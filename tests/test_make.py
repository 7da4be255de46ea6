"""The Makefile and what it installs from."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
MAKE = shutil.which("make")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.M)

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")


def wanted(lock: str) -> list[Requirement]:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *groups["build"], *extras["demo"], *extras["workspace"]]
    if lock == "dev.txt":
        texts += [text for extra in extras.values() for text in extra]
        texts += [text for text in groups["dev"] if isinstance(text, str)]
    return [r for r in map(Requirement, texts) if r.name != project["name"]]  # extras name each other


def pins(lock: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, version in PIN.findall((ROOT / "requirements" / lock).read_text(encoding="utf-8")):
        found.setdefault(name, []).append(version)
    return found


@pytest.mark.parametrize("lock", ["dev.txt", "demo.txt"])
def test_the_lock_holds_what_the_project_asks_for(lock: str) -> None:
    pinned = pins(lock)
    for requirement in wanted(lock):
        versions = pinned[requirement.name.lower().replace("_", "-").replace(".", "-")]
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_both_locks_hold_the_same_versions() -> None:
    everything = pins("dev.txt")
    assert all(everything[name] == versions for name, versions in pins("demo.txt").items())


@pytest.mark.parametrize("lock", ["dev.txt", "demo.txt"])
def test_every_pin_has_a_hash_and_no_line_names_a_place(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9-]+==)", text)[1:]
    assert len(blocks) == sum(map(len, pins(lock).values()))
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|index-url|find-links|^-e|file:", text, re.M)


def make(folder: Path, *targets: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    assert MAKE is not None
    shutil.copy(ROOT / "Makefile", folder)
    environment = None if path is None else {"PATH": path}
    return subprocess.run(
        [MAKE, *targets], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_make_alone_lists_every_command(tmp_path: Path) -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert phony is not None
    listed = re.findall(r"^make (\w+) +\S", make(tmp_path).stdout, re.M)
    assert sorted(listed) == sorted(phony[1].split())


def test_without_a_python_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text("#!/bin/sh\nexit 1\n")  # an old one fails in just this way
    (tmp_path / "bin" / "python3").chmod(0o755)
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/demo.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    done = make(tmp_path, "demo", path=str(tmp_path / "bin"))
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()
