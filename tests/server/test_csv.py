"""Answers as CSV: what pandas reads is what was asked, and no spreadsheet computes it."""

from __future__ import annotations

import asyncio
import codecs
import csv
import io
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pandas as pd
import pytest
from hall import open_hall
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct

from livepoll_jupyter.server.lists import CSV_PIECE, attachment, csv_lines

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n"), min_size=1)


class Row(Struct, frozen=True):
    """A record with an answer."""

    answer: str


async def rows(*answers: str) -> AsyncGenerator[list[Row], None]:
    """One list of records."""
    yield [Row(answer) for answer in answers]


async def as_csv(*texts: str) -> list[bytes]:
    """The pieces of a table of ids and texts."""
    return [piece async for piece in csv_lines(["answer", "text"], rows(*texts), lambda row: {"text": row.answer})]


FORMULAS = {
    "=1+1": "'=1+1", "=cmd|'/c calc'!A1": "'=cmd|'/c calc'!A1", "+1+1": "'+1+1", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)",
    "=": "'=", "+": "'+", "-": "'-", "@": "'@", "-x": "'-x", "--1": "'--1", "-5%": "'-5%", "+49 30 1": "'+49 30 1",
    "-1,5": "'-1,5", "- 5": "'- 5", "\t=1": "'\t'=1", "\n=1": "'\n'=1", " =1": " '=1", "\u00a0=1": "\u00a0'=1",
    '="a"&"b"': "'=\"a\"&\"b\"", "\uff1d1+1": "'\uff1d1+1", "\uff0b1": "'\uff0b1", "\uff0d1": "'\uff0d1", "\uff20x": "'\uff20x",
    "a;=1+1;b": "a;'=1+1;b", "a; =1": "a; '=1", "a\t=1": "a\t'=1", "a\n=1": "a\n'=1", "a\n\n@f\ndef g": "a\n\n'@f\ndef g",
    "-1;-2": "-1;-2", "-1;-x": "-1;'-x", '";=1': "\";'=1", "=1;=2": "'=1;'=2", '=A("b","c")': "'=A(\"b\",\"c\")",
    "=\n=": "'=\n'=", "\u2212=1": "\u2212=1", "'=1": "'=1", "a=1": "a=1", "a -1": "a -1",
}  # fmt: skip
"""What a spreadsheet would compute, with commas, semicolons or tabs between cells, and how it is written."""

SIGNS = [
    "",
    " ",
    ",",
    ";",
    '"',
    '""',
    "'",
    "\\",
    "\n",
    "\r\n",
    "\u2028",
    "\u00a0",
    "\ufeff",
    "ä",
    "語",
    "😀",
    "\u200f",
    "0",
    "#",
]
NUMBERS = ["-1.5", "+1", "1e5", "-.5", "007", "1,000", "1.000,5", "00", "1_000", "0x1F", "1/2", "12:30", "2026-01-02"]
WORDS = [
    "NA", "nan", "NULL", "None", "True", "#N/A", "inf", "Größe", "Ångström", "naïve", "שלום?", "x²", "µ", "√2", "½",
    "1/(2x)", "two\nlines", "two\r\nlines", "a, b; c", 'say "yes"', "a\tb", "x = 1\n  print(x)", "• one\n• two", "a | b",
    "\\n", "\\N", "\\,", "x" * 1_000, "e\u0301", "café", "%s", "{0}", "<b>", "&amp;", "`", "$", "C:\\new", "[1, 2]", "(",
    "a" * 5 + '"' * 5, "\U0001f469\u200d\U0001f3eb", "\u0661\u0662",
]  # fmt: skip
HARMLESS = [*dict.fromkeys([*(f"{a}x{b}" for a in SIGNS if "\n" not in a for b in SIGNS), *NUMBERS, *WORDS])]


def table_of(texts: list[str]) -> bytes:
    """A file with these texts."""
    return b"".join(asyncio.run(as_csv(*texts)))


def read_by_pandas(file: bytes) -> list[str]:
    """The texts that pandas reads."""
    read: list[str] = pd.read_csv(io.BytesIO(file), dtype=str, keep_default_na=False)["text"].tolist()
    return read


def read_by_csv(file: bytes) -> list[str]:
    """The texts that Python's own module reads."""
    return [row["text"] for row in csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""))]


def test_odd_texts_are_read_as_they_were_written() -> None:
    """By pandas and by Python's csv: quotes, line ends, blanks, all scripts, and what looks like a number."""
    assert len(HARMLESS) > 200
    file = table_of(HARMLESS)
    assert read_by_csv(file) == HARMLESS
    assert read_by_pandas(file) == HARMLESS


def test_no_spreadsheet_computes_a_text() -> None:
    """An apostrophe stands before what would be a formula; numbers have none."""
    file = table_of([*FORMULAS])
    assert read_by_pandas(file) == read_by_csv(file) == [*FORMULAS.values()]


@given(st.lists(TEXTS, min_size=1, max_size=5))
@example([" =1", "\u3000=1", "\uff1d1", "\uff0b1"])
@example(["-1.5", 'a"b', "'=1", "\t1", "+0", "a;-0"])
def test_pandas_reads_what_was_written(texts: list[str]) -> None:
    """Any text but for apostrophes before formulas, of which none is left with another separator either."""
    read = read_by_pandas(table_of(texts))
    for cell, text in zip(read, texts, strict=True):
        assert cell.replace("'", "") == text.replace("'", "")
        for part in re.split(r"[;\t\n]", cell):
            assert part.strip()[:1] not in {*"=@\uff1d\uff0b\uff0d\uff20"}
            assert part.strip()[:1] not in {*"+-"} or isinstance(float(part), float)


def test_excel_takes_the_file_for_utf_8() -> None:
    """By the mark at its beginning, which pandas leaves out of the first name, of bytes and of a text."""
    file = table_of(["Größe"])
    assert file.startswith(codecs.BOM_UTF8)
    assert file.count(codecs.BOM_UTF8) == 1
    for source in (io.BytesIO(file), io.StringIO(file.decode())):
        assert pd.read_csv(source).columns.tolist() == ["answer", "text"]


async def test_long_texts_make_more_pieces_and_not_longer_ones() -> None:
    """However many rows have the same long question."""
    pieces = await as_csv(*["x" * 4_000] * 200)
    assert max(map(len, pieces)) < CSV_PIECE + 2 * 4_000 + 100


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Stats 1 ABC234.csv", "Stats 1 ABC234.csv"),
        ('Zäh/"x"\r\n 数 A.csv', "Zäh x 数 A.csv"),
        ("'100%' A.csv", "'100%' A.csv"),
    ],
)
def test_a_file_is_named_after_its_room(name: str, shown: str) -> None:
    """In all letters, and in a header that is ASCII and one line."""
    header = attachment(name, "answers.csv")
    assert header.isascii()
    assert header.isprintable()
    start, _, encoded = header.partition("filename*=UTF-8''")
    assert start == 'attachment; filename="answers.csv"; '
    assert unquote(encoded) == shown


async def test_an_answers_file_has_the_rooms_title_and_code() -> None:
    """So that two files of a term are told apart; after its end too."""
    async with open_hall() as hall:
        code = await hall.open_room("Größen")
        answer = await hall.ask("GET", f"rooms/{code}/answers", Accept="text/csv")
        named = attachment(f"Größen {code}.csv", f"answers-{code}.csv")
        assert answer.headers["Content-Disposition"] == named
        await hall.ask("DELETE", f"rooms/{code}")
        ended = await hall.ask("GET", f"rooms/{code}/answers", Accept="text/csv")
        assert (ended.code, ended.headers["Content-Disposition"]) == (200, named)
