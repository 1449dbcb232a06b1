"""Answers as CSV: what pandas reads is what was asked, and no spreadsheet computes it."""

from __future__ import annotations

import asyncio
import io
import unicodedata
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


@given(st.lists(TEXTS, min_size=1, max_size=5))
@example([" =1", "\u3000=1", "\uff1d1", "\uff0b1"])
@example(["=1+1", "+1", "-x", "@SUM(A1)", "\t=1", "-1.5", 'a"b', "a,b", "two\nlines", "1e5", "'=1"])
def test_pandas_reads_what_was_written(texts: list[str]) -> None:
    """Each text; one that would be a formula has an apostrophe before it, a number has none."""
    table = io.BytesIO(b"".join(asyncio.run(as_csv(*texts))))
    read = pd.read_csv(table, dtype=str, keep_default_na=False)["text"].tolist()
    for cell, text in zip(read, texts, strict=True):
        is_number = cell.lstrip("+-").replace(".", "", 1).replace("e", "", 1).isdecimal()
        assert cell in {text, f"'{text}"}
        first = unicodedata.normalize("NFKC", cell.lstrip() or " ")[0]
        assert first not in "=@\t" and (first not in "+-" or is_number)  # noqa: PT018 - one cell, one verdict


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
    """So that two files of a term are told apart."""
    async with open_hall() as hall:
        code = await hall.open_room("Größen")
        answer = await hall.ask("GET", f"rooms/{code}/answers", Accept="text/csv")
        assert answer.headers["Content-Disposition"] == attachment(f"Größen {code}.csv", f"answers-{code}.csv")
