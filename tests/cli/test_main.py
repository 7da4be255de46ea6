from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import watchkeeper
from watchkeeper.cli import commands

PROGRAM = [sys.executable, "-c", "from watchkeeper.cli import main; main()"]


def test_version(run) -> None:
    done = run("--version")
    assert (done.status, done.out) == (0, f"watchkeeper {watchkeeper.__version__}\n")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_command(run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.status == 0
    assert all(re.search(rf"^  {name} ", done.out, re.M) for name in commands.commands)
    assert "Examples:" in done.out


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_each_command_has_help(run, name: str) -> None:
    done = run(name, "--help")
    assert done.status == 0
    assert done.out.startswith(f"Usage: watchkeeper {name}")


def test_an_unknown_command_is_one_message(run) -> None:
    done = run("chek")
    assert done.status == 2
    assert done.err.startswith("watchkeeper: No such command 'chek'")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise KeyError("inner")

    monkeypatch.setitem(commands.commands, "broken", click.Command("broken", callback=fail))


@pytest.mark.usefixtures("broken")
def test_a_defect_says_so_and_keeps_the_details(run) -> None:
    done = run("broken")
    assert done.status == 2
    assert done.err.startswith("watchkeeper: this is a defect in Watchkeeper")
    assert "Traceback" not in done.err
    details = Path(re.search(r"The details are in (\S+);", done.err)[1])
    assert "KeyError: 'inner'" in details.read_text()
    details.unlink()


@pytest.mark.usefixtures("broken")
def test_debug_shows_the_traceback(run, monkeypatch: pytest.MonkeyPatch) -> None:
    commands.commands["broken"].params.append(click.Option(["--debug"], is_flag=True, expose_value=False))
    done = run("broken", "--debug")
    assert done.status == 2
    assert "Traceback" in done.err


def test_interrupted(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(commands.commands, "stop", click.Command("stop", callback=stop))
    assert run("stop").status == 130


def test_a_folder_that_cannot_be_written_is_one_message(run, bad) -> None:
    (bad.parent / "file").write_text("")
    done = run("check", bad, "--output", "file/metrics.parquet")
    assert done.status == 2
    assert done.err.startswith("watchkeeper: ")
    assert "file" in done.err


def test_the_reader_of_a_pipe_may_go(bad) -> None:
    with subprocess.Popen(
        [*PROGRAM, "check", str(bad), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_the_installed_program_is_this_one() -> None:
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.strip() == f"watchkeeper {watchkeeper.__version__}"
