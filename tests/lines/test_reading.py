"""Text logs as they are: growing, rotated, compressed, broken."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_imports import HEAVY, loaded_by
from watchkeeper.errors import ModelError, SourceError
from watchkeeper.lines import BUILT_IN, Reading, patterns_of, read_lines
from watchkeeper.lines.cutting import cut
from watchkeeper.lines.opening import BLOCK

INST = "INFO:root:Inst. {} - PredClass: 1, RealClass: 0"
SAID = patterns_of({"said": "said {prediction}"})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


def records(reading: Reading) -> list[Any]:
    return [record for batch in reading for record in batch]


def said(reading: Reading) -> list[Any]:
    return [fields["prediction"] for kind, fields in records(reading) if kind == "prediction"]


def test_ids_are_file_and_offset(log: Path) -> None:
    log.write_text("loaded\n" + INST.format(0) + "\n" + INST.format(0) + "\n")
    reading = read_lines(log, BUILT_IN)
    ids = [(kind, fields["id"], fields["timestamp"]) for kind, fields in records(reading)]
    second = f"app.log:{7 + len(INST.format(0)) + 1}"
    assert ids == [
        ("prediction", "app.log:7", None),
        ("outcome", "app.log:7", None),
        ("prediction", second, None),
        ("outcome", second, None),
    ]
    assert (reading.lines, reading.unmatched, reading.examples) == (3, 1, ["loaded"])
    assert reading.by_pattern == {"inst": 2, "output_prediction": 0, "model_version": 0}


def test_an_id_of_the_line_is_kept(log: Path) -> None:
    log.write_text("of a7 said 1\nof None said 1\n")
    reading = read_lines(log, patterns_of({"p": "of {id} said {prediction}"}))
    assert [fields["id"] for _, fields in records(reading)] == ["a7", "app.log:13"]


def test_only_what_is_new_is_read(log: Path) -> None:
    log.write_text("said 1\nsaid 2\nsaid 3")
    first = read_lines(log, SAID)
    assert said(first) == [1, 2]
    with log.open("a") as file:
        file.write("0\nsaid 4\n")
    second = read_lines(log, SAID, first.offset, head=first.head)
    assert said(second) == [30, 4]
    assert (second.offset, second.notes, second.lines) == (log.stat().st_size, [], 2)
    assert records(read_lines(log, SAID, second.offset)) == []


def test_a_final_line_needs_no_newline(log: Path) -> None:
    log.write_text("said 1\nsaid 2")
    reading = read_lines(log, SAID, final=True)
    assert said(reading) == [1, 2]
    assert reading.offset == log.stat().st_size


def test_a_truncated_file_is_read_anew(log: Path) -> None:
    log.write_text("said 1\n")
    reading = read_lines(log, SAID, 100)
    assert reading.anew
    assert reading.notes == [
        "app.log was truncated or rotated (it is shorter than 100 bytes): read from its beginning"
    ]
    assert said(reading) == [1]
    assert reading.offset == 7


def test_a_rotated_file_is_known_by_its_beginning(log: Path) -> None:
    log.write_text("said 1\n")
    first = read_lines(log, SAID)
    assert said(first) == [1]
    log.write_text("said 2\nsaid 3\n")
    second = read_lines(log, SAID, first.offset, head=first.head)
    second.name = "app.log.2"  # what ids begin with, so that they differ from those of the file before
    assert second.anew
    assert [fields["id"] for _, fields in records(second)] == ["app.log.2:0", "app.log.2:7"]


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_compressed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"app.log{ending}"
    content = b"".join(b"said %d\n" % number for number in range(300_000))
    write(path, content, ending)
    first, second = read_lines(path, SAID), read_lines(path, SAID, len(content) - 12)
    assert said(first) == list(range(300_000))
    assert (first.offset, first.lines) == (len(content), 300_000)
    assert said(second) == [299_999]
    assert read_lines(path, SAID, len(content) + 1).anew


def write(path: Path, content: bytes, ending: str) -> None:
    if ending == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write(content)
    else:
        path.write_bytes(gzip.compress(content) if ending else content)


def test_a_log_of_two_gzip_members(tmp_path: Path) -> None:
    path = tmp_path / "app.log.gz"
    path.write_bytes(gzip.compress(b"said 1\n") + gzip.compress(b"said 2\n"))
    assert said(read_lines(path, SAID)) == [1, 2]


def test_a_log_of_two_zstd_frames(tmp_path: Path) -> None:
    path = tmp_path / "app.log.zst"
    path.write_bytes(b"".join(pa.compress(line, "zstd", asbytes=True) for line in (b"said 1\n", b"said 2\n")))
    assert said(read_lines(path, SAID)) == [1, 2]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compressed_file_that_is_cut_short(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"app.log{ending}"
    write(path, b"".join(b"said %d\n" % number for number in range(300_000)), ending)
    path.write_bytes(path.read_bytes()[:-1_000])
    with pytest.raises(SourceError, match="cut short"):
        records(read_lines(path, SAID))


def test_what_is_not_utf8_is_replaced_and_counted(log: Path) -> None:
    log.write_bytes("said gr\u00fcn\nsaid \u00fc\n".encode("latin-1") + "said ü\nsaid 1\n".encode())
    reading = read_lines(log, SAID)
    ids = [(fields["id"], fields["prediction"]) for _, fields in records(reading)]
    assert ids == [
        ("app.log:0", "gr\ufffdn"),
        ("app.log:10", "\ufffd"),
        ("app.log:17", "ü"),
        ("app.log:25", 1),
    ]
    assert reading.not_utf8 == 2


def test_windows_lines(log: Path) -> None:
    log.write_bytes(b"\xef\xbb\xbfsaid a\r\nsaid b\r\n\r\n")
    reading = read_lines(log, patterns_of({"p": {"regex": "^said (?P<prediction>.*)$"}}))
    assert [(f["id"], f["prediction"]) for _, f in records(reading)] == [
        ("app.log:0", "a"),
        ("app.log:11", "b"),
    ]
    assert (reading.blank, reading.unmatched, reading.lines) == (1, 0, 3)


def test_a_long_line_is_counted_and_skipped(log: Path) -> None:
    long = b"said " + b"x" * (3 * BLOCK)
    log.write_bytes(b"said 1\n" + long + b"\nsaid 2\n" + b"y" * (BLOCK + 1) + b"\nsaid 3\n" + long)
    reading = read_lines(log, SAID)
    found = records(reading)
    assert [fields["prediction"] for _, fields in found] == [1, 2, 3]
    assert found[1][1]["id"] == f"app.log:{7 + len(long) + 1}"
    assert (reading.too_long, reading.lines, reading.unmatched) == (2, 5, 0)
    assert reading.offset == log.stat().st_size - len(long)
    last = read_lines(log, SAID, reading.offset, final=True)
    assert (said(last), last.too_long, last.offset) == ([], 1, log.stat().st_size)


def test_a_traceback_is_unmatched_lines(log: Path) -> None:
    log.write_text(
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\nsaid 1\nx\n'
    )
    reading = read_lines(log, SAID)
    assert said(reading) == [1]
    assert reading.unmatched == 4
    assert reading.examples == [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        "KeyError: 1",
    ]


def test_the_first_pattern_has_the_line(log: Path) -> None:
    log.write_text("said 1\n")
    reading = read_lines(log, patterns_of({"a": "said {prediction}", "b": "said {score}"}))
    records(reading)
    assert reading.by_pattern == {"a": 1, "b": 0}


def test_the_offset_is_right_after_each_batch(log: Path) -> None:
    log.write_bytes(b"said 1\n" * 400_000)
    reading = read_lines(log, SAID)
    for batch in reading:
        assert int(batch[-1][1]["id"].split(":")[1]) + 7 == reading.offset
    assert records(reading) == []
    with log.open("ab") as file:
        file.write(b"said 2\n")
    assert said(reading) == [2]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_lines(tmp_path / "absent.log", SAID)
    with pytest.raises(SourceError, match="is a folder"):
        read_lines(tmp_path, SAID)
    (tmp_path / "wide.log").write_text("said 1\n", encoding="utf-16")
    with pytest.raises(SourceError, match="iconv -f UTF-16LE -t UTF-8"):
        read_lines(tmp_path / "wide.log", SAID)
    with pytest.raises(ModelError, match="'Europe/Berln' is not a time zone"):
        read_lines(tmp_path / "wide.log", SAID, timezone="Europe/Berln")
    (tmp_path / "empty.log").touch()
    assert records(read_lines(tmp_path / "empty.log", SAID)) == []


class Pieces:
    """A stream that gives what it has in pieces of any size."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self.content, self.sizes = content, sizes

    def read(self, size: int, /) -> bytes:
        size = min(size, self.sizes.pop()) if self.sizes else size
        piece, self.content = self.content[:size], self.content[size:]
        return piece

    def close(self) -> None:
        pass


@settings(max_examples=500)
@given(
    st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=12),
    st.lists(st.integers(1, 8), max_size=30),
    st.integers(4, 8),
    st.booleans(),
)
def test_any_bytes_in_any_pieces(lines: list[bytes], sizes: list[int], limit: int, final: bool) -> None:
    content = b"\n".join(lines)
    blocks = list(cut(Pieces(content, sizes), Path("x"), final, limit))
    whole = lines if final and content[-1:] not in (b"\n", b"") else lines[:-1]
    found = [line for block in blocks if block.texts for line in block.raw.split(b"\n")]
    assert found == [line for line in whole if len(line) <= limit]
    assert sum(block.too_long for block in blocks) == sum(len(line) > limit for line in whole)
    assert sum(block.size for block in blocks) == (len(content) if final else len(b"\n".join([*whole, b""])))


def test_importing_is_light() -> None:
    assert loaded_by("import watchkeeper.lines") & (HEAVY | {"numpy", "pyarrow"}) == set()
