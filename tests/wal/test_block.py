"""Blocks: what is written is read, whatever the values."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.wal import FIELDS, KINDS, Block, Damage, Writer, encode, read_segment, segments
from watchkeeper.wal.block import pack

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | text
    | st.dictionaries(text, text)
)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind = draw(st.sampled_from(KINDS))
    features = tuple(draw(st.lists(text, max_size=4, unique=True))) if kind == "prediction" else ()
    width = len(FIELDS[kind]) + len(features)
    rows = draw(st.lists(st.lists(values, min_size=width, max_size=width), max_size=20))
    return Block(kind, draw(text), features, rows)


def same(one: object, other: object) -> bool:
    """Equal, with NaN equal to NaN."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@settings(max_examples=50, deadline=None)
@given(blocks())
def test_packed_rows_are_the_encoded_block(block: Block) -> None:
    rows = [msgspec.msgpack.encode(row) for row in block.rows]
    assert pack(block.kind, block.model, block.features, rows) == encode(block)


def test_packed_rows_of_every_size_of_array() -> None:
    for count in (0, 15, 16, 65_535, 65_536):
        block = Block("release", "m", (), [[0, "1", None]] * count)
        assert pack("release", "m", (), [msgspec.msgpack.encode([0, "1", None])] * count) == encode(block)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(blocks(), max_size=3), max_size=3))
def test_round_trip_through_a_segment(tmp_path_factory: object, commits: list[list[Block]]) -> None:
    folder: Path = tmp_path_factory.mktemp("wal")  # type: ignore[attr-defined]
    writer = Writer(folder)
    for commit in commits:
        writer.commit(map(encode, commit))
    writer.close()
    damage = Damage()
    read = [block for segment in segments(folder) for block in read_segment(segment.path, damage)]
    written = [block for commit in commits for block in commit]
    assert not damage
    assert len(read) == len(written)
    for one, other in zip(read, written, strict=True):
        assert (one.kind, one.model, one.features) == (other.kind, other.model, other.features)
        assert same(one.rows, other.rows)


def test_a_block_knows_its_faults() -> None:
    assert Block("release", "m", (), [[0, "1", None]]).fault() is None
    assert Block("release", "m", (), [[0, "1"]]).fault() == "a release of 2 values instead of 3"
    assert Block("rumour", "m", (), []).fault() == "kind 'rumour' is not known"
