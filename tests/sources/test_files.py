"""Files: whatever is wrong with one, a sentence says what, where, and what to do."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.errors import SourceError, WatchkeeperError
from watchkeeper.model import Model
from watchkeeper.sources import head, open_rows

MODEL = Model()


def rows_of(data: Any, model: Model = MODEL) -> list[dict[str, Any]]:
    return [row for chunk in open_rows(data, model).chunks() for row in chunk.batch.to_pylist()]


def failure(data: Any) -> str:
    with pytest.raises(SourceError) as caught:
        rows_of(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "empty": ("c.csv", b"", "c.csv is empty"),
    "blank": ("c.csv", b"\n\n \n", "c.csv is empty"),
    "header only": ("c.csv", b"a,b\n", r"c.csv has a header \(a, b\) and no rows"),
    "no header": ("c.csv", b"1,2\n3,4\n", "c.csv has no header: its first line is '1,2'"),
    "binary junk": ("c.csv", bytes(range(256)) * 40, r"c.csv is not text|c.csv is not UTF-8"),
    "random bytes": ("c.bin", bytes((i * 7919) % 251 + 4 for i in range(9_000)), "c.bin is not"),
    "binary junk as Parquet": ("c.parquet", bytes(range(256)), "c.parquet is not Parquet"),
    "Parquet cut short": ("c.parquet", b"PAR1" + b"x" * 100, "c.parquet cannot be read as Parquet"),
    "Latin-1": (
        "c.csv",
        "a,b\n1,caf\u00e9\n".encode("latin-1"),
        r"not UTF-8: byte 0xe9 in line 2; as Windows-1252 it reads '.*café'.*iconv",
    ),
    "UTF-16": ("c.csv", "a,b\n1,2\n".encode("utf-16"), "c.csv is UTF-16, not UTF-8"),
    "too many fields": (
        "c.csv",
        b"a,b,c\n1,2,3\n4,5,6,7\n",
        "c.csv, line 3: 4 fields where the header has 3",
    ),
    "too few fields": ("c.csv", b"a,b,c\n1,2,3\n4,5\n", "c.csv, line 3: 2 fields where the header has 3"),
    "ragged far down": ("c.csv", b"a,b\n" + b"1,2\n" * 50_000 + b"1,2,3\n", "c.csv, line 50002: 3 fields"),
    "Latin-1 far down": ("c.csv", b"a,b\n" + b"1,2\n" * 300_000 + b"1,\xe9\n", "byte 0xe9 in line 300002"),
    "duplicate columns": ("c.csv", b"a,b,a\n1,2,3\n", "c.csv has two columns named 'a'"),
    "gzip cut short": (
        "c.csv.gz",
        gzip.compress(b"a,b\n" + b"1,2\n" * 9_000)[:40],
        "c.csv.gz cannot be decompressed",
    ),
    "Excel": ("c.xlsx", b"PK\x03\x04" + b"x" * 50, "c.xlsx is an Excel or zip file"),
    "bzip2": ("c.csv.bz2", bz2.compress(b"a,b\n1,2\n"), "c.csv.bz2 is compressed by bzip2; CSV"),
    "no JSON": ("c.jsonl", b"hello\n", "c.jsonl is not JSON lines: it begins with 'hello"),
    "broken JSON": ("c.jsonl", b'{"a": 1}\n{"a": \n', "c.jsonl cannot be read"),
    "JSON without rows": ("c.json", b"[]", "c.json"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken(case: str, tmp_path: Path) -> None:
    name, content, message = BROKEN[case]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        rows_of(path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "current.csv").write_text("a\n1\n")
    assert "does not exist; did you mean" in failure(tmp_path / "curent.csv")
    assert "current.csv" in failure(tmp_path / "curent.csv")
    assert "it holds current.csv" in failure(tmp_path / "zzz")
    assert "there is no folder" in failure(tmp_path / "nowhere" / "a.csv")


def test_glob_without_match(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert "no file matches" in failure(str(tmp_path / "*.parquet"))


def test_folder_url_and_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert f"is a directory; name its files, such as '{tmp_path}/*.csv'" in failure(tmp_path)
    assert "is a URL" in failure("s3://bucket/a.parquet")
    assert "the list of files is empty" in failure([])


def test_parquet_without_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "a.parquet")
    assert failure(tmp_path / "a.parquet") == "a.parquet has columns (a) and no rows"


def test_globs_unite_columns_and_types(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"x": pa.array([1], pa.int8()), "s": ["a"], "old": [1.0]}), tmp_path / "1.parquet"
    )
    pq.write_table(pa.table({"s": ["b"], "x": [2.5], "new": ["n"]}), tmp_path / "2.parquet")
    (tmp_path / "3.csv").write_text("x,s\n3,c\n")
    assert rows_of(str(tmp_path / "*.*")) == [
        {"x": 1.0, "s": "a", "old": 1.0, "new": None},
        {"x": 2.5, "s": "b", "old": None, "new": "n"},
        {"x": 3.0, "s": "c", "old": None, "new": None},
    ]


def test_a_column_of_numbers_and_text_is_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"x": ["a"]}), tmp_path / "2.parquet")
    assert rows_of(str(tmp_path / "*")) == [{"x": "1"}, {"x": "2"}, {"x": "a"}]


def test_a_list_and_a_number_have_no_common_type(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"x": [[1]]}), tmp_path / "2.parquet")
    assert "column 'x' is int64 in 1.parquet and list<element: int64> in 2.parquet" in failure(
        str(tmp_path / "*")
    )


ODD = [
    "a b",
    'quote"d',
    "it's",
    "naïve 😀",
    "x; DROP TABLE rows; --",
    "a.b",
    "SELECT",
    "a,b",
    "c0",
    "back`tick",
    "line\nbreak",
    "*",
]


@pytest.mark.parametrize("format_", ["csv", "parquet", "jsonl"])
def test_odd_names(format_: str, tmp_path: Path) -> None:
    table = pa.table({name: pa.array([float(i), i + 0.5]) for i, name in enumerate(ODD)})
    path = tmp_path / f"it's [1] 😀.{format_}"
    if format_ == "parquet":
        pq.write_table(table, path)
    elif format_ == "csv":
        table.to_pandas().to_csv(path, index=False)
    else:
        table.to_pandas().to_json(path, orient="records", lines=True)
    assert rows_of(path) == table.to_pylist()


def test_names_that_differ_in_case(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("a,A\n1,2\n3,4\n")
    assert rows_of(tmp_path / "c.csv") == [{"a": 1.0, "A": 2.0}, {"a": 3.0, "A": 4.0}]


def test_five_thousand_columns(tmp_path: Path) -> None:
    names = [f"x{i}" for i in range(5_000)]
    (tmp_path / "c.csv").write_text("\n".join([",".join(names)] + [",".join(["1.5"] * 5_000)] * 3))
    pq.write_table(pa.table({n: [1.5] * 3 for n in names}), tmp_path / "c.parquet")
    for path in (tmp_path / "c.csv", tmp_path / "c.parquet"):
        chunk = next(iter(open_rows(path, MODEL).chunks()))
        assert chunk.batch.num_columns == 5_000
        assert chunk.batch.num_rows == 3


def test_line_ends(tmp_path: Path) -> None:
    for i, content in enumerate(
        [
            b"a,b\r\n1,2\r\n3,4\r\n",
            b"a,b\r\n1,2\n3,4\r\n",
            b"\xef\xbb\xbfa,b\n1,2\n3,4",
            b"a,b\n1,2\n3,4\n\n\n",
        ]
    ):
        (tmp_path / f"{i}.csv").write_bytes(content)
        assert rows_of(tmp_path / f"{i}.csv") == [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}]


def test_rows_that_look_like_comments_are_rows(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("colour,n\n#ff0000,1\n#00ff00,2\n")
    assert [r["colour"] for r in rows_of(tmp_path / "c.csv")] == ["#ff0000", "#00ff00"]


def test_words_are_not_turned_into_booleans(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("answer,code\nyes,00501\nno,10001\n")
    assert rows_of(tmp_path / "c.csv") == [
        {"answer": "yes", "code": "00501"},
        {"answer": "no", "code": "10001"},
    ]


def test_one_wrong_value_late_does_not_change_a_column(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("x\n" + "1.5\n" * 60_000 + "oops\n")
    chunks = list(open_rows(tmp_path / "c.csv", MODEL).chunks())
    aside = sum((c.aside for c in chunks[1:]), chunks[0].aside)
    assert aside.counts == {"column 'x' should hold numbers": 1}
    assert aside.examples == {"column 'x' should hold numbers": "oops"}
    assert sum(c.batch.num_rows - c.batch.column("x").null_count for c in chunks) == 60_000


def test_json_of_mixed_values(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"a": 1, "m": 1, "l": [1]}\n{"m": "x \\"q\\"", "a": null, "l": [], "b": true}\n'
    )
    rows = open_rows(tmp_path / "c.jsonl", MODEL)
    chunk = next(iter(rows.chunks()))
    assert chunk.batch.to_pylist() == [
        {"a": 1.0, "m": "1", "b": None},
        {"a": None, "m": 'x "q"', "b": "true"},
    ]
    assert list(chunk.aside.counts.values()) == [2]
    assert "'l' holds list" in next(iter(chunk.aside.counts))


def test_json_array(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('[{"a": 1},\n {"a": 2}]')
    assert rows_of(tmp_path / "c.json") == [{"a": 1.0}, {"a": 2.0}]


def test_head_keeps_types(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("a,s,t\n" + "1,x,2026-01-31 10:00:00\n" * 100)
    table = head(tmp_path / "c.csv", 7)
    assert table.num_rows == 7
    assert table.schema.types == [pa.int64(), pa.string(), pa.timestamp("us")]
    pq.write_table(pa.table({"s": ["a", None] * 50, "l": [[1]] * 100}), tmp_path / "p.parquet")
    assert head(str(tmp_path / "p.parquet"), 3).to_pylist() == [
        {"s": "a", "l": [1]},
        {"s": None, "l": [1]},
        {"s": "a", "l": [1]},
    ]


def test_a_file_that_may_not_be_read_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.csv"
    path.write_text("a\n1\n")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(WatchkeeperError, match=r"c.csv may not be read: permission denied"):
        open_rows(path, MODEL)
