"""The readers of CSV and Parquet: each row or the reason why it is none, with the reader's own codes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.csv_rows import CsvCodes, csv_rows
from gatecourt.formats.parquet import parquet_file

CODES = CsvCodes(syntax="t.syntax", header="t.header", cells="t.cells")


def rows(tmp_path: Path, data: bytes) -> list[object]:
    (tmp_path / "a.csv").write_bytes(data)
    return list(csv_rows(tmp_path / "a.csv", "a.csv", CODES))


def test_rows_know_the_line_at_which_they_begin(tmp_path: Path) -> None:
    assert rows(tmp_path, b'a,b\r\n1,"x\ny"\r\n2,') == [(1, ["a", "b"]), (2, ["1", "x\ny"]), (4, ["2", ""])]


def test_a_row_of_another_length_does_not_hide_the_next(tmp_path: Path) -> None:
    assert rows(tmp_path, b"a,b\n1\n\n1,2,3\n4,5\n") == [
        (1, ["a", "b"]),
        Finding("a.csv:2", "2 cells", "1 cells", "t.cells"),
        Finding("a.csv:3", "2 cells", "0 cells", "t.cells"),
        Finding("a.csv:4", "2 cells", "3 cells", "t.cells"),
        (5, ["4", "5"]),
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"a,a\n1,2\n", "\ufeffa,b\n1,2\n".encode()],
    ids=["empty", "twice", "mark"],
)
def test_a_header_that_is_none_ends_the_file(tmp_path: Path, data: bytes) -> None:
    (found,) = rows(tmp_path, data)
    assert isinstance(found, Finding)
    assert (found.where, found.expected, found.rule) == ("a.csv:1", "a header of distinct names", "t.header")


def test_text_that_is_no_csv(tmp_path: Path) -> None:
    assert rows(tmp_path, b"a,b\n1,\xff\n") == [Finding("a.csv", "UTF-8", "byte 0xff at offset 6", "t.syntax")]
    *before, last = rows(tmp_path, b'a,b\n1,2\n3,"4"5\n6,7\n')
    assert before == [(1, ["a", "b"]), (2, ["1", "2"])]
    assert last == Finding("a.csv:3", "a CSV record", "',' expected after '\"'", "t.syntax")


def test_a_csv_file_that_is_not_there(tmp_path: Path) -> None:
    assert list(csv_rows(tmp_path / "none.csv", "none.csv", CODES)) == [
        Finding("none.csv", "a readable file", "No such file or directory", "artefact.unreadable")
    ]


def test_a_parquet_file_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / "a=1[b]*.parquet"
    with duckdb.connect() as connection:
        connection.sql("SELECT i::SMALLINT AS n, i / 2 AS half FROM range(3) AS r(i)").write_parquet(
            str(tmp_path / "plain.parquet")
        )
        (tmp_path / "plain.parquet").rename(path)
        with parquet_file(connection, path, "x/a.parquet", "t.parquet") as file:
            assert file.columns() == {"n": "SMALLINT", "half": "DOUBLE"}
            arrays = file.arrays(['"half"', "n + 1 AS more"])
            assert {name: array.tolist() for name, array in arrays.items()} == {
                "half": [0.0, 0.5, 1.0],
                "more": [1, 2, 3],
            }
        with parquet_file(connection, path, "x/a.parquet", "t.parquet", numbered=True) as file:
            assert list(file.columns()) == ["n", "half"]
            assert file.arrays(["file_row_number"])["file_row_number"].tolist() == [0, 1, 2]


def test_a_parquet_file_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with (
        duckdb.connect() as connection,
        parquet_file(connection, tmp_path / "a.parquet", "x/a.parquet", "t.parquet") as file,
        pytest.raises(Judged) as raised,
    ):
        file.columns()
    finding = raised.value.finding
    assert (finding.where, finding.expected, finding.rule) == ("x/a.parquet", "a readable Parquet file", "t.parquet")
    assert "x/a.parquet" in finding.observed
    assert str(tmp_path) not in finding.observed
