"""Segments that were damaged: never fatal, and no more is lost than what was hit."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper import WorkspaceError
from watchkeeper.wal import Block, Damage, Writer, encode, read_segment, segments
from watchkeeper.wal.frame import HEADER, OVERHEAD, frame, header

COUNT = 6


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    writer = Writer(tmp_path)
    for n in range(COUNT):
        writer.commit([encode(Block("outcome", "m", (), [[f"id-{n}", None, n, None, 0]]))])
    writer.close()
    return segments(tmp_path)[0].path


def ids(path: Path, damage: Damage | None = None) -> list[str]:
    return [row[0] for block in read_segment(path, damage) for row in block.rows]


def test_a_whole_segment(segment: Path) -> None:
    damage = Damage()
    assert ids(segment, damage) == [f"id-{n}" for n in range(COUNT)]
    assert not damage
    assert str(damage) == "nothing is damaged"


@pytest.mark.parametrize("change", [0x01, 0x80, 0xFF])
def test_a_corrupt_byte_costs_its_frame(segment: Path, change: int) -> None:
    whole = segment.read_bytes()
    size = (len(whole) - HEADER) // COUNT
    for at in range(len(whole)):
        segment.write_bytes(whole[:at] + bytes((whole[at] ^ change,)) + whole[at + 1 :])
        damage = Damage()
        hit = (at - HEADER) // size if at >= HEADER else None
        assert ids(segment, damage) == [f"id-{n}" for n in range(COUNT) if n != hit], at
        assert damage
        assert damage.bytes == (HEADER if hit is None else size)


def test_a_torn_tail_costs_its_frame(segment: Path) -> None:
    whole = segment.read_bytes()
    size = (len(whole) - HEADER) // COUNT
    for end in range(len(whole)):
        segment.write_bytes(whole[:end])
        damage = Damage()
        assert len(ids(segment, damage)) == max(0, end - HEADER) // size, end
        boundary = end == 0 or (end >= HEADER and (end - HEADER) % size == 0)
        assert damage.torn is not boundary
        assert damage.corrupt == 0


def test_zeros_and_rubbish_behind_and_between(segment: Path) -> None:
    whole = segment.read_bytes()
    size = (len(whole) - HEADER) // COUNT
    segment.write_bytes(whole[: HEADER + size] + b"\0" * 999 + whole[HEADER + size :] + b"\0" * 4096)
    damage = Damage()
    assert len(ids(segment, damage)) == COUNT
    assert damage.corrupt == 2
    assert damage.bytes == 999 + 4096
    assert "999" not in str(damage) or "bytes skipped" in str(damage)


def test_a_payload_that_is_no_block_is_told(segment: Path) -> None:
    marker = segment.read_bytes()[8:16]
    odd = [b"", b"\xc1", b"rubbish", encode(Block("rumour", "m", (), []))]
    with segment.open("ab") as file:
        file.writelines(frame(payload, marker) for payload in odd)
    damage = Damage()
    assert len(ids(segment, damage)) == COUNT
    assert damage.corrupt == len(odd)
    assert "'rumour' is not known" in str(damage)


def test_a_segment_inside_a_value_is_only_a_value(tmp_path: Path) -> None:
    inside = header(b"12345678") + frame(encode(Block("release", "m", (), [[0, "evil", None]])), b"12345678")
    writer = Writer(tmp_path)
    writer.commit([encode(Block("release", "m", (), [[0, inside.decode("latin-1"), None]]))] * 2)
    writer.close()
    path = segments(tmp_path)[0].path
    data = bytearray(path.read_bytes())
    data[HEADER + OVERHEAD + 3] ^= 1
    path.write_bytes(data)
    assert [row[1] for block in read_segment(path) for row in block.rows] == [inside.decode("latin-1")]


def test_another_format_is_told(segment: Path) -> None:
    from zlib import crc32

    data = segment.read_bytes()
    start = data[:7] + b"\x02" + data[8:16]
    segment.write_bytes(start + crc32(start).to_bytes(4, "little") + data[HEADER:])
    damage = Damage()
    assert ids(segment, damage) == []
    assert "format 2; this Watchkeeper reads 1" in str(damage)


def test_a_segment_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no such segment"):
        ids(tmp_path / "00000001.wal")
