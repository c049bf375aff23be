"""Files as text: encodings, delimiters, headers, ragged and blank rows, and the kinds of files that are refused."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from datetime import date, datetime
from functools import partial
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.readers.files import load
from tests.readers.sheets import connect, faults, rows, write

TEXT = 'id,name\nD1,"Größe, ""gut"""\nD2,"two\nlines"\n'
READ = [(1, "D1", 'Größe, "gut"'), (2, "D2", "two\nlines")]


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32-le"),
        (b"\0\0\xfe\xff", "utf-32-be"),
        (b"\xfe\xff", "utf-32-be"),  # written so by some programs: the mark of UTF-16 before UTF-32
        (b"\xfe\xff", "utf-32-le"),
        (b"", "cp1252"),
    ],
)
def test_every_encoding_gives_the_same_rows(tmp_path: Path, mark: bytes, codec: str) -> None:
    sheet = load(connect(), write(tmp_path / "deals.csv", mark + TEXT.encode(codec)))
    assert sheet.columns == ("id", "name")
    assert rows(sheet) == READ


def test_a_fallback_to_windows_1252_is_noted(tmp_path: Path) -> None:
    assert "windows-1252" in load(connect(), write(tmp_path / "a.csv", TEXT.encode("cp1252"))).notes[0].what
    assert load(connect(), write(tmp_path / "b.csv", TEXT)).notes == ()


def test_a_byte_that_fits_no_encoding_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "deals.csv", b"id,name\nD1,\xe9t\xe9\nD2,\x81\n")
    (fault,) = faults(lambda: load(connect(), path))
    assert "byte 12, E9" in fault.what
    assert "byte 19, 81" in fault.what
    assert "--encoding" in fault.remedy
    assert rows(load(connect(), path, encoding="cp437")) == [(1, "D1", "ΘtΘ"), (2, "D2", "ü")]


def test_an_encoding_that_does_not_fit_or_exist_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "deals.csv", "id\nD1é\n".encode("cp1252"))
    assert "byte 6" in faults(lambda: load(connect(), path, encoding="utf-8"))[0].what
    assert "klingon" in faults(lambda: load(connect(), path, encoding="klingon"))[0].what


def test_gzip_is_read_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "deals.csv.gz", gzip.compress(TEXT.encode()))
    assert rows(load(connect(), path)) == READ
    assert rows(load(connect(), write(path, gzip.compress(TEXT.encode("utf-16"))))) == READ
    cut = write(tmp_path / "cut.csv.gz", gzip.compress(TEXT.encode() * 99)[:-12])
    assert "cut off" in faults(lambda: load(connect(), cut))[0].what


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = TEXT.replace("id,name", f"id{delimiter}name").replace("D1,", f"D1{delimiter}").replace("D2,", f"D2{delimiter}")
    assert rows(load(connect(), write(tmp_path / "deals.csv", text))) == READ


def test_a_delimiter_in_values_does_not_win(tmp_path: Path) -> None:
    text = "id;amount;note\nD1;1,5;a,b,c\nD2;2,5;d\n"
    assert load(connect(), write(tmp_path / "deals.csv", text)).columns == ("id", "amount", "note")


def test_a_delimiter_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "deals.csv", "a,b;c\n1,2;3\n")
    assert "--delimiter" in faults(lambda: load(connect(), path))[0].remedy
    assert load(connect(), path, delimiter="semicolon").columns == ("a,b", "c")


def test_a_lone_column_and_a_header_alone(tmp_path: Path) -> None:
    assert rows(load(connect(), write(tmp_path / "one.csv", "id\nD1\n\nD2\n"))) == [(1, "D1"), (3, "D2")]
    empty = load(connect(), write(tmp_path / "none.csv", "id,name\n"))
    assert (empty.rows, empty.columns) == (0, ("id", "name"))


def test_excels_separator_line_is_heeded(tmp_path: Path) -> None:
    assert rows(load(connect(), write(tmp_path / "deals.csv", "sep=;\r\nid;a\r\nD1;x\r\n"))) == [(1, "D1", "x")]


def test_values_and_names_are_trimmed_of_every_space(tmp_path: Path) -> None:
    path = write(tmp_path / "deals.csv", 'id ,"\u3000name\u00a0"\n D1 ,"\u3000\u00a0x y\u2009"\nD2,"\u00a0"\n')
    sheet = load(connect(), path)
    assert sheet.columns == ("id", "name")
    assert rows(sheet) == [(1, "D1", "x y"), (2, "D2", None)]


def test_blank_rows_are_passed_over_but_numbered(tmp_path: Path) -> None:
    sheet = load(connect(), write(tmp_path / "deals.csv", 'id,a\nD1,x\n,\n\n" ",\nD2,"p\n\nq"\n\n\n'))
    assert rows(sheet) == [(1, "D1", "x"), (5, "D2", "p\n\nq")]
    assert sheet.blank_rows == 5
    assert load(connect(), write(tmp_path / "end.csv", "id,a\nD1,x\n\n\n\n")).blank_rows == 3


def test_empty_columns_at_the_right_are_dropped_and_others_named(tmp_path: Path) -> None:
    assert load(connect(), write(tmp_path / "a.csv", "id,a,,\nD1,x,,\nD2,y\n")).columns == ("id", "a")
    sheet = load(connect(), write(tmp_path / "b.csv", "id,,a,\nD1,,x,z\n"))
    assert sheet.columns == ("id", "column_2", "a", "column_4")


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    (fault,) = faults(lambda: load(connect(), write(tmp_path / "deals.csv", "Stage,id,stage\na,b,c\n")))
    assert "1 (Stage)" in fault.what
    assert "3 (stage)" in fault.what


def test_ragged_rows_are_all_named_with_their_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "deals.csv", 'id,a,b\nD1,"x\ny",z\nD2,x\nD3,x,y,\nD4,x,y,z\nD5\n')
    short, long = faults(lambda: load(connect(), path))
    assert (short.rows, short.count) == ([2, 5], 2)
    assert "lines 4, 7" in short.what
    assert (long.rows, long.values) == ([4], ["D4,x,y,z"])
    assert "line 6" in long.what


def test_broken_quoting_names_its_line(tmp_path: Path) -> None:
    (fault,) = faults(lambda: load(connect(), write(tmp_path / "a.csv", 'id,a\nD1,x\nD2,"open\nD3,y\n')))
    assert "line 2" in fault.what
    assert "never closed" in fault.what
    assert "quoting" in faults(lambda: load(connect(), write(tmp_path / "b.csv", 'id,a\nD1,"x"y\n')))[0].what


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "mixed"])
def test_every_kind_of_line_end(tmp_path: Path, ends: str) -> None:
    text = "id,a\r\nD1,x\nD2,y\r\n" if ends == "mixed" else ends.join(["id,a", "D1,x", "D2,y", ""])
    assert rows(load(connect(), write(tmp_path / "deals.csv", text))) == [(1, "D1", "x"), (2, "D2", "y")]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    assert "no file" in faults(lambda: load(connect(), tmp_path / "absent.csv"))[0].what
    assert "directory" in faults(lambda: load(connect(), tmp_path))[0].what
    for content in (b"", b"\n", b" \n\n", b"\xef\xbb\xbf"):
        assert "empty" in faults(partial(load, connect(), write(tmp_path / "empty.csv", content)))[0].what
    assert "PDF" in faults(lambda: load(connect(), write(tmp_path / "a.csv", b"%PDF-1.7\n")))[0].what
    assert "byte 4 is zero" in faults(lambda: load(connect(), write(tmp_path / "b.csv", b"abc\0def\n")))[0].what
    assert "workbook" in faults(lambda: load(connect(), write(tmp_path / "c.xlsx", b"PK\x03\x04nothing")))[0].what
    assert "Parquet" in faults(lambda: load(connect(), write(tmp_path / "d.parquet", b"PAR1nothing")))[0].what


def test_a_title_above_the_header_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "deals.csv", "Report of today\nid,a\nD1,x\n")
    assert "has one field" in faults(lambda: load(connect(), path))[0].what


def test_many_rows_keep_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("id,note\n" + "".join(f'{n},"{n % 7} ""x"", {n}"\n' for n in range(1, 400_001)), encoding="utf-8")
    con = duckdb.connect(config={"threads": 4})
    sheet = load(con, path)
    assert con.execute(f"SELECT count(*), count(*) FILTER (_row <> id::BIGINT) FROM {sheet.table}").fetchall() == [(400_000, 0)]


def test_two_sheets_live_on_one_connection(tmp_path: Path) -> None:
    con = connect()
    first, second = (load(con, write(tmp_path / name, f"id\n{name}\n")) for name in ("a.csv", "b.csv"))
    assert (rows(first), rows(second)) == ([(1, "a.csv")], [(1, "b.csv")])


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cf")), max_size=6)


@given(st.lists(st.tuples(CELL, CELL), max_size=8), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_what_was_written_is_read(tmp_path: Path, body: list[tuple[str, str]], delimiter: str, ends: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "a"), *body])
    sheet = load(connect(), write(tmp_path / "deals.csv", text.getvalue()))
    expected = [(n, a or None, b or None) for n, (a, b) in enumerate(body, 1) if a or b]
    assert rows(sheet) == expected
    assert sheet.blank_rows == len(body) - len(expected)


def test_parquet_keeps_its_types_beside_the_text(tmp_path: Path) -> None:
    con = connect()
    con.execute("SET TimeZone = 'Asia/Tokyo'")
    con.execute(
        f"COPY (SELECT 'D1' AS id, 12.50::DECIMAL(9, 2) AS amount, DATE '2026-01-31' AS day, "
        f"TIMESTAMPTZ '2026-01-31 09:00:00+00' AS at, NULL::INTEGER AS n) TO '{tmp_path}/deals.parquet' (FORMAT parquet)"
    )
    sheet = load(con, tmp_path / "deals.parquet")
    assert rows(sheet) == [(1, "D1", "12.50", "2026-01-31", "2026-01-31 09:00:00+00", None)]
    assert sheet.typed == {"amount": "DECIMAL(9,2)", "day": "DATE", "at": "TIMESTAMP WITH TIME ZONE", "n": "INTEGER"}


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Deals"
    for line in (
        ["id", "amount", "day", "at", "mixed", None],
        ["D1", 1054, date(2026, 1, 31), datetime(2026, 1, 31, 9, 30), 1.234, None],
        [None, None, None, None, None, None],
        ["D2", 0.5, date(2026, 2, 1), datetime(2026, 2, 1), "1.234,50", None],
    ):
        page.append(line)
    book.save(tmp_path / "deals.xlsx")
    sheet = load(connect(), tmp_path / "deals.xlsx")
    assert sheet.columns == ("id", "amount", "day", "at", "mixed")
    # 1.234 is a number there: written so that it cannot pass for one thousand two hundred thirty-four.
    assert [row[:3] + row[5:] for row in rows(sheet)] == [(1, "D1", "1054", "1.2340"), (3, "D2", "0.5", "1.234,50")]
    assert [str(row[3])[:10] for row in rows(sheet)] == ["2026-01-31", "2026-02-01"]
    assert rows(sheet)[0][4] == "2026-01-31 09:30:00"
    assert sheet.typed is not None
    assert sheet.typed["amount"] == "DOUBLE"
    assert "mixed" not in sheet.typed
    book.create_sheet("Other").append(["x"])
    book.save(tmp_path / "deals.xlsx")
    assert "--sheet" in faults(lambda: load(connect(), tmp_path / "deals.xlsx"))[0].remedy
    assert "Nope" in faults(lambda: load(connect(), tmp_path / "deals.xlsx", sheet="Nope"))[0].what
    assert load(connect(), tmp_path / "deals.xlsx", sheet="Deals").rows == 2


def test_an_open_document_is_read(tmp_path: Path) -> None:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in ("id", "a")
    )
    values = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in ("D1", "x")
    )
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="S">'
        f"<table:table-row>{cells}</table:table-row><table:table-row>{values}</table:table-row>"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "deals.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert rows(load(connect(), tmp_path / "deals.ods")) == [(1, "D1", "x")]
