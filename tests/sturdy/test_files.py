"""Files that are not what they should be: one message that names the file, what was found and the fix."""
# ruff: noqa: E501 -- one case is one line of the table

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.sturdy.data import BINARY, log
from tests.sturdy.harness import by_command
from watchkeeper import Model

GOOD = log().to_csv(index=False)
HEADER, *LINES = GOOD.splitlines()
JUNK = np.random.default_rng(0).bytes(5_000)


def with_line(number: int, line: str) -> str:
    lines = GOOD.splitlines()
    return "\n".join([*lines[: number - 1], line, *lines[number:]])


def cut_parquet(path: Path) -> None:
    log().to_parquet(path)
    path.write_bytes(path.read_bytes()[:3_000])


def damaged_parquet(path: Path) -> None:
    log().to_parquet(path)
    whole = bytearray(path.read_bytes())
    whole[200:400] = b"\xff" * 200
    path.write_bytes(bytes(whole))


# id: (name, content or how to write it, words of the message)
REFUSED: dict[str, tuple[str, str | bytes | Callable[[Path], object] | None, str]] = {
    "empty": ("a.csv", "", "a.csv is empty"),
    "empty Parquet": ("a.parquet", "", "a.parquet is empty"),
    "blank lines": ("a.csv", "\n\n\n", "a.csv is empty; a file with a header and rows is needed"),
    "byte order mark alone": ("a.csv", b"\xef\xbb\xbf", "a.csv is empty"),
    "header only": ("a.csv", HEADER + "\n", "a.csv has a header (ts, id, age"),
    "header without a line end": ("a.csv", HEADER, "and no rows"),
    "no rows in Parquet": ("a.parquet", lambda p: log()[:0].to_parquet(p), "a.parquet has columns (ts, id, age"),
    "no header": ("a.csv", "\n".join(LINES), "a.csv has no header: its first line is '2026-03-05 00:00:00"),
    "bytes": ("a.csv", bytes(range(256)) * 40, "a.csv is not text"),
    "junk": ("a.csv", JUNK, "a.csv is not text"),
    "junk called Parquet": ("a.parquet", JUNK, "a.parquet is not Parquet"),
    "junk like Parquet": ("a.parquet", b"PAR1" + JUNK + b"PAR1", "cut short or damaged"),
    "Parquet cut short": ("a.parquet", cut_parquet, "cut short or damaged"),
    "damaged Parquet": ("a.parquet", damaged_parquet, "cut short or damaged"),
    "CSV called Parquet": ("a.parquet", GOOD, "a.parquet is not Parquet"),
    "Excel": ("a.xlsx", b"PK\x03\x04" + b"\0" * 100, "a.xlsx is an Excel or zip file; CSV"),
    "Latin-1": ("a.csv", GOOD.replace("de", "dé").encode("latin-1"), "iconv -f WINDOWS-1252 -t UTF-8 a.csv"),
    "UTF-16": ("a.csv", GOOD.encode("utf-16"), "a.csv is UTF-16, not UTF-8; convert it"),
    "a field too many": ("a.csv", with_line(51, LINES[49] + ",7"), "a.csv, line 51: 9 fields where the header has 8"),
    "fields too few": ("a.csv", with_line(51, "7"), "a.csv, line 51: 1 field where the header has 8; mend that line"),
    "late and ragged": ("a.csv", GOOD + "\n".join(LINES * 200) + ",7", "line 36181: 9 fields where the header has 8"),
    "an open quote": ("a.csv", with_line(51, '"' + LINES[49]), "line 51: 1 field where the header has 8, over 131 lines"),
    "gzip cut short": ("a.csv.gz", gzip.compress(GOOD.encode())[:500], "cannot be decompressed"),
    "JSON cut short": ("a.jsonl", '{"a":1}\n{"a":', "a.jsonl cannot be read: Malformed JSON"),
    "JSON of one number": ("a.json", "3", "a.json is not JSON lines: it begins with '3'"),
    "a web page": ("a.csv", "<!doctype html><html>404</html>", "and no rows"),
    "two columns of one name": ("a.csv", GOOD.replace("size", "age", 1), "has two columns named 'age'; rename one"),
    "a folder": ("a", Path.mkdir, "a is a directory; name its files, such as 'a/*.parquet'"),
    "no such file": ("a.csv", None, "a.csv does not exist"),
    "no match": ("a*.csv", None, "no file matches 'a*.csv'"),
}  # fmt: skip

# as REFUSED; the same verdict as the plain file
READ: dict[str, tuple[str, str | bytes | Callable[[Path], object]]] = {
    "Windows line ends": ("a.csv", GOOD.replace("\n", "\r\n")),
    "old Macintosh line ends": ("a.csv", GOOD.replace("\n", "\r")),
    "mixed line ends": ("a.csv", GOOD.replace("\n", "\r\n", 5)),
    "no last line end": ("a.csv", GOOD.rstrip()),
    "byte order mark": ("a.csv", b"\xef\xbb\xbf" + GOOD.encode()),
    "semicolons": ("a.csv", GOOD.replace(",", ";")),
    "tabs": ("a.tsv", GOOD.replace(",", "\t")),
    "decimal commas": ("a.csv", log().to_csv(index=False, sep=";", decimal=",")),
    "gzip": ("a.csv.gz", gzip.compress(GOOD.encode())),
    "Parquet called CSV": ("a.csv", lambda p: log().to_parquet(p)),
    "quoted": ("a.csv", log().to_csv(index=False, quoting=1)),
    "the index of pandas": ("a.csv", log().to_csv()),
    "JSON lines": ("a.jsonl", lambda p: log().to_json(p, orient="records", lines=True, date_format="iso")),
    "a list in JSON": ("a.json", lambda p: log().to_json(p, orient="records", date_format="iso")),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good reference and a configuration."""
    log(days=4, first="2026-03-01", seed=2).to_csv(tmp_path / "good.csv", index=False)
    Model(**BINARY).save(tmp_path / "model.yaml")
    return tmp_path


def put(path: Path, content: str | bytes | Callable[[Path], object] | None) -> None:
    if callable(content):
        content(path)
    elif content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("case", REFUSED)
def test_refused_as_current_as_reference_and_by_init(case: str, folder: Path) -> None:
    name, content, says = REFUSED[case]
    put(folder / name, content)
    for arguments in (
        ("check", name, "--reference", "good.csv", "--config", "model.yaml"),
        ("check", "good.csv", "--reference", name, "--config", "model.yaml"),
        ("check", name),
        ("init", name),
    ):
        by_command(folder, *arguments).check((says,), 2)


@pytest.mark.parametrize("case", READ)
def test_read_like_the_plain_file(case: str, folder: Path) -> None:
    put(folder / "plain.csv", GOOD)
    put(folder / READ[case][0], READ[case][1])
    rest = ("--reference", "good.csv", "--config", "model.yaml")
    plain, told = (by_command(folder, "check", name, *rest) for name in ("plain.csv", READ[case][0]))
    told.check(("60",), plain.status)
    assert told.out.partition("note:")[0] == plain.out.partition("note:")[0]


def test_one_file_is_current_and_reference(folder: Path) -> None:
    told = by_command(folder, "check", "good.csv", "--reference", "good.csv", "--config", "model.yaml")
    told.check(("Nothing alarms",), 0)


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [("good.csv", 0, "OK"), ("junk.csv", 2, "junk.csv is not text"), ("gone.csv", 2, "does not exist")],
)
def test_as_a_process_with_warnings_as_errors(name: str, status: int, says: str, folder: Path) -> None:
    put(folder / "junk.csv", JUNK)
    program = [sys.executable, "-W", "error", "-c", "from watchkeeper.cli import main; main()"]
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [*program, "check", name, "--config", "model.yaml", "--report", "r.html"],
        cwd=folder, env={**os.environ, "PYTHONPATH": source}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
